"""Identity attributes that changed with the last read of a source: the cause behind many operations at once."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mappings.expressions import Language
from mappings.rules import Identities, IdentitySource
from reconcile.decide.identities.source_columns import needed_columns
from reconcile.errors import Uncomputable
from reconcile.store.connection import Store


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One identity attribute of one source row."""

    attribute: str
    before: str
    after: str


def changed_people(store: Store, mapping: Identities, language: Language, run_date: date) -> Mapping[str, frozenset[Change]]:
    """Returns the attributes that changed in each person's rows with the last read of their source, by anchor. Needs the identities."""
    found: dict[str, set[Change]] = defaultdict(set)
    for rank, source in enumerate(mapping.source):
        if not store.value("has_ended_rows", system=source.connector):
            continue
        # A rule that was written since may have no result for what was there before it: then nothing is said of the change.
        with contextlib.suppress(Uncomputable), store.schemas.step():
            _make_was_and_now(store, source, rank, language, run_date)
            for was, now in store.rows("ended_and_now"):
                pairs = zip(source.attributes, was[1:], now[1:], strict=True)
                found[now[0]] |= {
                    Change(name, before or "", after or "") for name, before, after in pairs if (before or "") != (after or "")
                }
    return {anchor: frozenset(changes) for anchor, changes in found.items()}


def _make_was_and_now(store: Store, source: IdentitySource, rank: int, language: Language, run_date: date) -> None:
    texts = [source.where, source.anchor, *source.attributes.values()]
    needed = needed_columns(store.value("known_columns", system=source.connector) or [], texts, language)
    store.relations.expand_json("ended_row", "ended_rows", needed, system=source.connector, run_date=run_date.isoformat())
    store.relations.derive(
        "ended_mapped", "ended_row", {"anchor": source.anchor, **source.attributes}, where=source.where, kept=["_record_id"]
    )
    store.do("make_now_of_ended", rank=rank)
    columns = ["anchor", *(_column(name) for name in source.attributes)]
    store.relations.derive_list("was", "ended_mapped", "_record_id", columns)
    store.relations.derive_list("is_now", "now_of_ended", "_record_id", columns)


def _column(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
