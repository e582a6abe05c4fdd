"""The store of a small company: in the memory of a DuckDB connection, with the schema of the product."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import duckdb

from reconcile.store.connection import Store
from reconcile.store.parsed import execute
from reconcile.store.statements import statements_of


def attach_store(connection: duckdb.DuckDBPyConnection) -> None:
    """Attaches an empty store under the name that the statements of the product use."""
    connection.execute("ATTACH ':memory:' AS store").fetchall()
    for name in statements_of("store/schema"):
        execute(connection, name).fetchall()


@contextlib.contextmanager
def working_store(connection: duckdb.DuckDBPyConnection) -> Iterator[Store]:
    """The attached store with working tables of its own, as every command has."""
    connection.execute("ATTACH ':memory:' AS work; USE work").fetchall()
    try:
        yield Store(connection)
    finally:
        connection.execute("USE memory; DETACH work").fetchall()
