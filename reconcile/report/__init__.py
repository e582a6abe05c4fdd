"""Plans and runs as text, HTML, CSV and JSON; every function here is pure and returns one string."""
