"""Guards: checks that a finished plan stays inside its limits."""
