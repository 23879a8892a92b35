"""What the program remembers between runs, each in files of its own."""
