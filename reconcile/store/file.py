"""Attaches the store's file to be read or written, brings it to the schema of this version, and copies it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import duckdb

from reconcile.errors import StoreBusy
from reconcile.store.faults import StoreNewer, store_fault
from reconcile.store.memory import READING
from reconcile.store.parsed import execute
from reconcile.store.statements import statements_of
from reconcile.store.views import make_views

FILE = "store.duckdb"
SCHEMA = 3
"""Version of the store's schema. It is raised with every change of `schema.sql`, which upgrades what earlier versions left."""

PATIENCE = 5.0
"""Seconds that a writer waits for readers to release the file. Two writers never meet here: each holds the lock of a run."""

_SCHEMA = statements_of("store/schema")
_TO_WRITE = "ATTACH $path AS {} (STORAGE_VERSION 'v1.5.0')"
_READ_ONLY = "ATTACH $path AS store (READ_ONLY)"


def attach_to_write(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Attaches the file, waits for readers to release it, and brings it to this version."""
    # The storage version of duckdb 1.5 costs nothing beside the newest, and keeps a step back possible.
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute(_TO_WRITE.format("store"), {"path": str(path)}).fetchall()
            break
        except duckdb.IOException as error:
            if time.monotonic() > until or not isinstance(store_fault(error, path), StoreBusy):
                raise
            time.sleep(0.05)
    path.chmod(0o600)
    if is_older(connection, path):
        make_tables(connection)
        execute(connection, "set_schema_version", {"number": SCHEMA}).fetchall()
    make_views(connection)


def attach_to_read(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Attaches the file read-only."""
    connection.execute(_READ_ONLY, {"path": str(path)}).fetchall()


def detach(connection: duckdb.DuckDBPyConnection) -> None:
    """Releases the file."""
    connection.execute("DETACH store").fetchall()


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables of the attached store, where it does not have them as this version does."""
    for name in _SCHEMA:
        execute(connection, name).fetchall()


def is_older(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Whether an earlier version of this program left the attached store, without tables or columns of this one.

    Raises StoreNewer where a later version wrote it: its tables may mean something else.
    """
    if (number := _schema_version(connection)) > SCHEMA:
        connection.close()
        raise StoreNewer(path, f"its schema has the version {number}, and this program knows {SCHEMA}")
    return number < SCHEMA


def _schema_version(connection: duckdb.DuckDBPyConnection) -> int:
    """The version of the schema of the attached store, written when all its tables were there; 0 where there is none yet.

    It asks no list of tables: the first one that a connection is asked for takes DuckDB a quarter of the time of opening a store.
    """
    try:
        return int(execute(connection, "newest_schema_version").fetchall()[0][0])
    except duckdb.CatalogException:
        return 0


def rewrite_store(folder: Path) -> None:
    """Writes the store's file anew, without what was deleted from it: DuckDB leaves that in the file until something else takes its place.

    The caller holds the lock of a run. Raises StoreBusy, StoreDamaged, DiskFull.
    """
    copy_store(folder / FILE, folder / f"{FILE}.partial")
    (folder / f"{FILE}.partial").replace(folder / FILE)


def copy_store(path: Path, copy: Path) -> None:
    """Copies what a store holds into a new file, for its owner alone. Raises StoreBusy, StoreDamaged, DiskFull."""
    copy.unlink(missing_ok=True)
    # By itself DuckDB spills into the folder that the command was typed in.
    spill = str(copy.parent / "spill")
    with contextlib.closing(duckdb.connect(config={"memory_limit": f"{READING}B", "temp_directory": spill})) as connection:
        try:
            # Attached to be written, it takes over what an interrupted command left in its log.
            connection.execute(_TO_WRITE.format("store"), {"path": str(path)}).fetchall()
            connection.execute(_TO_WRITE.format("fresh"), {"path": str(copy)}).fetchall()
            copy.chmod(0o600)
            execute(connection, "copy_of_store").fetchall()
        except duckdb.Error as error:
            copy.unlink(missing_ok=True)
            raise store_fault(error, path) or error from error
