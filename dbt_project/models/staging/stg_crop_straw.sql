{{ latest_rows('crop_straw') }}
