"""The plan as a value: its parts, its order, its bytes."""
