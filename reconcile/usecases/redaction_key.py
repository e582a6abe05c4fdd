"""The key of a project's redacted reports: a file of the state folder, for its owner alone."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from reconcile.disk import write_private
from reconcile.errors import ReconcileError

FILE = "redaction.key"
_FORM = re.compile(r"[0-9a-f]{64}\n?")


class NoRedactionKey(ReconcileError):
    """The file of the key of redacted reports holds something else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"{path}: no key of redacted reports. Put the right one back, or remove it: later reports then have other ids and hashes."
        )


def redaction_key(state: Path) -> bytes:
    """The key, which is made at the first redacted report. Raises NoRedactionKey."""
    if (known := known_redaction_key(state)) is not None:
        return known
    write_private(state / FILE, f"{secrets.token_hex(32)}\n")
    made = known_redaction_key(state)
    assert made is not None
    return made


def known_redaction_key(state: Path) -> bytes | None:
    """The key; None where no redacted report was made yet. Raises NoRedactionKey."""
    path = state / FILE
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return None
    if not _FORM.fullmatch(text):
        raise NoRedactionKey(path)
    return bytes.fromhex(text.strip())
