"""Mappings say what should be true, as data."""
