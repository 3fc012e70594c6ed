{{ review_mart(var('target_year')) }}
