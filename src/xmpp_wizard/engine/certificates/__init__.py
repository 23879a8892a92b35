"""Certificates on the host: which are served, which come next, and what is wrong with them."""
