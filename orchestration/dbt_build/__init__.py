"""Running dbt in this process: builds, documentation, the digest of a build's inputs."""
