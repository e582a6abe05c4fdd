"""Reconcile decides what must change so that accounts follow people, and applies exactly that."""

__version__ = "0.1.0"
