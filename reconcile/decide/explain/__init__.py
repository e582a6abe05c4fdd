"""Explanations of a plan: common causes, source changes, sentences."""
