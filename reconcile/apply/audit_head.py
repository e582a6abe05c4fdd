"""Keeps the hash of the newest audit entry that left this machine in a notice, beside the journal: one that is restored from a backup lacks that entry."""

from __future__ import annotations

import json
import re
from pathlib import Path

from reconcile.apply.audit import AuditEntry
from reconcile.disk import write_private

FILE = "audit.head"
HASH = re.compile(r"[0-9a-f]{64}")
"""A head, as it is written."""


def keep_head(state: Path, entry: AuditEntry) -> None:
    """Writes down the entry as the newest one that a notice has sent."""
    write_private(state / FILE, json.dumps({"sequence": entry.sequence, "hash": entry.hash}) + "\n")


def kept_head(state: Path) -> str | None:
    """The hash that was written down last; empty where no notice has sent one, None where there is a file that does not say."""
    try:
        found = json.loads((state / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    except (ValueError, RecursionError):
        return None
    said = found.get("hash") if isinstance(found, dict) else None
    return said if isinstance(said, str) and HASH.fullmatch(said) else None
