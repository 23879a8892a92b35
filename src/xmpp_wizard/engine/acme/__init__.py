"""Asking a public authority for certificates (ACME), step by step."""
