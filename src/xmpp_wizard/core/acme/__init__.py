"""Certificates from a public authority (ACME, RFC 8555): every decision, and nothing that touches the world."""
