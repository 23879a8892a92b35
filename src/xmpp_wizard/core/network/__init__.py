"""What lies between the world and the server on this machine: firewall, router, line, and a web server in front."""
