"""Everything that is written for a clerk: receipts, marked workbooks, templates."""

TAKEN, TO_CHECK, TO_MEND = VERDICTS = ("已入库", "请核对", "需修改")
"""The outcome of a file in a word, with which the names of its receipts begin."""
