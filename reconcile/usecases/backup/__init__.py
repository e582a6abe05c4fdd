"""Backs a project's state up, also while a run works in it, and restores it."""
