"""Restores a backup: reads it as text of a stranger, verifies it beside the state folder, and only then puts it in its place."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from reconcile.apply.audit_check import first_problem
from reconcile.apply.journal import FILE as JOURNAL
from reconcile.apply.journal import Journal
from reconcile.clock import Clock
from reconcile.errors import ReconcileError
from reconcile.store.connection import Store
from reconcile.store.file import FILE as STORE
from reconcile.usecases.backup.contents import FORMAT, LARGEST_MANIFEST, MANIFEST, PIECE, BackedUpFile, Manifest, described, may_hold
from reconcile.usecases.backup.errors import BackupOfAnother, BackupUnusable, StateNotEmpty
from reconcile.usecases.run_lock import FILE as LOCK

ASIDE = "replaced-"
"""Prefix of the folder in the state folder that gets what was there before."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was restored."""

    manifest: Manifest
    aside: str
    """Name of the folder with what was there before; empty where nothing was."""


def restore(path: Path, state: Path, project: str, clock: Clock, *, replace: bool) -> Restored:
    """Restores a backup into a state folder. The caller holds its lock.

    Raises StateNotEmpty, BackupUnusable, BackupOfAnother; nothing was changed then.
    """
    there = sorted(each.name for each in state.iterdir() if each.name != LOCK and not each.name.startswith(ASIDE))
    if there and not replace:
        raise StateNotEmpty(state, there, path)
    with tempfile.TemporaryDirectory(dir=state, prefix=ASIDE) as name:
        folder = Path(name)
        with _readable(path), zipfile.ZipFile(path) as parts:
            manifest = _manifest(path, parts)
            if manifest.project != project:
                raise BackupOfAnother(path, manifest.project, project)
            _unpack(path, parts, manifest, folder)
        _verify(path, folder, manifest, clock)
        return Restored(manifest, _put_in_place(folder, state, there, clock))


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    """The time in which a ZIP file is read. Raises BackupUnusable for every way in which it cannot be."""
    try:
        yield
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise BackupUnusable(path, f"it is no ZIP file that can be read: {error}") from error
    except OSError as error:
        # Of a file that was cut short, the places of its parts are before its beginning.
        if error.errno != errno.EINVAL:
            raise
        raise BackupUnusable(path, "it is no ZIP file that can be read: it is cut short") from error


def _manifest(path: Path, parts: zipfile.ZipFile) -> Manifest:
    """The manifest, which names exactly the files that are there, each once. Raises BackupUnusable."""
    names = [each.filename for each in parts.infolist()]
    if methods := {each.compress_type for each in parts.infolist()} - {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise BackupUnusable(path, f"it is compressed in a way that no backup is: {min(methods)}")
    if names.count(MANIFEST) != 1 or parts.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise BackupUnusable(path, f"it holds no {MANIFEST}")
    # Read up to a length, no more than that is unpacked, whatever size the file states.
    with parts.open(MANIFEST) as file:
        body = file.read(LARGEST_MANIFEST)
    try:
        manifest = Manifest.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise BackupUnusable(path, f"{MANIFEST}: {'.'.join(map(str, first['loc']))[:100]}: {first['msg']}") from error
    if manifest.format != FORMAT:
        raise BackupUnusable(path, f"it has the format {manifest.format}, and this version reads {FORMAT}")
    if odd := sorted(name for name in {*names, *manifest.files} - {MANIFEST} if not may_hold(name)):
        raise BackupUnusable(path, f"it holds {ascii(odd[0])[:100]}, which no backup does")
    if sorted(names) != sorted([MANIFEST, *manifest.files]):
        raise BackupUnusable(path, f"{MANIFEST} does not name the files that are there")
    if JOURNAL not in manifest.files:
        raise BackupUnusable(path, f"it holds no {JOURNAL}")
    return manifest


def _unpack(path: Path, parts: zipfile.ZipFile, manifest: Manifest, folder: Path) -> None:
    """Writes the files for their owner alone, each no longer than the manifest says. Raises BackupUnusable where one differs."""
    for name, stated in manifest.files.items():
        copy = folder / PurePosixPath(name)
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(copy, _bounded(parts, name, stated))
        if described(copy) != stated:
            raise BackupUnusable(path, f"{name} is not as it was backed up")


def _bounded(parts: zipfile.ZipFile, name: str, stated: BackedUpFile) -> Iterator[bytes]:
    """The bytes of a file, at most one more than are stated."""
    left = stated.size + 1
    with parts.open(name) as file:
        while left and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


def _write(path: Path, body: Iterator[bytes]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor has no path
        file.writelines(body)
        file.flush()
        os.fsync(file.fileno())


def _verify(path: Path, folder: Path, manifest: Manifest, clock: Clock) -> None:
    """Opens what was unpacked as a command would. Raises BackupUnusable."""
    try:
        with contextlib.closing(Journal(folder, clock)) as journal:
            journal.claim(manifest.project)
            problem = first_problem(journal.audit.entries(), [manifest.audit_head] if manifest.audit_head else [])
        if STORE in manifest.files:
            with Store.open(folder, write=False) as store:
                store.rows("latest_snapshots")
    except ReconcileError as error:
        raise BackupUnusable(path, str(error).replace(str(folder), path.name)) from error
    if problem:
        raise BackupUnusable(path, f"its audit is not as recorded: entry {problem.sequence}, {problem.fault.value}")


def _put_in_place(folder: Path, state: Path, there: list[str], clock: Clock) -> str:
    """Moves what was there aside, and what was restored in its place: the journal last, without which the folder counts as not restored."""
    aside = state / f"{ASIDE}{clock.now():%Y%m%dT%H%M%S%f}Z"
    if there:
        aside.mkdir(mode=0o700)
        for name in there:
            (state / name).rename(aside / name)
    for name in sorted((each.name for each in folder.iterdir()), key=lambda name: (name == JOURNAL, name)):
        (folder / name).rename(state / name)
    return aside.name if there else ""
