"""A plan as people read it before anything is changed: rows, differences and a summary."""
