{{ domain_mart('water') }}
