"""Reads an HR export of unknown form, to draft its contract. No run reads by this: a run reads by the contract alone."""
