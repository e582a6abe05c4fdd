"""Rehearses a plan: applies it to local twins of its targets, and tells how they are then. Nothing is sent to a real system."""
