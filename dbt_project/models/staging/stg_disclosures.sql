{{ latest_rows('disclosures') }}
