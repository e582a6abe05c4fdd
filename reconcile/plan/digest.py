"""The digest of a plan: over its canonical content, whatever file it lies in.

A row is the text of its position and of its cells, each after its length in characters and a colon. The digest of a table is the SHA-256 of
its rows in order. The digest of a plan is the SHA-256 of its head: JSON, a member a line, with the number of rows and the digest of each
table. `store/plans/plans.sql` makes the same texts in DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any, TypeVar, get_type_hints

import msgspec

from reconcile.plan.model import Finding, LinkChange, Operation, Plan, Verdict
from reconcile.plan.rows import Rows, Seal, StoredRows
from reconcile.plan.tables import FINDINGS, LINKS, OPERATIONS, Table, as_text

T = TypeVar("T")

FORMAT = 3
"""Number of the format of a saved plan. Plans of format 1 were one JSON file each; in format 2 each row had a digest of its own."""
TABLES: tuple[Table[Any], ...] = (OPERATIONS, FINDINGS, LINKS)
SHOWN = 12
"""Number of digits of a digest that are shown and may be typed."""
_BESIDE = frozenset({"digest", "approvals", "forecasts", "rejections_over", "holds_followed"})
"""The members of a plan that are said of it, and are no part of it."""
_ROWS = {"operations": OPERATIONS.name, "findings": FINDINGS.name, "links": LINKS.name}
"""The members of a plan that are tables."""


def digested(plan: Plan) -> Plan:
    """The plan with its digest."""
    return replace(plan, digest=sha256(canonical(plan)).hexdigest())


def canonical(plan: Plan) -> bytes:
    """The head of the plan: everything but its rows, and the seals of those. The same plan always gives the same bytes.

    Keys stand as they are declared: fields as in the model, attributes as in the mapping.
    """
    return head_of(plan, {table.name: seal(table, rows) for table, rows in tables_of(plan)})


def head_of(plan: Plan, seals: Mapping[str, Seal]) -> bytes:
    """The head of a plan whose tables have these seals."""
    members = {"format": FORMAT, **{name: getattr(plan, name) for name in _head_names()}, "tables": seals}
    lines = [b"%s:%s" % (msgspec.json.encode(name), _lines(value)) for name, value in members.items()]
    return b"{\n" + b",\n".join(lines) + b"\n}\n"


def format_of(head: bytes) -> int:
    """The number of the format that a head states. Raises msgspec.MsgspecError, KeyError for what is no head."""
    return msgspec.json.decode(msgspec.json.decode(head, type=dict[str, msgspec.Raw])["format"], type=int)


def seals_of(head: bytes) -> dict[str, Seal]:
    """The seals that a head states. Raises msgspec.DecodeError, KeyError for what is no head of this format."""
    if format_of(head) != FORMAT:
        raise KeyError("format")
    members = msgspec.json.decode(head, type=dict[str, msgspec.Raw])
    seals = msgspec.json.decode(members["tables"], type=dict[str, Seal])
    return {table.name: seals[table.name] for table in TABLES}


def plan_of(head: bytes, operations: Rows[Operation], findings: Rows[Finding], links: Rows[LinkChange]) -> Plan:
    """The plan of a head and its rows. Raises msgspec.DecodeError, KeyError for what is no head."""
    members = msgspec.json.decode(head, type=dict[str, msgspec.Raw])
    hints = get_type_hints(Plan)
    small = {name: msgspec.json.decode(members[name], type=hints[name]) for name in _head_names()}
    return Plan(**small, operations=operations, findings=findings, links=links, digest=sha256(head).hexdigest())


def tables_of(plan: Plan) -> tuple[tuple[Table[Any], Rows[Any]], ...]:
    """The rows of a plan, by table."""
    return (OPERATIONS, plan.operations), (FINDINGS, plan.findings), (LINKS, plan.links)


def seal(table: Table[T], rows: Rows[T]) -> Seal:
    """The seal of some rows."""
    if isinstance(rows, StoredRows):
        return rows.seal
    digest = sha256()
    for text in row_texts(table, rows):
        digest.update(text.encode())
    return Seal(rows=len(rows), digest=digest.hexdigest())


def row_texts(table: Table[T], rows: Iterable[T]) -> Iterator[str]:
    """The text of each row that the digest of its table covers."""
    for position, row in enumerate(rows):
        texts = [cell if type(cell) is str else as_text(cell) for cell in table.cells(row)]
        yield "".join([f"{len(text)}:{text}" for text in (str(position), *texts)])


def _head_names() -> list[str]:
    return [each.name for each in fields(Plan) if each.name not in _ROWS and each.name not in _BESIDE]


def _lines(value: object) -> bytes:
    if isinstance(value, tuple) and value:
        return b"[\n%s\n]" % b",\n".join(msgspec.json.encode(_declared(item)) for item in value)
    return msgspec.json.encode(value)


def _declared(member: object) -> object:
    """A verdict without its override: that is said of a plan, and is no part of it. Anything else as it is."""
    if isinstance(member, Verdict):
        return {each.name: getattr(member, each.name) for each in fields(member) if each.name != "override"}
    return member
