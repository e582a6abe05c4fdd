"""Reading systems into the store, and judging whether a read proves absence."""
