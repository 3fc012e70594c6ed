{{ domain_mart('agriculture') }}
