"""What speaks the wire protocols of the real systems locally: for the demo, the rehearsal and the tests."""
