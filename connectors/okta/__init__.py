"""Okta's Management API as a source and a target."""
