"""Plans what takes the accounts of a target back to what an earlier snapshot held."""
