"""The records of our server: checked, entered, and kept right for as long as it runs."""
