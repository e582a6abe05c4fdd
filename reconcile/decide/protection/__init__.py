"""Protection: the entries of `[protected]`, and the accounts and groups that they protect."""
