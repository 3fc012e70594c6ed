"""A region: a province or city as a home of counties' data homes.

`members` has its folders and its list of counties, `layer` the published file over the counties'
published files, `page` the comparison of the counties. Nothing here loads a county: each is loaded
in its own home (orchestration/region.py).
"""
