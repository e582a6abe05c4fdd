"""People from HR exports as CSV files, read so that no row is lost or shifted in silence."""
