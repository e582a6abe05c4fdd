"""Checks that a mapping fits its target: that the attributes it names exist, and that its settings are supported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from connectors.contract import Check, Traits
from connectors.declaration import DeclaredAttribute
from connectors.quoting import quoted
from mappings.expressions import Language
from mappings.problems import near_miss
from mappings.rules import TargetMapping
from reconcile.decide.capabilities import unsupported_settings, with_required
from reconcile.usecases.attribute_types import type_checks
from reconcile.usecases.first_rows import RowsTold


def fits(
    folder: Path, mappings: Iterable[TargetMapping], traits: Mapping[str, Traits], told: Mapping[str, RowsTold], language: Language
) -> dict[str, list[Check]]:
    """Checks that each target has, takes and can do what its mapping asks for."""
    return {
        mapping.target: [
            *unknown_attributes(mapping, _names(told.get(mapping.target))),
            *type_checks(mapping, {name: each.type for name, each in _declared(told.get(mapping.target)).items()}, language, folder),
            *unstated(mapping, traits.get(mapping.target), _declared(told.get(mapping.target))),
            *(capability_checks(mapping, traits[mapping.target]) if mapping.target in traits else ()),
            leavers_keep(mapping),
        ]
        for mapping in mappings
    }


def _names(told: RowsTold | None) -> frozenset[str] | None:
    return None if told is None or told.names is None else frozenset(told.names)


def _declared(told: RowsTold | None) -> Mapping[str, DeclaredAttribute]:
    return (told.attributes if told is not None else None) or {}


def unstated(mapping: TargetMapping, traits: Traits | None, declared: Mapping[str, DeclaredAttribute]) -> list[Check]:
    """A check for each attribute that no rule states although every new account needs one, and for each that the target alone sets."""
    if traits is None or not declared:
        return []
    needed = with_required(traits, declared).required - mapping.attributes.keys() if traits.can.create else frozenset()
    alone = [name for name in mapping.attributes if name in declared and declared[name].read_only]
    wrong = [
        *(
            Check(f"mappings: attributes.{name} is stated", f"{mapping.target} requires {name} of every new account; add attributes.{name}")
            for name in sorted(needed)
        ),
        *(Check(f"mappings: attributes.{name} can be written", f"{mapping.target} alone sets {name}; take it out") for name in alone),
    ]
    return wrong or [Check("mappings: every attribute that a new account needs is stated")]


def unknown_attributes(mapping: TargetMapping, declared: frozenset[str] | None) -> list[Check]:
    """A check for each attribute that the mapping names and the target does not declare; one that is well where all fit.

    Where the target declares nothing, nothing is said.
    """
    if declared is None:
        return []
    unknown = [
        Check(
            f"mappings: {place} names an attribute that is there",
            f"{mapping.target} has no attribute {quoted(name)}{near_miss(name, declared)}",
        )
        for place, name in _named(mapping)
        if name not in declared
    ]
    return unknown or [Check(f"mappings: all {len(mapping.attributes)} attributes are there")]


def capability_checks(mapping: TargetMapping, traits: Traits) -> list[Check]:
    """A check for each setting that the target cannot follow."""
    return [
        Check(f"mappings: {setting} is something {mapping.target} can do", sentence)
        for setting, sentence in unsupported_settings(mapping, traits)
    ]


def leavers_keep(mapping: TargetMapping) -> Check:
    """Returns the check on what leavers lose in a target: no mistake either way, and shown so that it is chosen."""
    if mapping.leavers_lose == "all":
        return Check('mappings: leavers lose every direct membership that can be changed (leavers_lose = "all")')
    managed = sum(1 for _ in mapping.managed_entitlements())
    return Check(
        f"mappings: leavers lose what this job gave and {managed} fully managed groups, apps and roles; they keep every other membership "
        '(leavers_lose = "managed")'
    )


def _named(mapping: TargetMapping) -> Iterator[tuple[str, str]]:
    for name in mapping.attributes:
        yield f"attributes.{name}", name
    for number, key in enumerate(mapping.correlate, 1):
        yield f"correlate {number}", key.account
