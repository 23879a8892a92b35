"""The terminal wizard: collects answers and shows events; the only room that knows Textual."""
