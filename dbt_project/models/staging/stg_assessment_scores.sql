{{ latest_rows('assessment_scores') }}
