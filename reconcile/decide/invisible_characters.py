"""Values with invisible characters, of another Unicode form, or of mixed alphabets: cleaned, or not written at all.

An address that only looks like another makes a second account, or a login that cannot be typed. Names are not touched.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from connectors.quoting import quoted
from reconcile.decide.fragment import PlanFragment, TargetContext, named
from reconcile.plan.model import Finding, FindingKind, Severity, Situation
from reconcile.store.connection import Store

SHOWN = 3
"""Number of characters of a value that are named."""
CREATED = (Situation.ABSENT, Situation.MISSING)
"""Situations in which an account is created."""


@dataclass(frozen=True, slots=True)
class _Unseen:
    """A value that is not written as it is stated (the columns of `unseen_values`)."""

    anchor: str
    name: str
    account_id: str
    login: str
    situation: str
    position: int
    stated: str
    value: str
    mixed: bool
    refused: bool


def clean_values(store: Store, view: TargetContext) -> PlanFragment:
    """Cleans logins, e-mail addresses and unique values in the working table `desired`.

    A creation with a refused one waits, unless it is a further address, which a new account can do without.
    """
    store.do("make_unseen")
    first = {view.traits.login, view.traits.email}
    # What is compared without case is a login or an address: a second one can be where a system sends what opens the account.
    addresses = first | {name for name in view.mapping.attributes if view.traits.ignores_case(name)}
    for position, (name, rule) in enumerate(view.mapping.attributes.items(), 1):
        judged = name in addresses or rule.unique or name in view.traits.unique
        # To compile what tells alphabets apart takes longer than to look at the values of a small company.
        if judged and store.value("holds_odd_values", position=position):
            store.do("make_mixed")
            store.do("add_unseen", position=position, address=name in addresses, refuse=rule.unseen == "refuse")
            store.do("take_cleaned", position=position)
    found = [_Unseen(*row) for row in store.rows("unseen_values")]
    return PlanFragment(
        findings=tuple(_finding(view, each) for each in found),
        blocked=frozenset(
            each.anchor for each in found if each.refused and each.situation in CREATED and _needed(view, _attribute(view, each))
        ),
    )


def _attribute(view: TargetContext, each: _Unseen) -> str:
    return list(view.mapping.attributes)[each.position - 1]


def _needed(view: TargetContext, attribute: str) -> bool:
    """Whether no account is created without a value of the attribute that can be written."""
    rule, traits = view.mapping.attributes[attribute], view.traits
    return attribute in {traits.login, traits.email} | traits.required | traits.unique or rule.required or rule.unique


def _finding(view: TargetContext, each: _Unseen) -> Finding:
    attribute = _attribute(view, each)
    person = named(each.name, each.anchor)
    if each.mixed:
        problem = f"mixes letters of two alphabets in one word: {_letters(each.stated)}"
    else:
        problem = f"holds invisible characters, or another form of a letter: {_letters(each.stated)}"
    return Finding(
        kind=FindingKind.UNSEEN,
        severity=Severity.ATTENTION if each.refused else Severity.NOTE,
        target=view.name,
        anchor=each.anchor,
        account_id=each.account_id,
        who=each.login,
        message=f"{attribute} of {person} {problem}. {_effect(view, each, attribute)}",
    )


def _letters(text: str) -> str:
    """Lists the characters of a text beside printable ASCII, by code point and name: they cannot be seen otherwise."""
    odd = dict.fromkeys(letter for letter in text if not (letter.isascii() and letter.isprintable()))
    shown = [f"U+{ord(letter):04X} {unicodedata.name(letter, '')}".strip() for letter in odd]
    return ", ".join(shown[:SHOWN]) + (" and others" if len(shown) > SHOWN else "")


def _effect(view: TargetContext, each: _Unseen, attribute: str) -> str:
    if each.refused:
        if each.situation not in CREATED:
            waits = f"{attribute} stays as it is"
        elif _needed(view, attribute):
            waits = "No account is created"
        else:
            waits = "The new account is made without it"
        return f"{waits} until the source is corrected."
    if not each.value:
        return "Nothing else is in it, so it counts as not stated. Correct the source."
    return f"It is read as {quoted(each.value)}. Correct the source."
