"""No two accounts hold one value, at any moment."""
