"""Situations in which a backup cannot be made or restored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from connectors.quoting import quoted
from reconcile.errors import ExitCode, ReconcileError


class NothingToBackUp(ReconcileError):
    """The state folder has neither a journal nor a store yet."""

    exit_code = ExitCode.USAGE

    def __init__(self, state: Path) -> None:
        self.state = state
        super().__init__(f"{state}: nothing to back up; no command has written there yet. Run `reconcile extract` first.")


class BackupExists(ReconcileError):
    """The file that a backup would be written to is there."""

    exit_code = ExitCode.USAGE

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path}: there already. Name another file, or a folder: the backup gets a name of its own there.")


class StoreInMotion(ReconcileError):
    """The store was written so often that no copy of one moment could be taken."""

    exit_code = ExitCode.LOCKED

    def __init__(self, path: Path, tries: int) -> None:
        self.path, self.tries = path, tries
        super().__init__(f"{path}: no copy; it was written during each of {tries} tries. Try again when the run has ended.")


class BackupUnusable(ReconcileError):
    """A file is no backup, or not as it was written."""

    exit_code = ExitCode.UNTRUSTED

    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"{path}: not restored ({why}). Nothing was changed. Take another backup.")


class BackupOfAnother(ReconcileError):
    """A backup is of another project."""

    exit_code = ExitCode.BAD_CONFIGURATION

    def __init__(self, path: Path, owner: str, project: str) -> None:
        self.path, self.owner, self.project = path, owner, project
        super().__init__(
            f"{path}: not restored; it is of the project {quoted(owner)}, and this is {quoted(project)}. Name the project's own backup."
        )


class StateNotEmpty(ReconcileError):
    """The state folder holds what a restored backup would take the place of."""

    exit_code = ExitCode.USAGE

    def __init__(self, state: Path, found: Sequence[str], path: Path) -> None:
        self.state, self.found, self.path = state, tuple(found), path
        super().__init__(f"{state}: not empty ({', '.join(found)}). Add --replace to put that aside and restore the backup {path}.")
