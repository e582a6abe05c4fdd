"""Decoding and loading user pages: users a second on one core, beside the best bare pipeline."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.pages import okta, okta_pages, okta_user, scim, scim_pages, scim_user
from connectors.contract import RawPage, Scope, ScopeKind
from reconcile.store.connection import Store

BATCH = 20_000
KEPT = ("id", "status", "lastUpdated", "profile", "externalId", "userName", "name", "displayName", "title", "active", "emails")
"""What the bare pipeline takes of a user: what ours takes."""
USERS = 200_000


def main() -> None:
    """Prints one line a system."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for name, connector, made, one in (("okta", okta(), okta_pages, okta_user(0)), ("scim", scim(), scim_pages, scim_user(0))):
        pages = list(made(USERS))
        with tempfile.TemporaryDirectory() as folder:
            bare = min(_bare(pages, one, Path(folder), wrapped=name == "scim") for _ in range(3))
            ours = min(_ours(pages, connector, Path(folder) / str(n)) for n in range(3))
        print(
            f"{name}: decode and load {USERS / ours:,.0f} users/s; bare read_json of the same pages {USERS / bare:,.0f} users/s; "
            f"ours takes {ours / bare:.2f} times as long (bar: 1.5)"
        )


def _ours(pages: list[bytes], connector: object, folder: Path) -> float:
    began = time.perf_counter()
    with Store.open(folder, write=True, threads=1) as store:
        store.do("stage_records")
        pending: list[tuple[object, ...]] = []
        for number, body in enumerate(pages, 1):
            rows = connector.decode(RawPage(Scope(ScopeKind.ACCOUNTS), number, body))  # type: ignore[attr-defined]
            pending += [(each.id, each.state, each.status, each.attributes, each.updated) for each in rows.records]
            if len(pending) >= BATCH or number == len(pages):
                names = ("id", "state", "status", "attributes", "updated")
                store.append("staged_record", dict(zip(names, zip(*pending, strict=True), strict=True)))
                pending = []
    return time.perf_counter() - began


def _bare(pages: list[bytes], one: dict[str, object], folder: Path, *, wrapped: bool) -> float:
    """One page a line, read with declared columns and unnested: what DuckDB can do with nothing in between."""
    began = time.perf_counter()
    spool = folder / "pages.json"
    with spool.open("wb") as file:
        for page in pages:
            file.write((page if wrapped else b'{"Resources":' + page + b"}") + b"\n")
    connection = duckdb.connect(config={"threads": 1})
    columns = {"Resources": f"{_shape({name: one[name] for name in KEPT if name in one})}[]"}
    rows = connection.read_json(str(spool), columns=columns, format="newline_delimited")
    # In two steps: unnesting everything at once is two to three times slower.
    users = rows.select(duckdb.SQLExpression("unnest(Resources)").alias("u"))
    picked = [duckdb.SQLExpression(f"u.{name}") for name in KEPT if name in one and name != "profile"]
    picked += [duckdb.SQLExpression("unnest(u.profile)")] if "profile" in one else []
    users.select(*picked).create("loaded")
    return time.perf_counter() - began


def _shape(value: object) -> str:
    match value:
        case dict():
            return "STRUCT(" + ", ".join(f'"{name}" {_shape(inner)}' for name, inner in value.items()) + ")"
        case list():
            return f"{_shape(value[0])}[]"
        case bool():
            return "BOOLEAN"
        case _:
            return "VARCHAR"
