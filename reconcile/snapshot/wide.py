"""Keeps the wide copies of the sealed snapshots: one column for each attribute that the mappings name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.contract import Source, Target, Traits
from mappings.expressions import Language
from mappings.load import Mappings
from mappings.rules import TargetMapping
from reconcile.decide.identities.source_columns import needed_columns, source_texts
from reconcile.decide.matching.correlate import key_attributes
from reconcile.snapshot.extract import Extract, Extracted
from reconcile.store.connection import Store
from reconcile.store.wide_tables import Role, WideColumns


async def read_and_copy(extract: Extract, sources: Mapping[str, Source], mappings: Mappings, language: Language) -> list[Extracted]:
    """Reads and seals the systems, then brings the wide copies up to date."""
    read = await extract.read(sources)
    traits = {name: source.traits for name, source in sources.items() if isinstance(source, Target)}
    keep_wide_copies(extract.store, mappings, traits, language)
    return read


def keep_wide_copies(store: Store, mappings: Mappings, traits: Mapping[str, Traits], language: Language) -> None:
    """Brings the wide copies up to date with the latest snapshots and the mappings.

    No transaction around it: a copy that an interruption leaves half made fails its check, and is made again.
    """
    store.wide.keep([*_of_sources(store, mappings, language), *_of_targets(mappings, traits)])


def _of_sources(store: Store, mappings: Mappings, language: Language) -> Iterator[WideColumns]:
    attributes = mappings.identities.attributes()
    named: dict[str, dict[str, str]] = {}
    for source in mappings.identities.source:
        known = store.value("known_columns", system=source.connector) or []
        columns = needed_columns(known, [source.where, *source_texts(source, attributes).values()], language)
        # A structure has no two columns that differ in case alone: what two sources of one system spell differently, no row has.
        named.setdefault(source.connector, {}).update({name.lower(): name for name in columns})
    for system, names in named.items():
        yield WideColumns(system, Role.SOURCE, tuple(names.values()))


def _of_targets(mappings: Mappings, traits: Mapping[str, Traits]) -> Iterator[WideColumns]:
    for mapping in mappings.targets:
        if mapping.target in traits:
            yield _of_target(mapping, traits[mapping.target])


def _of_target(mapping: TargetMapping, traits: Traits) -> WideColumns:
    names = dict.fromkeys((*mapping.attributes, *key_attributes(mapping, traits)))
    return WideColumns(mapping.target, Role.TARGET, tuple(names), hashed=len(mapping.attributes))
