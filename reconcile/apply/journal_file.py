"""The SQLite file of a journal: what it holds, whose it is, and what happens in it together or not at all.

Beside the store rather than in it: it can be read while it is written, and 15,000 durable entries a second fit into it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reconcile import clock
from reconcile.disk import is_full
from reconcile.errors import DiskFull, FileUnusable, ForeignJournal, JournalDamaged, ReconcileError, StoreBusy

FILE = "journal.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    id TEXT PRIMARY KEY, plan TEXT NOT NULL, started TEXT NOT NULL, ended TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS entry (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL REFERENCES run (id),
    kind TEXT NOT NULL,
    operation TEXT NOT NULL DEFAULT '',
    target TEXT NOT NULL,
    anchor TEXT NOT NULL DEFAULT '',
    account TEXT NOT NULL DEFAULT '',
    entitlement TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS intended (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL REFERENCES run (id),
    run_date TEXT NOT NULL,
    target TEXT NOT NULL,
    verb TEXT NOT NULL,
    operations INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS override (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    plan TEXT NOT NULL,
    guard TEXT NOT NULL,
    "by" TEXT NOT NULL,
    why TEXT NOT NULL,
    made TEXT NOT NULL,
    until TEXT NOT NULL,
    run TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS journal (id TEXT NOT NULL, project TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE IF NOT EXISTS plan (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    digest TEXT NOT NULL,
    purpose TEXT NOT NULL,
    runs INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS binding (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL,
    id TEXT NOT NULL,
    address TEXT NOT NULL,
    forgets INTEGER NOT NULL DEFAULT 0,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entry_of_run ON entry (run, kind);
"""


class JournalFile:
    """The file of one state folder. Every call raises a StorageFault where the file or its disk fails."""

    def __init__(self, state: Path) -> None:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = state / FILE
        self.path.touch(mode=0o600)
        with self._file():
            self._connection = sqlite3.connect(self.path, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_SCHEMA)
        if not self.rows("SELECT id FROM journal"):
            self.do("INSERT INTO journal (id) SELECT lower(hex(randomblob(16))) WHERE NOT EXISTS (SELECT 1 FROM journal)")
        self.id: str = self.rows("SELECT id FROM journal")[0][0]
        """What tells this journal from one that took its place."""

    def rows(self, statement: str, parameters: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        """What a statement answers."""
        with self._file():
            return self._connection.execute(statement, tuple(parameters)).fetchall()

    def do(self, statement: str, parameters: Iterable[object] = ()) -> None:
        """Runs a statement."""
        with self._file():
            self._connection.execute(statement, tuple(parameters))

    def do_many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Runs a statement once for each row of parameters."""
        with self._file():
            self._connection.executemany(statement, rows)

    def claim(self, project: str) -> None:
        """Makes it the journal of a project. Raises ForeignJournal where it is that of another."""
        owner = self.rows("SELECT project FROM journal")[0][0]
        if owner not in ("", project):
            raise ForeignJournal(self.path, owner, project)
        if not owner:
            self.give(project)

    def give(self, project: str) -> None:
        """Makes it the journal of a project, whosever it was."""
        self.do("UPDATE journal SET project = ?", (project,))

    def close(self) -> None:
        self._connection.close()

    def latest_moment(self) -> str:
        """The present moment, or the latest one that was written down where this machine's clock was set back since."""
        known = self.rows(
            "SELECT max(at) FROM (SELECT max(started) AS at FROM run UNION ALL SELECT max(at) FROM plan UNION ALL SELECT max(made) FROM override"
            " UNION ALL SELECT at FROM (SELECT at FROM entry ORDER BY sequence DESC LIMIT 1))"
        )[0][0]
        return max(clock.stamp(), known or "")

    def last_entry(self) -> int:
        """The number of the newest entry, 0 before the first."""
        return int(self.rows("SELECT coalesce(max(sequence), 0) FROM entry")[0][0])

    @contextmanager
    def together(self) -> Iterator[None]:
        """All of it or nothing; inside another one, a part of that."""
        if self._connection.in_transaction:
            yield
            return
        self.do("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            # A full disk has ended the transaction already.
            if self._connection.in_transaction:
                self.do("ROLLBACK")
            raise
        self.do("COMMIT")

    @contextmanager
    def _file(self) -> Iterator[None]:
        """Raises the StorageFault that an error of SQLite stands for."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.ProgrammingError | sqlite3.IntegrityError):
                raise
            raise _fault(error, self.path) from error


def _fault(error: sqlite3.Error, path: Path) -> ReconcileError:
    """The situation that an error of the journal's file stands for. SQLite calls a full disk "disk I/O error" where it cannot make its shared memory."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(path)
    if code == sqlite3.SQLITE_FULL or (isinstance(error, sqlite3.OperationalError) and is_full(path)):
        return DiskFull(path)
    if isinstance(error, sqlite3.OperationalError):
        return FileUnusable(path, str(error))
    return JournalDamaged(path, str(error))
