{{ latest_rows('discharge_right_trades') }}
