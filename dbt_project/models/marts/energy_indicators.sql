{{ domain_mart('energy') }}
