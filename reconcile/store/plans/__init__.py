"""Saved plans: a folder each, with a head and three Parquet files."""
