"""Writes store and journal anew without what a forgetting removed, also after one that was interrupted."""

from __future__ import annotations

import shutil

from reconcile.apply.forgetting import rewrite_journal
from reconcile.disk import write_private
from reconcile.store.file import FILE as STORE
from reconcile.store.file import rewrite_store
from reconcile.usecases.access import ProjectAccess
from reconcile.usecases.rehearsal.workplace import remove_left_behind

DUE = "rewrite-due"
"""File of the state folder that is there from the first removal of a forgetting until nothing of it is left in a free part of a file."""
LEFTOVERS = ("spool", "spill", "scratch")
"""Folders of the state folder that hold nothing which is needed while no command runs."""


class Rewriting(ProjectAccess):
    """The end of a forgetting: databases leave what is deleted in their files until something else takes its place."""

    def is_rewrite_due(self) -> bool:
        """Whether a forgetting was interrupted."""
        return (self.project.state / DUE).exists()

    def end_interrupted(self) -> bool:
        """Ends a forgetting that was interrupted. Returns whether there was one. It is called under the lock."""
        due = self.is_rewrite_due()
        if due:
            self._rewrite()
        return due

    def _begin_rewrite(self) -> None:
        """Notes on the disk that what is removed from now on has to leave the files, too."""
        write_private(self.project.state / DUE, "")

    def _rewrite(self) -> None:
        """Removes the folders of leftovers and writes journal and store anew; only then nothing is due any more."""
        state = self.project.state
        for name in LEFTOVERS:
            shutil.rmtree(state / name, ignore_errors=True)
        remove_left_behind(state, self.project.clock)
        with self._journal() as journal:
            rewrite_journal(journal)
        if (state / STORE).exists():
            rewrite_store(state)
        (state / DUE).unlink(missing_ok=True)
