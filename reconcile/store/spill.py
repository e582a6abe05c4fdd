"""The limit on what working tables may spill to disk."""

from __future__ import annotations

import shutil
from pathlib import Path

MOST = 64 << 30
"""Bytes that working tables may occupy on disk at the same time."""
SHARE = 2
"""The limit is at most this fraction (one half) of the free space when the store is opened: the journal and the store need room too."""
LIMITED = "max_temp_directory_size"
"""Text of DuckDB's error where the limit is reached."""


def spill_limit(folder: Path) -> int:
    """Bytes that may be spilled to a folder whose disk is as full as it is now."""
    return min(MOST, shutil.disk_usage(folder).free // SHARE)
