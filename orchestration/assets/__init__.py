"""Assets and checks, from the departments' deliveries to the publication and its editions."""
