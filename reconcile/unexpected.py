"""Sentences for exceptions of a system: the foreseen ones speak for themselves, any other is a fault of the program to be reported."""

from __future__ import annotations

import traceback
from pathlib import Path

from connectors.errors import ConnectorError
from connectors.secrets import SecretMissing

FORESEEN = (ConnectorError, SecretMissing)
PACKAGES = ("connectors", "mappings", "reconcile")


def explained(error: Exception) -> str:
    """Explains an exception for the row or the system that it was raised for."""
    return str(error) if isinstance(error, FORESEEN) else fault(error)


def fault(error: Exception) -> str:
    """The kind of the exception and its place. Its own text may hold anything, a secret included, and is left out."""
    return f"the program failed unexpectedly ({type(error).__name__} in {_place(error)}). Report it as a bug, with this sentence"


def _place(error: Exception) -> str:
    """The innermost line of this program; of another one where it has no part in it."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if set(PACKAGES) & set(Path(frame.filename).parts[-4:-1])] or frames
    if not ours:
        return "an unknown place"
    parts = Path(ours[-1].filename).parts
    first = next((number for number in range(max(len(parts) - 4, 0), len(parts)) if parts[number] in PACKAGES), len(parts) - 1)
    return f"{'/'.join(parts[first:])}:{ours[-1].lineno}"
