{{ latest_rows('radiation_sources') }}
