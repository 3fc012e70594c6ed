{{ domain_mart('waste') }}
