"""Decides one-off actions: what a person asks for, by account, and what the next run would make of it."""
