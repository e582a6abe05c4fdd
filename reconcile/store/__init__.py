"""The one place that opens DuckDB."""
