"""The inverse of a run, and what cannot be undone."""
