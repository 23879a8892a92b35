"""The people of a running server, as Prosody tells of them and is told."""
