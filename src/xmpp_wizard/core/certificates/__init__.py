"""Certificates as facts: what one is, when it is due, who makes it, and which of the admin's own is served."""
