"""The lake: archived bytes, accepted and rejected rows, and the manifests that commit them."""
