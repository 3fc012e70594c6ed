{{ domain_mart('forestry') }}
