"""The wanted server is written down, as this machine and others read it."""
