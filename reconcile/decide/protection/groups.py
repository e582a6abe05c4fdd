"""Resolves the groups that an entry of `[protected]` names, also after they were renamed in their system."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from connectors.quoting import quoted
from mappings.push import BY_ID
from mappings.rules import BY_KIND
from reconcile.decide.protection.names import first_match
from reconcile.plan.model import Finding, FindingKind, Severity
from reconcile.plan.same_account import fold
from reconcile.store.connection import Store

SHOWN = 3
"""Number of renamed groups that a finding names."""


@dataclass(frozen=True, slots=True)
class RenamedGroup:
    """A group that has another name than the one by which an entry matches it."""

    id: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """One entry under `groups` with the groups that it protects."""

    target: str
    text: str
    named: dict[str, str] = field(default_factory=dict)
    """Id to name, of the groups that it matches by the name that they have."""
    renamed: tuple[RenamedGroup, ...] = ()
    """Groups that it matched by a name that they had."""

    @property
    def protects(self) -> dict[str, str]:
        """Returns the names of all groups by id."""
        return self.named | {each.id: f"{each.now}, formerly {each.was}" for each in self.renamed}


def group_entries(store: Store, target: str, entries: Iterable[str]) -> list[GroupEntry]:
    """Returns what each entry protects by the latest snapshot of the target, and by the names that its groups had in earlier ones."""
    there = store.rows("groups_of_target", target=target)
    before = store.rows("former_group_names", target=target)
    return [_entry(target, text, there, before) for text in entries]


def _entry(target: str, text: str, there: Iterable[tuple[str, ...]], before: Iterable[tuple[str, ...]]) -> GroupEntry:
    named = {id_: name for id_, name, kind in there if _matches(text, id_, name, kind)}
    renamed = {id_: RenamedGroup(id_, was, now) for id_, was, kind, now in before if id_ not in named and _matches(text, "", was, kind)}
    return GroupEntry(target, text, named, tuple(renamed.values()))


def _matches(text: str, id_: str, name: str, kind: str) -> bool:
    by_id = [id_, f"{BY_ID}{id_}"] if id_ else []
    by_kind = [f"{BY_KIND}{kind}:{name}"] if kind else []
    return bool(first_match(frozenset({fold(text)}), [fold(each) for each in (*by_id, name, *by_kind)]))


def renamed_findings(entries: Iterable[GroupEntry]) -> Iterator[Finding]:
    """A finding for each entry that protects a group by a name which the group has no longer."""
    for entry in entries:
        if entry.renamed:
            shown = [f"{quoted(each.now)} ({each.id}) was named {quoted(each.was)} before" for each in entry.renamed[:SHOWN]]
            more = f", and {len(entry.renamed) - SHOWN:,} more" if len(entry.renamed) > SHOWN else ""
            yield Finding(
                kind=FindingKind.PROTECTED_ENTRY,
                severity=Severity.ATTENTION,
                target=entry.target,
                message=(
                    f"protected.groups.{entry.target}: {quoted(entry.text)} is no name of every group that it protects: {', '.join(shown)}{more}. "
                    "The members stay protected. Change the entry to the new name, or to the ids of the groups that are meant."
                ),
            )
