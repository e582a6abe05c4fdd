"""Connectors talk to systems. They know nothing of mappings or plans."""
