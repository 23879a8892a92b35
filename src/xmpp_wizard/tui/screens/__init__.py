"""One file for each screen; names and looks as people see them."""
