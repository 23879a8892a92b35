"""One outside thing a file: translates its errors into ours, decides nothing, knows only the core."""
