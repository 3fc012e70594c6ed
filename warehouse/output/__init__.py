"""Files made from a publication: open data, SDMX, data dictionary, lineage, editions."""
