"""The memory that DuckDB may take: a fixed one while snapshots are taken, and while a plan is made one that grows with the rows of the store.

What needs more spills, which costs processor time: a tenth of that of a plan of a million people who have 1 GB.
"""

from __future__ import annotations

READING = 256_000_000
"""Bytes while snapshots are taken. A million users and a hundred thousand then need about the same."""
LEAST, MOST = 1_000_000_000, 4_000_000_000
"""Bytes while a plan is made, of a store with few rows and of one with many."""
PER_ROW = 500
"""Bytes that each row of the history beyond `FEW` adds while a plan is made."""
FEW = 1_000_000


def planning_bytes(rows: int, usable: int) -> int:
    """Returns the bytes for a plan over a store with so many rows; beyond the least, never more than half of what is usable."""
    wanted = LEAST + PER_ROW * max(0, rows - FEW)
    return max(LEAST, min(wanted, MOST, usable // 2))
