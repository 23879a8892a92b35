"""What features are made of: what they may contribute, what several of them share, and the clients that prove them."""
