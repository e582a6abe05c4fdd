"""The pages of an HR file: some of its whole lines behind a head that says what they are, so that each is decoded by itself."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

from connectors.contract import AccountState, Quarantined, RawPage, Record, Rows, Scope
from connectors.hr.decode import Reading, unusable
from connectors.hr.form import Form
from connectors.hr.header import match_header
from connectors.hr.settings import HrFileSettings
from connectors.hr.survey import Survey
from connectors.hr.text import FileRefused


class _Head(msgspec.Struct, frozen=True, omit_defaults=True):
    """The first line of a page."""

    header: tuple[str, ...] = ()
    line: int = 0
    ids: dict[int, str] = {}
    refused: dict[int, str] = {}
    repeats: tuple[int, ...] = ()
    problem: str = ""
    """Reason why the whole file is refused; then the page holds none of its lines."""


def pages_of(file: Path, scope: Scope, form: Form, found: Survey, declared: int | None) -> Iterator[RawPage]:
    """The pages of a file that was surveyed. Raises FileRefused and OSError where it changed since."""
    if found.refused:
        yield RawPage(scope, 1, _body(_Head(problem=found.problem), ""), declared_total=declared)
        return
    line = found.first_line
    lines = islice(form.lines(file), line - 1, None)
    for number, last in enumerate(found.page_ends, start=1):
        own = found.rulings.between(line, last)
        text = "".join(islice(lines, last - line + 1))
        head = _Head(found.header, line, own.ids, own.refused, tuple(sorted(own.repeats)))
        yield RawPage(scope, number, _body(head, text), declared_total=declared)
        line = last + 1


def _body(head: _Head, text: str) -> bytes:
    return msgspec.json.encode(head) + b"\n" + text.encode("utf-8", "surrogatepass")


def rows_of(page: RawPage, form: Form, settings: HrFileSettings) -> Rows:
    """Decodes a page without side effects and without raising: a page that is refused is one quarantined row."""
    first, _, text = page.body.partition(b"\n")
    try:
        head = msgspec.json.decode(first, type=_Head)
        if not head.problem:
            return _rows(head, text.decode("utf-8", "surrogatepass"), form, settings)
        reason = head.problem
    except FileRefused as refused:
        reason = str(refused)
    except (ValueError, LookupError, RecursionError):
        reason = "it is no page of an HR file"
    return Rows(quarantined=[Quarantined("file", "", reason, page.body[:200].decode("utf-8", "replace"))])


def _rows(head: _Head, text: str, form: Form, settings: HrFileSettings) -> Rows:
    reading = Reading(match_header(list(head.header), head.line - 1, settings), form, settings)
    records, quarantined, repeats = [], [], frozenset(head.repeats)
    for row in reading.rows(form.records(io.StringIO(text, newline=""), head.line)):
        if isinstance(row, Quarantined):
            quarantined.append(row)
            continue
        line = row.record.line
        if line in head.refused:
            quarantined.append(unusable(row.record, row.key, head.refused[line]))
        elif line not in repeats:
            records.append(Record(head.ids.get(line, row.key), AccountState.UNKNOWN, "", row.attributes, position=line))
    return Rows(records=records, quarantined=quarantined, repeated=len(repeats))
