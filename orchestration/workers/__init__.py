"""Processes that read untrusted bytes: their limits, what they are asked, the pool of them."""
