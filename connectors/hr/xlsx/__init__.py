"""HR exports as Excel workbooks (.xlsx)."""
