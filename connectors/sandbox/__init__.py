"""Servers that speak the wire protocols of the real systems locally: for the demo, the rehearsal and the tests."""
