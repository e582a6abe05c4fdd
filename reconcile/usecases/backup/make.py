"""Makes a backup: one file with the store, the journal with the audit, and the plans."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reconcile import __version__
from reconcile.apply.audit_head import FILE as AUDIT_HEAD
from reconcile.apply.journal import FILE as JOURNAL
from reconcile.apply.journal import Journal
from reconcile.apply.ledger import refuse_replaced
from reconcile.clock import Clock
from reconcile.store.file import FILE as STORE
from reconcile.store.plans.files import FOLDER as PLANS
from reconcile.usecases.backup.contents import FORMAT, MANIFEST, Manifest, described, is_plan, may_hold
from reconcile.usecases.backup.errors import BackupExists, NothingToBackUp
from reconcile.usecases.backup.store_copy import copy_of_store

_ODD = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made."""

    path: Path
    size: int
    manifest: Manifest


def back_up(state: Path, project: str, where: Path, clock: Clock) -> Backup:
    """Backs a state folder up to a file, or to a new one in a folder. Needs no lock: a run may be under way.

    Raises NothingToBackUp, ForeignJournal, JournalReplaced, BackupExists, StoreInMotion, StoreDamaged, DiskFull.
    """
    if not (state / JOURNAL).exists() and not (state / STORE).exists():
        raise NothingToBackUp(state)
    path = where / _name(project, clock) if where.is_dir() else where
    if path.exists():
        raise BackupExists(path)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as name:
        folder = Path(name)
        manifest = _manifest(project, clock, _gathered(state, folder, project, clock))
        written = folder / "backup.zip"
        _write(written, folder, manifest)
        size = written.stat().st_size
        # Unlike a rename, it takes the place of no file that came meanwhile.
        try:
            os.link(written, path)
        except FileExistsError:
            raise BackupExists(path) from None
        except OSError:
            # A file system without links.
            written.rename(path)
        _sync(path.parent)
    return Backup(path, size, manifest)


def _name(project: str, clock: Clock) -> str:
    return f"reconcile-{_ODD.sub('-', project)[:60]}-{clock.now():%Y%m%dT%H%M%SZ}.zip"


def _gathered(state: Path, folder: Path, project: str, clock: Clock) -> Path:
    """Copies everything into a folder, in an order in which nothing refers to what is not there yet.

    The journal comes after the store, which must not have taken over entries that it lacks, and after the head of the audit, which must be in it; the
    plans come last, for a run begins after its plan is saved.
    """
    if (state / STORE).exists():
        copy_of_store(state, folder)
    with contextlib.suppress(FileNotFoundError):
        _copy(state / AUDIT_HEAD, folder / AUDIT_HEAD)
    with contextlib.closing(Journal(state, clock)) as journal:
        journal.claim(project)
        # The store itself may be in use by a run.
        refuse_replaced(folder, journal)
        journal.copy_to(folder)
    for plan in sorted((state / PLANS).glob("*")):
        if plan.is_dir() and is_plan(plan.name):
            for file in sorted(plan.iterdir()):
                if may_hold(f"{PLANS}/{plan.name}/{file.name}"):
                    _copy_plan_file(file, folder / PLANS / plan.name / file.name)
    return folder


def _copy_plan_file(file: Path, copy: Path) -> None:
    """Copies a file of a plan; one that is removed meanwhile is not needed by anything."""
    copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileNotFoundError):
        _copy(file, copy)


def _copy(file: Path, copy: Path) -> None:
    shutil.copyfile(file, copy)
    copy.chmod(0o600)


def _manifest(project: str, clock: Clock, folder: Path) -> Manifest:
    with contextlib.closing(Journal(folder, clock)) as journal:
        head, unfinished = journal.audit.head(), journal.runs.unfinished()
    return Manifest(
        format=FORMAT,
        made=clock.stamp(),
        version=__version__,
        project=project,
        audit_head=head.hash if head else "",
        unfinished_run=unfinished[0] if unfinished else "",
        files={name: described(folder / name) for name in _files(folder)},
    )


def _files(folder: Path) -> Iterator[str]:
    names = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    return (name for name in names if may_hold(name))


def _write(path: Path, folder: Path, manifest: Manifest) -> None:
    """Writes the file for its owner alone, and flushes it to disk."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with open(handle, "w+b") as file:  # noqa: PTH123 - a descriptor has no path
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts:
            parts.writestr(MANIFEST, manifest.model_dump_json(indent=1))
            for name in manifest.files:
                parts.write(folder / name, name)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
