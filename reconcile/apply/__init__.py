"""The only holder of the write side of a target, and its journal."""
