"""What pages with live values show, as rows: each with its word, its value, and what to do; nothing here draws."""
