"""Figures of what costs time, memory and requests. Nothing here fails on a time: machines differ, so compare the ratios of one run."""
