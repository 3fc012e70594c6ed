{{ domain_mart('air') }}
