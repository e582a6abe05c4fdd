"""Opens the SQLite file of a journal: its tables, its project, its transactions.

Beside the store rather than in it: it can be read while it is written, and 15,000 durable entries a second fit into it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from reconcile.clock import SYSTEM, Clock
from reconcile.disk import is_full
from reconcile.errors import DiskFull, FileUnusable, ForeignJournal, JournalDamaged, ReconcileError, StoreBusy
from reconcile.store.statements import statements, statements_of

FILE = "journal.sqlite"

_SCHEMA = "apply/journal_schema"
"""The file of the statements that make the tables, in their order."""


class JournalFile:
    """The file of one state folder. Every call raises a StorageFault where the file or its disk fails."""

    def __init__(self, state: Path, clock: Clock = SYSTEM) -> None:
        self.clock = clock
        """The present moment of its entries."""
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = state / FILE
        self.path.touch(mode=0o600)
        with self._file():
            self._connection = sqlite3.connect(self.path, isolation_level=None)
            # SQLite's own lower() knows the letters of ASCII alone.
            self._connection.create_function("casefolded", 1, str.casefold, deterministic=True)
        for name in statements_of(_SCHEMA):
            self.do(name)
        if not self.rows("journal_id"):
            self.do("give_journal_an_id")
        self.id: str = self.rows("journal_id")[0][0]
        """The identity of this journal: one that took its place has another."""

    def rows(self, statement: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Runs a named statement. Returns its rows."""
        with self._file():
            return self._connection.execute(statements()[statement], parameters).fetchall()

    def do(self, statement: str, **parameters: object) -> None:
        """Runs a named statement."""
        with self._file():
            self._connection.execute(statements()[statement], parameters)

    def do_many(self, statement: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Runs a named statement once for each row of parameters."""
        with self._file():
            self._connection.executemany(statements()[statement], rows)

    def claim(self, project: str) -> None:
        """Binds the journal to a project. Raises ForeignJournal where it is bound to another."""
        _, owner = self.rows("journal_id")[0]
        if owner not in ("", project):
            raise ForeignJournal(self.path, owner, project)
        if not owner:
            self.give(project)

    def give(self, project: str) -> None:
        """Binds the journal to a project, also where it is bound to another."""
        self.do("set_journal_project", project=project)

    def close(self) -> None:
        self._connection.close()

    def copy_to(self, folder: Path) -> None:
        """Writes a copy of the file as it is at one moment, also while others write it, to a folder that has none."""
        path = folder / FILE
        path.touch(mode=0o600, exist_ok=False)
        with self._file(), closing(sqlite3.connect(path)) as copy:
            self._connection.backup(copy)

    def latest_moment(self) -> str:
        """The present moment, or the latest recorded one where this machine's clock was set back since."""
        known = self.rows("latest_moment_of_journal")[0][0]
        return max(self.clock.stamp(), known or "")

    def last_entry(self) -> int:
        """The number of the newest entry, 0 before the first."""
        return int(self.rows("last_entry_number")[0][0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction; inside another one, a part of that."""
        if self._connection.in_transaction:
            yield
            return
        self.do("begin_entries")
        try:
            yield
        except BaseException:
            # A full disk has ended the transaction already.
            if self._connection.in_transaction:
                self.do("roll_back_entries")
            raise
        self.do("commit_entries")

    @contextmanager
    def _file(self) -> Iterator[None]:
        """Raises an error of SQLite as its StorageFault."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.ProgrammingError | sqlite3.IntegrityError):
                raise
            raise _fault(error, self.path) from error


def _fault(error: sqlite3.Error, path: Path) -> ReconcileError:
    """Maps an error of SQLite to its error class. SQLite calls a full disk "disk I/O error" where it cannot make its shared memory."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(path)
    if code == sqlite3.SQLITE_FULL or (isinstance(error, sqlite3.OperationalError) and is_full(path)):
        return DiskFull(path)
    if isinstance(error, sqlite3.OperationalError):
        return FileUnusable(path, str(error))
    return JournalDamaged(path, str(error))


def newest_runs(state: Path, most: int) -> list[tuple[str, str]]:
    """The names of the newest live runs with their plans, from a file that is opened for reading only; none where it cannot be read."""
    path = state / FILE
    if not path.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(statements()["newest_run_names"], {"most": most}).fetchall()
    except sqlite3.DatabaseError:
        return []
