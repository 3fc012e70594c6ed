{{ latest_rows('land_change_patches') }}
