"""Builds identities: source rows merged by anchor, with lifecycle state, lookup values and managers."""
