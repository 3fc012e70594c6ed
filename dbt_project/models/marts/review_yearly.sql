{{ review_mart(reviewed_year()) }}
