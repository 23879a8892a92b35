"""Answers and features become the server that is wanted."""
