"""The digest of a plan: over its canonical content, whatever file it lies in.

A row is the text of its position and of its cells, each after its length in characters and a colon. Its digest is the SHA-256 of that
text. A bucket is the SHA-256 of the digests of 100,000 rows in order, a table that of the digests of its buckets, each as 64 hexadecimal
digits. The digest of a plan is the SHA-256 of its head: JSON, a member a line, with the number of rows and the digest of each table.
`store/plans/plans.sql` computes the same in DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from hashlib import sha256
from itertools import islice
from typing import Any, TypeVar, get_type_hints

import msgspec

from reconcile.plan.model import Finding, LinkChange, Operation, Plan, Verdict
from reconcile.plan.rows import Rows, Seal, StoredRows
from reconcile.plan.tables import FINDINGS, LINKS, OPERATIONS, Table, as_text

T = TypeVar("T")

FORMAT = 2
"""Number of the format of a saved plan. Plans of format 1 were one JSON file each."""
BUCKET = 100_000
"""Rows that are hashed together."""
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


def seals_of(head: bytes) -> dict[str, Seal]:
    """The seals that a head states. Raises msgspec.DecodeError, KeyError for what is no head of this format."""
    members = msgspec.json.decode(head, type=dict[str, msgspec.Raw])
    if msgspec.json.decode(members["format"]) != FORMAT:
        raise KeyError("format")
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
    buckets = "".join(_bucket_digests(row_digests(table, rows)))
    return Seal(rows=len(rows), digest=sha256(buckets.encode()).hexdigest())


def row_digests(table: Table[T], rows: Iterable[T]) -> Iterator[str]:
    """The digest of each row."""
    for position, row in enumerate(rows):
        texts = [cell if type(cell) is str else as_text(cell) for cell in table.cells(row)]
        yield sha256("".join([f"{len(text)}:{text}" for text in (str(position), *texts)]).encode()).hexdigest()


def _bucket_digests(digests: Iterator[str]) -> Iterator[str]:
    while bucket := "".join(islice(digests, BUCKET)):
        yield sha256(bucket.encode()).hexdigest()


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
