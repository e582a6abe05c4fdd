"""Compares accounts with their desired attributes: creates, updates, and what blocks them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable

from connectors.contract import Value
from reconcile.decide.changes.renames import immutable_findings
from reconcile.decide.changes.shared_texts import WrittenValues
from reconcile.decide.differences import Difference, Notes, Subject, noted, subjects_of, why_changed
from reconcile.decide.fragment import PlanFragment, TargetContext, named, operation_id
from reconcile.decide.identities.standing import Life, standing
from reconcile.plan.impact import number_of
from reconcile.plan.model import Because, Finding, FindingKind, Operation, Severity, Situation, Verb
from reconcile.store.connection import Store
from reconcile.store.values import value_of

WITHOUT_ACCOUNT = (Situation.ABSENT, Situation.MISSING)
"""The situations in which an account is created."""


class Diff:
    """The comparison of one target, from the working tables that `correlate` left."""

    def __init__(self, store: Store, view: TargetContext, notes: Notes) -> None:
        """`notes`: by anchor and attribute, what else is to be said of a value."""
        self._store = store
        self._view = view
        self._notes = notes
        rules = view.mapping.attributes.values()
        # Candidates need not be of one type: a value that is chosen among several is text.
        kinds = store.expressions.types("identity", [rule.expression for rule in rules])
        self._types = ["VARCHAR" if rule.otherwise else kind for rule, kind in zip(rules, kinds, strict=True)]
        _set_rules(store, view)

    def decide(self, undecided: Collection[str] = ()) -> PlanFragment:
        """Creates, renames and updates. A problem of one attribute concerns that attribute alone, and blocks no person who has an account.

        `undecided`: the people whose account is still to be decided about; nothing of it goes on, so that no attribute is said to stay.
        """
        missing, blocked = self._missing_required()
        unstated, waiting = _unstated(self._store, self._view)
        self._store.do("make_differing_accounts")
        differences = [Difference(*row) for row in self._store.rows("differences")]
        immutable = [each for each in differences if each.immutable]
        mutable = [each for each in differences if not each.immutable]
        renamed = [each for each in immutable if self._view.writes(each.attribute)]
        stay = [each for each in immutable if not self._view.writes(each.attribute) and each.anchor not in undecided]
        subjects = subjects_of(self._store, {each.anchor for each in differences})
        return PlanFragment(
            operations=(*self._creates(), *self._changes(Verb.RENAME, renamed, subjects), *self._changes(Verb.UPDATE, mutable, subjects)),
            findings=(*unstated, *missing, *immutable_findings(self._view, stay, subjects)),
            blocked=blocked | waiting,
        )

    def _creates(self) -> Iterable[Operation]:
        names = list(self._view.mapping.attributes)
        written = WrittenValues(names, self._types)
        login = names.index(self._view.traits.login) if self._view.traits.login in names else None
        whys = {situation: self._why_created(situation) for situation in WITHOUT_ACCOUNT}
        for anchor, name, state, life, situation, values in self._store.stream("wanted_accounts"):
            after = written.of(values)
            why = f"{standing(named(name, anchor), state, Life.of(life))}{whys[situation]}"
            yield Operation(
                id=operation_id(self._view.name, Verb.CREATE, anchor),
                target=self._view.name,
                verb=Verb.CREATE,
                anchor=anchor,
                account_id="",
                who=(values[login] or "") if login is not None else "",
                name=name,
                after=after,
                because=Because(
                    situation=Situation(situation),
                    rule=self._view.rule("attributes"),
                    detail=" ".join([why, *noted(anchor, after, self._notes)]),
                ),
            )

    def _why_created(self, situation: Situation) -> str:
        """The rest of the sentence, after the name and the standing of the person."""
        if situation is Situation.MISSING:
            return "; the account is gone, and the mapping says recreate_missing = true."
        keys = " or ".join(key.account for key in self._view.mapping.correlate)
        return f" and should have an account; none is linked{f', and none matches by {keys}' if keys else ''}."

    def _changes(self, verb: Verb, differences: Iterable[Difference], subjects: dict[str, Subject]) -> Iterable[Operation]:
        by_anchor: dict[str, list[Difference]] = defaultdict(list)
        for each in differences:
            by_anchor[each.anchor].append(each)
        held = self._attributes_of(sorted({each.account_id for changes in by_anchor.values() for each in changes}))
        for anchor, changes in by_anchor.items():
            subject = subjects[anchor]
            yield Operation(
                id=operation_id(self._view.name, verb, anchor),
                target=self._view.name,
                verb=verb,
                anchor=anchor,
                account_id=changes[0].account_id,
                who=subject.login,
                name=subject.name,
                before={each.attribute: held[each.account_id].get(each.attribute) for each in changes},
                after={each.attribute: self._typed(each.position - 1, each.wanted) if each.wanted else None for each in changes},
                because=Because(
                    situation=subject.situation,
                    rule=self._view.rule("attributes"),
                    detail=why_changed(self._view, verb, anchor, [each.attribute for each in changes], self._notes),
                ),
            )

    def _attributes_of(self, ids: list[str]) -> dict[str, dict[str, Value]]:
        return {id_: json.loads(text) for id_, text in self._store.rows("account_attributes", target=self._view.name, ids=ids)}

    def _typed(self, index: int, text: str) -> Value:
        return value_of(text, self._types[index])

    def _missing_required(self) -> tuple[list[Finding], frozenset[str]]:
        """A finding for each person who lacks a required value; those of them for whom no account is created."""
        found = self._store.rows("missing_required")
        subjects = subjects_of(self._store, {anchor for anchor, *_ in found})
        findings = [
            Finding(
                kind=FindingKind.REQUIRED,
                severity=Severity.ATTENTION,
                target=self._view.name,
                anchor=anchor,
                account_id=account_id,
                who=subjects[anchor].login if account_id else "",
                message=(
                    f"{named(name, anchor)} has no value for {', '.join(attributes)}, which {self._view.name} requires. "
                    f"{'What the account has stays' if account_id else 'No account is created'} until the source has it."
                ),
            )
            for anchor, name, account_id, attributes in found
        ]
        return findings, frozenset(anchor for anchor, _, account_id, _ in found if not account_id)


def _unstated(store: Store, view: TargetContext) -> tuple[list[Finding], frozenset[str]]:
    """One finding where no rule states what the target requires of a new account, and the people who get none for that."""
    names = sorted(view.traits.required - view.mapping.attributes.keys())
    people = frozenset(anchor for (anchor, *_) in store.rows("wanted_accounts")) if names else frozenset()
    if not people:
        return [], frozenset()
    message = (
        f"{view.name} requires {', '.join(names)} of every new account, and no rule states it: "
        f"{number_of(len(people), 'account is', 'accounts are')} not created. Add {', '.join(f'attributes.{name}' for name in names)} to the mapping."
    )
    return [Finding(kind=FindingKind.REQUIRED, severity=Severity.ATTENTION, target=view.name, message=message)], people


def _set_rules(store: Store, view: TargetContext) -> None:
    rules = [
        {
            "position": position,
            "name": name,
            "immutable": view.is_immutable(name),
            "create_only": rule.create_only,
            "clear": rule.clear,
            "ignore_case": view.ignores_case(name),
            "required": rule.required or (rule.clear and view.needs(name)),
            "needed": view.needs(name),
            "telephone": view.traits.is_telephone(name),
        }
        for position, (name, rule) in enumerate(view.mapping.attributes.items(), 1)
    ]
    store.do("make_attribute_rules", rules=rules)
