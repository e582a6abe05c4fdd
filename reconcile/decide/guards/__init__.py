"""Whether the finished plan stays inside its limits."""
