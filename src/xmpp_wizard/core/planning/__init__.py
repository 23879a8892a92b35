"""What is wanted and what is there become a plan; one file for each kind of thing that is planned."""
