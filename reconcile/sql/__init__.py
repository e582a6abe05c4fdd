"""The fixed questions that are put to the store."""
