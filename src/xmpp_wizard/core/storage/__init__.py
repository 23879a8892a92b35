"""Where everybody's data are kept, and how they move."""
