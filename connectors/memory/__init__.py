"""A target in dictionaries: what plans are applied to where no wire is wanted."""
