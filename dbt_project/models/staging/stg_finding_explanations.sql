{{ latest_rows('finding_explanations') }}
