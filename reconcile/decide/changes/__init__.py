"""Changes: account state, attributes, memberships, deletions."""
