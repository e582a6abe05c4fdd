"""Twins: local systems that hold what a snapshot of a real one holds."""
