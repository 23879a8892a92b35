"""What a person can say, and the file that it is said in."""
