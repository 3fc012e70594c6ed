{{ latest_rows('pollutant_emissions') }}
