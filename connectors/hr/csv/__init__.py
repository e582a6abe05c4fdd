"""HR exports as CSV files."""
