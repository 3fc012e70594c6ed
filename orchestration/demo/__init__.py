"""The demonstration: a made-up county whose departments deliver every dataset.

Belongs here: names and figures of that county, the files that they are delivered in, and the home
that receives them. Nothing of it is measured: a home that is made here is marked (`mark`), and its
publications are.
"""
