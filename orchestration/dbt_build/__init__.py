"""dbt in the process of a load: manifest, build, inputs of a build, documentation."""
