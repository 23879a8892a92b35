"""Green means proven: what real clients do after each change."""
