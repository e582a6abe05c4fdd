"""Previews mapping expressions: type and result for three people, and the rows for which an expression has no result."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from mappings.expressions import Language, kind_of, parse_expression
from mappings.load import IDENTITIES, Mappings, Place, identity_places, target_places
from reconcile.decide.identities.build import gather_identities
from reconcile.decide.identities.source_columns import needed_columns
from reconcile.errors import Uncomputable
from reconcile.store.connection import Store

SHOWN = 3
"""Rows that each expression is shown on: the first by id, or by anchor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionPreview:
    """One expression on the first rows it is about."""

    file: str
    key: str
    """Place in the file: `source.0.attributes.title`, `groups.staff.when`."""
    expression: str
    kind: str
    """The type of what it gives."""
    rows: tuple[str, ...]
    """The ids or anchors of the rows."""
    values: tuple[str | None, ...]
    """Results for each of them, as text; None is NULL. Empty where there is no row, or where one cannot be computed."""
    problem: str = ""
    """For which row it has no result, and why."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows that expressions are about: a working table, what names a row of it, and which rows count."""

    table: str
    key: str
    called: str
    where: str = "true"


def specimens(store: Store, mappings: Mappings, language: Language, run_date: date) -> list[ExpressionPreview]:
    """Every expression of the mappings, in the order of the files, on the rows that a store holds."""
    found: list[ExpressionPreview] = []
    for rank, source in enumerate(mappings.identities.source):
        places = [place for place in identity_places(mappings.identities, lambda _: None) if place.path[:2] == ("source", str(rank))]
        table = f"specimens_{rank}"
        needed = needed_columns(store.value("known_columns", system=source.connector) or [], [place.text for place in places], language)
        store.relations.expand_json(table, "source_rows", needed, system=source.connector, rank=rank, run_date=run_date.isoformat())
        rows = _Rows(table, "_record_id", f"the row {{}} of {source.connector}")
        found += _of_source(store, rows, places, language)
    people = None if any(each.problem for each in found) else _people(store, mappings, language, run_date)
    found += _shown(
        store,
        people,
        IDENTITIES,
        [place for place in identity_places(mappings.identities, lambda _: None) if place.path[0] != "source"],
        language,
    )
    for mapping in mappings.targets:
        found += _shown(store, people, f"{mapping.target}.toml", list(target_places(mapping, None)), language)
    return found


def _of_source(store: Store, rows: _Rows, places: list[Place], language: Language) -> Iterator[ExpressionPreview]:
    """`where` over every row, the others over those for which it holds."""
    deciding = [place for place in places if place.path[-1] == "where"]
    others = [place for place in places if place.path[-1] != "where"]
    first = list(_shown(store, rows, IDENTITIES, deciding, language))
    yield from first
    known = None if any(each.problem for each in first) else _Rows(rows.table, rows.key, rows.called, deciding[0].text)
    yield from _shown(store, known, IDENTITIES, others, language)


def _people(store: Store, mappings: Mappings, language: Language, run_date: date) -> _Rows:
    gather_identities(store, mappings, language, run_date)
    if not any(rule.otherwise for mapping in mappings.targets for rule in mapping.attributes.values()):
        return _Rows("identity", "anchor", "the person {}")
    store.do("make_counted_people")
    return _Rows("counted_person", "anchor", "the person {}")


def _shown(store: Store, rows: _Rows | None, file: str, places: list[Place], language: Language) -> Iterator[ExpressionPreview]:
    failing = _failing(store, rows, [place.text for place in places]) if rows else {}
    first = tuple(store.expressions.keys(rows.table, rows.key, where=rows.where, most=SHOWN)) if rows else ()
    for place in places:
        shown = rows if place.text not in failing else None
        values = store.expressions.results(shown.table, shown.key, place.text, where=shown.where, most=SHOWN) if shown else []
        yield ExpressionPreview(
            file=file,
            key=".".join(place.path),
            expression=place.text,
            kind=kind_of(parse_expression(place.text, language), language),
            rows=first,
            values=tuple(values),
            problem=failing.get(place.text, ""),
        )


def _failing(store: Store, rows: _Rows, texts: Iterable[str]) -> dict[str, str]:
    """The expressions that have no result for some row, each with the first such row and why."""
    each = list(texts)
    if not each or not _why(store, rows, each, None):
        return {}
    keys = store.expressions.keys(rows.table, rows.key)
    found = {}
    for text in each:
        if _why(store, rows, [text], None):
            number = bisect_left(keys, True, key=lambda key: bool(_why(store, rows, [text], key)))
            found[text] = f"cannot be computed for {rows.called.format(keys[number])}: {_why(store, rows, [text], keys[number])}"
    return found


def _why(store: Store, rows: _Rows, texts: list[str], until: str | None) -> str:
    """Returns why some row up to a key has no result; nothing where all have one."""
    try:
        store.expressions.computes(rows.table, rows.key, texts, where=rows.where, until=until)
    except Uncomputable as error:
        return error.why
    return ""
