"""How requests to an org are authorised."""
