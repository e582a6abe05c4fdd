"""What has to change: account state, attributes, memberships, deletions."""
