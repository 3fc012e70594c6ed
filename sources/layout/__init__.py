"""From a sheet as it stands to tables with one record a row."""
