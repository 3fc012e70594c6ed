"""Files made from what is published: open data, SDMX, dictionary, lineage, editions."""
