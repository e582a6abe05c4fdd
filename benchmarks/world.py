"""A company whose plan is timed: a project folder with a store as two nights of Extract leave it, made inside DuckDB."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import duckdb

from connectors.okta.connector import Okta
from reconcile.snapshot.wide import keep_wide_copies
from reconcile.store.connection import Store
from reconcile.store.file import FILE
from reconcile.usecases.session import Session

COMPANY = Path(__file__).parent / "company"
MEMORY = 3.0
"""Gigabytes that DuckDB may take while a company is made. It is no part of what is measured."""
PART = 1_000_000
"""People whose rows are put into the store in one transaction: what a transaction has written stays in memory until it ends."""
IN_OKTA = frozenset({"put_accounts", "put_members", "put_granted", "put_links"})
"""Statements that put what there is on the target's side; on a first night there is nothing."""
_NAME = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


def build(folder: Path, people: int, *, first_night: bool = False, ended: int = 0) -> None:
    """A project folder of so many people, to 1.8 % of whom something has happened since last night; or of whom nobody has an account yet.

    `ended`: accounts of people who work that are deactivated since the night before.
    """
    shutil.copytree(COMPANY, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sql"))
    state = folder / "state"
    Store.open(state, write=True).close()
    with duckdb.connect(config={"memory_limit": f"{MEMORY}GB", "temp_directory": str(folder / "spill")}) as connection:
        connection.execute("ATTACH $path AS store", {"path": str(state / FILE)})
        for first in range(0, people, PART):
            until = min(first + PART, people)
            run_statements(connection, "world.sql", until, first=first)
            run_statements(connection, "people.sql", until, left_out=IN_OKTA if first_night else frozenset())
        run_statements(connection, "systems.sql", people)
        for text in statements_of("incident.sql").values() if ended else ():
            connection.execute(text.replace("$operations", str(ended)))
    keep_copies(folder)


def keep_copies(folder: Path) -> None:
    """The wide copies, as Extract keeps them when it has sealed its snapshots."""
    session = Session.open(folder)
    with Store.open(folder / "state", write=True) as store:
        keep_wide_copies(store, session.project.mappings, {"okta": Okta.traits}, session.language)


def statements_of(file: str) -> dict[str, str]:
    """The statements of one file by name, in their order."""
    parts = _NAME.split((COMPANY / file).read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def run_statements(
    connection: duckdb.DuckDBPyConnection, file: str, people: int, *, first: int = 0, left_out: frozenset[str] = frozenset()
) -> None:
    """The statements of one file in their order, for the people from `first` until `people`, which is not among them."""
    for name, text in statements_of(file).items():
        if name not in left_out:
            connection.execute(text.replace("$people", str(people)).replace("$first", str(first)))


if __name__ == "__main__":
    build(Path(sys.argv[1]), int(sys.argv[2]), first_night=sys.argv[3:] == ["first"])
