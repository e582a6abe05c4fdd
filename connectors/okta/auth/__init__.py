"""Authorisation of requests to an org."""
