"""Deciding: relations in, plan fragments out. Nothing here can reach a system or write to one."""
