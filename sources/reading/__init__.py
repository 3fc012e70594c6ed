"""From a file's bytes to raw tables of text with the line number of every row.

Belongs here: encodings, separators, quoting, spreadsheets, archives. Nothing in here knows a
contract; what the cells mean is for `sources.recognise` and `sources.cleaning`.
"""
