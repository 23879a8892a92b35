"""A plan is carried out, recorded, and taken back where it fails."""
