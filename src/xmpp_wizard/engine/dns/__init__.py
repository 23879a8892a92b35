"""Asking and changing DNS, whatever the records are for."""
