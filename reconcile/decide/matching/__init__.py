"""Whose account is whose: links, correlation keys, situations."""
