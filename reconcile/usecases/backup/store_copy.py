"""Takes a copy of the store as it is at one moment, also while another process writes it.

DuckDB lets no other process open a file that is written. So its bytes are copied: first the log, then the file. A checkpoint is the only
thing that takes blocks away which the file's header or its log refer to, and it changes the header: where the header is after the copy what
it was before, the copy is of one moment, at most with the beginning of a transaction more in its log, which DuckDB leaves out. What was copied
is then read whole, with the checksum of each block, into a new file.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

from reconcile.errors import StorageFault, StoreDamaged
from reconcile.store.file import FILE, copy_store
from reconcile.usecases.backup.errors import StoreInMotion

HEADERS = 3 * 4096
"""Bytes at the beginning of the file: its own header, and those of the last two checkpoints."""
TRIES = 20
PAUSE = 0.2
"""Seconds before another try."""


def copy_of_store(state: Path, folder: Path) -> Path:
    """Writes a copy of the store into a folder, verified. Raises StoreInMotion, StoreDamaged, DiskFull."""
    path, raw, copy = state / FILE, folder / "raw.duckdb", folder / FILE
    fault: StorageFault | None = None
    for _ in range(TRIES):
        if _copied(path, raw):
            try:
                copy_store(raw, copy)
            except StorageFault as error:
                # The store itself is damaged, or the copy is of no single moment after all: another one tells.
                fault = StoreDamaged(path, error.why.replace(str(raw), str(path))) if isinstance(error, StoreDamaged) else error
            else:
                _remove(raw)
                return copy
        time.sleep(PAUSE)
    _remove(raw)
    raise fault or StoreInMotion(path, TRIES)


def _copied(path: Path, raw: Path) -> bool:
    """Copies the log, then the file. Returns whether no checkpoint came in between."""
    log, raw_log = path.with_name(f"{path.name}.wal"), raw.with_name(f"{raw.name}.wal")
    _remove(raw)
    before = _headers(path)
    # Without a log everything is in the file.
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(log, raw_log)
    shutil.copyfile(path, raw)
    for each in (raw, raw_log):
        if each.exists():
            each.chmod(0o600)
    return _headers(path) == before


def _headers(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEADERS)


def _remove(raw: Path) -> None:
    for each in (raw, raw.with_name(f"{raw.name}.wal")):
        each.unlink(missing_ok=True)
