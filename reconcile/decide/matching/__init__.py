"""Matches identities with accounts: links, correlation keys, situations."""
