"""Everything that is written for a clerk: receipts, marked workbooks, templates."""
