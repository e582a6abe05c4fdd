"""People from HR exports: what every kind of file has in common."""
