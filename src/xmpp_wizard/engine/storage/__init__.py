"""Everybody's data: moved between backends, handed on, and let go where they stayed behind."""
