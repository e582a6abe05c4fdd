"""Who is never touched: the entries of `[protected]`, and what they protect."""
