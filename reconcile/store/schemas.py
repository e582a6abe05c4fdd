"""Keeps the schemas that working tables are made in: that of all people, one a target, and those of steps, which are dropped."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import duckdb

from reconcile.store.parsed import execute
from reconcile.store.values import quoted

PEOPLE = ""
"""The schema of what is made for all people, as stages name it."""
TARGET = "target "
"""Prefix of the names of the schemas of targets."""


class Schemas:
    """The schemas of a connection that are open, the innermost first: where working tables are made and looked for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._open: list[str] = []
        self._catalog = ""

    @property
    def target(self) -> str:
        """The target whose schema is open; PEOPLE where none is."""
        found = next((schema for schema in self._open if schema.startswith(TARGET)), PEOPLE)
        return found.removeprefix(TARGET)

    @property
    def outer(self) -> str:
        """The schema around the innermost one, quoted."""
        return quoted(self._open[1] if self._open[1:] else "main")

    @contextlib.contextmanager
    def of_target(self, target: str) -> Iterator[None]:
        """Makes working tables in a schema of the target's own while it is open; they stay there. Those of all people are seen, too."""
        with self._schema(TARGET + target, kept=True):
            yield

    @contextlib.contextmanager
    def step(self) -> Iterator[None]:
        """Makes working tables that are dropped at its end: one rule, one attribute, one source at a time."""
        with self._schema(f"step {len(self._open)}", kept=False):
            yield

    @contextlib.contextmanager
    def _schema(self, name: str, *, kept: bool) -> Iterator[None]:
        self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(name)}").fetchall()
        self._open.insert(0, name)
        self._search()
        try:
            yield
        except BaseException:
            # Where the connection failed, too, the error to raise is the one that came first.
            with contextlib.suppress(duckdb.Error):
                self._leave(name, kept=kept)
            raise
        self._leave(name, kept=kept)

    def _leave(self, name: str, *, kept: bool) -> None:
        self._open.remove(name)
        self._search()
        if not kept:
            self._connection.execute(f"DROP SCHEMA {quoted(name)} CASCADE").fetchall()

    def _search(self) -> None:
        if not self._catalog:
            self._catalog = quoted(execute(self._connection, "working_catalog").fetchall()[0][0])
        path = ",".join(f"{self._catalog}.{quoted(name)}" for name in (*self._open, "main"))
        self._connection.execute("SET search_path = $path", {"path": path}).fetchall()
