{{ review_mart(var('midterm_year')) }}
