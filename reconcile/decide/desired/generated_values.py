"""Generates unique values: picks one of several candidates of a rule for each person: `jsmith`, and `jsmith2` where that is taken.

A person who holds one of their candidates keeps it, so no account is renamed because another person came or left. A first candidate that
no account holds and no other person has first is taken; the others choose in the order of their anchors.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.quoting import quoted
from mappings.expressions import NUMBER, Language, parse_expression
from mappings.rules import AttributeRule
from reconcile.decide.differences import Notes
from reconcile.decide.fragment import PlanFragment, TargetContext, named
from reconcile.plan.model import Finding, FindingKind, Severity
from reconcile.store.connection import Store

FIRST_NUMBER = 2
LAST_NUMBER = 99
AT_ONCE = 8
"""Numbers that are tried together: most people find a value among the first few."""


@dataclass(frozen=True, slots=True)
class Generated:
    """The findings of generation; the values themselves are in the working table `desired`."""

    decision: PlanFragment
    """Findings on people for whom no candidate is free."""
    notes: Notes = field(default_factory=dict)
    """Notes by anchor and attribute why a person does not have their first candidate."""


def generate(store: Store, view: TargetContext, language: Language) -> Generated:
    """Chooses for every attribute of the target whose rule names several candidates."""
    store.do("make_value_key")
    findings: list[Finding] = []
    blocked: set[str] = set()
    without: list[tuple[str, int]] = []
    notes: dict[tuple[str, str], str] = {}
    for position, (name, rule) in enumerate(view.mapping.attributes.items(), 1):
        if not rule.otherwise:
            continue
        with store.schemas.step():
            _Choosing(store, rule, position, language).choose()
            found = store.rows("people_without_candidate")
            findings += [_nothing_free(view, name, *row) for row in found]
            blocked |= {anchor for anchor, _, account_id, _ in found if not account_id}
            without += [(anchor, position) for anchor, *_ in found]
            notes |= {(anchor, name): _note(name, value, first) for anchor, value, first in store.rows("later_choices")}
    anchors, positions = [anchor for anchor, _ in without], [position for _, position in without]
    store.do("make_without_candidate", anchors=anchors, positions=positions)
    return Generated(PlanFragment(findings=tuple(findings), blocked=frozenset(blocked)), notes)


class _Choosing:
    """One attribute."""

    def __init__(self, store: Store, rule: AttributeRule, position: int, language: Language) -> None:
        self._store, self._position, self._create_only = store, position, rule.create_only
        last = rule.otherwise[-1]
        self._numbered = last if NUMBER in {name.lower() for name in parse_expression(last, language).columns} else ""
        self._plain = [rule.expression, *(rule.otherwise[:-1] if self._numbered else rule.otherwise)]

    def choose(self) -> None:
        self._store.do("make_wanting", "make_held_values", "make_open_people", position=self._position, create_only=self._create_only)
        self._store.do("make_taken_values", "make_open_identities")
        self._store.relations.derive_list("candidate_list", "open_identity", "anchor", self._plain)
        self._keep_plain()
        self._keep_numbered()
        with self._store.schemas.step():
            self._store.do("make_candidate_values")
            chosen = self._chosen()
        self._store.do("make_choices", anchors=list(chosen), values=list(chosen.values()))
        self._store.do("take_choices", position=self._position)

    def _keep_plain(self) -> None:
        with self._store.schemas.step():
            self._store.do("make_candidate_values", "keep_held")

    def _keep_numbered(self) -> None:
        for first in range(FIRST_NUMBER, LAST_NUMBER + 1, AT_ONCE) if self._numbered else ():
            if not self._store.value("open_holders"):
                return
            with self._store.schemas.step():
                self._store.do("make_numbered_holders", first=first, last=_last_of(first))
                self._make_numbered_values()
                self._store.do("keep_held")

    def _make_numbered_values(self) -> None:
        self._store.relations.derive("numbered_value", "numbered_identity", {"value": self._numbered}, kept=["anchor", "number"])
        self._store.do("make_numbered_values")

    def _chosen(self) -> dict[str, str | None]:
        """Returns the values of the people without one; None for those who have candidates of which none is free."""
        offers = {anchor: _Offers() for (anchor,) in self._store.rows("open_people")}
        self._offer(offers)
        while True:
            chosen = first_free(offers)
            more = [anchor for anchor, each in offers.items() if anchor not in chosen and each.next <= LAST_NUMBER]
            if not more or not self._numbered:
                nothing = {anchor: None for anchor, each in offers.items() if each.stated and anchor not in chosen}
                return {**chosen, **nothing}
            by_number = defaultdict(list)
            for anchor in more:
                by_number[offers[anchor].next].append(anchor)
            for first, anchors in sorted(by_number.items()):
                with self._store.schemas.step():
                    self._store.do("make_numbered_people", anchors=anchors, first=first, last=_last_of(first))
                    self._make_numbered_values()
                    self._offer(offers)
                for anchor in anchors:
                    offers[anchor].next = _last_of(first) + 1

    def _offer(self, offers: Mapping[str, _Offers]) -> None:
        for anchor, position, value, key, taken in self._store.rows("candidates_to_choose"):
            each = offers[anchor]
            each.stated = True
            if not taken:
                each.first = key if position == 1 else each.first
                each.free.append((key, value))


@dataclass(slots=True)
class _Offers:
    """The candidates of one person that were looked at so far."""

    free: list[tuple[str, str]] = field(default_factory=list)
    """Key and value of those that no account holds, in order."""
    first: str = ""
    """The key of the first candidate, where no account holds it."""
    stated: bool = False
    """Whether there is any candidate at all."""
    next: int = FIRST_NUMBER
    """The first number that was not looked at yet."""


def first_free(offers: Mapping[str, _Offers]) -> dict[str, str]:
    """Returns the value of each person with a free candidate: the first one where no other person has it first; the others in order."""
    firsts = Counter(each.first for each in offers.values())
    chosen: dict[str, str] = {}
    taken = {each.first for each in offers.values() if firsts[each.first] == 1}
    for anchor, each in offers.items():
        alone = firsts[each.first] == 1 and each.first
        found = next((offer for offer in each.free if offer[0] == alone or (not alone and offer[0] not in taken)), None)
        if found is not None:
            taken.add(found[0])
            chosen[anchor] = found[1]
    return chosen


def _last_of(first: int) -> int:
    return min(first + AT_ONCE - 1, LAST_NUMBER)


def _note(attribute: str, value: str, first: str) -> str:
    return f"{attribute} is {quoted(value)}, because {quoted(first)} is taken."


def _nothing_free(view: TargetContext, attribute: str, anchor: str, name: str, account_id: str, first: str) -> Finding:  # noqa: PLR0913, PLR0917 - the columns of `people_without_candidate`
    """Reports that no candidate is free for a person: without an account they get none."""
    shown = f" ({quoted(first)} and those after it)" if first else ""
    effect = f"What the account has as {attribute} stays" if account_id else "No account is created"
    return Finding(
        kind=FindingKind.NOT_UNIQUE,
        severity=Severity.ATTENTION,
        target=view.name,
        anchor=anchor,
        account_id=account_id,
        message=(
            f"Every candidate for the {attribute} of {named(name, anchor)}{shown} is taken. {effect} until one is free, "
            f"or attributes.{attribute}.otherwise names another."
        ),
    )
