"""Errors of `init`."""

from __future__ import annotations

from pathlib import Path

from reconcile.errors import ExitCode, ReconcileError


class NoDraft(ReconcileError):
    """A file of which no project can be drafted: it is no table of people."""

    exit_code = ExitCode.USAGE

    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"{path}: {why}. Nothing was written.")


class ProjectThere(ReconcileError):
    """A folder that a project is to be written into holds one of its files."""

    exit_code = ExitCode.USAGE

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path} is there already; nothing was overwritten. Choose another folder, or move it away.")
