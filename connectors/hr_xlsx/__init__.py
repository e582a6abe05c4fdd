"""People from HR exports as Excel workbooks (.xlsx), under the same contract as CSV files."""
