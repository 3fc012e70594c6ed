{{ latest_rows('soil_plots') }}
