"""Writes docs/pipeline.md: the relations of deciding, made from the headers of their statements.

python -m tests.structure.pipeline          compares; exit code 1 where the page is not what the headers say
python -m tests.structure.pipeline write
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import duckdb

from reconcile.store.statements import statements
from tests.support.relation_headers import Header, headers

PAGE = Path(__file__).parents[2] / "docs" / "pipeline.md"
INTRODUCTION = """# The relations of a plan

Made from the headers of the statements under `reconcile/decide/` by `python -m tests.structure.pipeline write`; `make check` compares.

Each relation is made once: those of all people first, then those of each target in a schema of its own, where they stay until the store is closed.
ARCHITECTURE.md has the stages in their order. `...`: further columns, which the mappings name. What a statement reads comes from DuckDB's own
syntax tree; relations that are made of expressions of the mappings (`desired`, `identity_keys`, `mapped`, ...) have no statement of their own.
"""


def page() -> str:
    """The page, as the headers say it."""
    return "\n".join([INTRODUCTION, *_rooms()])


def _rooms() -> Iterator[str]:
    for room, found in groupby(sorted(headers(), key=lambda each: each.room), key=lambda each: each.room):
        yield f"## {room}\n"
        yield from (_told(each) for each in found)


def _told(header: Header) -> str:
    columns = ", ".join(f"**{each.name}**" if each.key else each.name for each in header.columns) + (", ..." if header.open else "")
    read = ", ".join(f"`{name}`" for name in sorted(reads(header)))
    return f"- `{header.relation}`: {header.row} Columns: {columns}.{f' Reads {read}.' if read else ''}\n"


def reads(header: Header) -> set[str]:
    """The tables that a relation's statement reads; none of one that is filled row by row."""
    text = statements()[header.statement]
    body = re.search(r"^CREATE (?:OR REPLACE )?(?:TABLE|VIEW) \w+ AS\s(.*)", text, re.MULTILINE | re.DOTALL)
    if body is None:
        return set()
    with duckdb.connect() as connection:
        tree = json.loads(connection.execute("SELECT json_serialize_sql($text)", {"text": body[1]}).fetchall()[0][0])
    if tree["error"]:
        raise ValueError(f"{header.statement}: {tree['error_message']}")
    named: set[str] = set()
    own: set[str] = set()
    _walk(tree, named, own)
    return named - own


def _walk(node: object, named: set[str], own: set[str]) -> None:
    if isinstance(node, dict):
        if node.get("type") == "BASE_TABLE":
            named.add(".".join(filter(None, (node["catalog_name"], node["schema_name"], node["table_name"]))))
        for entry in (node.get("cte_map") or {}).get("map", ()):
            own.add(entry["key"])
        for each in node.values():
            _walk(each, named, own)
    elif isinstance(node, list):
        for each in node:
            _walk(each, named, own)


def main(command: str = "compare") -> int:
    if command == "write":
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == page():
        return 0
    print(f"{PAGE.name}: not what the headers of the statements say. Run python -m tests.structure.pipeline write.")  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
