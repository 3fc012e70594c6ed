{{ latest_rows('basin_measures') }}
