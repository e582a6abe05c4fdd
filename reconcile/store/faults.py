"""Faults of the store's file: which situation an error of DuckDB stands for. DuckDB tells many of them apart by their texts alone."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from reconcile.disk import is_full
from reconcile.errors import (
    DiskFull,
    ExitCode,
    FileUnusable,
    OutOfMemory,
    ReconcileError,
    SpillLimit,
    StorageFault,
    StoreBusy,
    StoreDamaged,
)
from reconcile.store.spill import LIMITED

HELD = ("Could not set lock", "Conflicting lock", "Unique file handle conflict", "being used by another process")
"""Text of DuckDB's error where another process has the file open."""
DAMAGED = (
    "Corrupt database",
    "not a valid DuckDB database",
    "Could not read enough bytes",
    "Failure while replaying WAL",
    "Serialization Error",
)
"""Texts of DuckDB's errors where a file is not as it wrote it."""
NO_SPACE = ("No space left", "failed to offload data block", "Disk quota exceeded", "File too large")
NEWER = "but we can only read"
"""Text of DuckDB's error where a later version of DuckDB wrote the file."""
_KIND = re.compile("^(IO|TransactionContext) Error: (Failed to commit: )?")
"""Text that DuckDB puts before the cause."""
_USED = re.compile(r"/([0-9.]+ [KMGT]?i?B) used")


class StoreNewer(StorageFault):
    """A later version of this program wrote the store."""

    exit_code = ExitCode.BAD_CONFIGURATION

    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(
            f"{path}: written by a later version ({why}). Install that version again, or restore a backup that was made before: "
            "reconcile restore-backup FILE --replace"
        )


class StoreOlder(ReconcileError):
    """The store is an older copy than the journal."""

    exit_code = ExitCode.BAD_CONFIGURATION

    def __init__(self, path: Path, system: str, has: str, known: str) -> None:
        self.path, self.system, self.has, self.known = path, system, has, known
        super().__init__(
            f"{path}: older than the journal. Its newest read of {system} is of {has}, and the journal knows one of {known}: "
            "it does not show what runs did since. Put the newer store back, or read the systems anew: `reconcile extract`."
        )


def store_fault(error: duckdb.Error, path: Path) -> ReconcileError | None:
    """The situation that an error of the store's file stands for; None where it is no fault of the file."""
    text = str(error)
    if any(words in text for words in NO_SPACE):
        return _no_space(text, path)
    if any(words in text for words in (NEWER, *DAMAGED)):
        return StoreNewer(path, "its file is of a later version of DuckDB") if NEWER in text else StoreDamaged(path, _fault_line(error))
    if isinstance(error, duckdb.OutOfMemoryException):
        return OutOfMemory(_fault_line(error))
    # A commit that cannot write the file's log names it: one that a constraint refuses does not.
    commit = isinstance(error, duckdb.TransactionException) and str(path) in text
    if not (commit or isinstance(error, duckdb.IOException)):
        return None
    if any(words in text for words in HELD):
        return StoreBusy(path)
    return DiskFull(path) if is_full(path) else FileUnusable(path, _fault_line(error))


def _no_space(text: str, path: Path) -> ReconcileError:
    return SpillLimit(path.parent / "spill", _used(text)) if LIMITED in text and not is_full(path) else DiskFull(path)


def _used(text: str) -> str:
    """The limit as DuckDB writes it."""
    found = _USED.search(text)
    return found[1] if found else ""


def _fault_line(error: Exception) -> str:
    return _KIND.sub("", (str(error).splitlines() or [type(error).__name__])[0])


def first_line(error: duckdb.Error) -> str:
    """Returns the first line of DuckDB's message about an expression, without the kind of error."""
    return str(error).splitlines()[0].partition(": ")[2]
