"""Doubts about the account of a person: kind, names, the clause that states it, and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, assert_never

from reconcile.decide.fragment import listed, named

LET_PERSON_SAY = "let `person` in identities.toml say so; if the key was given to another person, decide that the account is not theirs."


class Ambiguity(StrEnum):
    """Kind of a doubt about which account is a person's (the column `kind` of `doubt`)."""

    SEVERAL = "several"
    """More than one matches."""
    OWNED = "owned"
    """One matches, and carries the anchor of another person."""
    CONTRADICTED = "contradicted"
    """One matches, and an earlier key says that it is another's."""
    RIVALS = "rivals"
    """One matches, and matches another person as well."""
    TAKEN = "taken"
    """One matches, and is linked to another person."""
    HANDED_ON = "handed_on"
    """The same, and that one has left, or is in no source any more."""
    KEYLESS = "keyless"
    """No key has a value."""
    CONFLICTING_LINKS = "conflicting_links"
    """Several of their anchors are linked, to different ones."""
    SHARED_ACCOUNT = "shared_account"
    """The one that is linked to them is linked to others as well."""
    SHARED = "shared"
    """None matches, and another person without an account has the same key."""
    ELSEWHERE = "elsewhere"
    """The linked one is gone, and another matches."""
    CLAIMED = "claimed"
    """Theirs has to end, and matches others as well."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One doubt (the columns of `doubt` after the anchor)."""

    kind: Ambiguity
    account: str
    """The account that matches: its login, else its id."""
    attribute: str
    """The key that found it."""
    value: str | None
    """Value of the account for that key, where that is not its login."""
    against: str | None
    """The earlier key that speaks against it."""
    stated: str | None
    """Value of the account for that one; of a shared key, the value."""
    gone: bool
    """Whether the person whom the account is linked to is in no source."""
    others: Sequence[Sequence[str]]
    """The first of the other people (name, anchor), or of the accounts (login or id, with key or anchor)."""
    total: int
    """Number of all of them."""

    @classmethod
    def of(cls, kind: str | None, *columns: object) -> Self | None:
        """The doubt of a row that has its columns; None where they are empty."""
        return cls(Ambiguity(kind), *columns) if kind is not None else None  # type: ignore[arg-type] # as the query gives them


def clause(doubt: Doubt) -> str:  # noqa: C901, PLR0911 - one case for each kind
    """Returns the doubt, in a sentence that begins with the person."""
    value = f" '{doubt.value}'" if doubt.value is not None else ""
    found = f"matches the account {doubt.account} by {doubt.attribute}{value}"
    people, alone = listed([named(*each) for each in doubt.others], doubt.total), doubt.total == 1
    match doubt.kind:
        case Ambiguity.CONFLICTING_LINKS:
            accounts = listed([f"{account} (as {anchor})" for account, anchor in doubt.others], doubt.total)
            return f"is one person with several remembered accounts: {accounts}"
        case Ambiguity.SHARED_ACCOUNT:
            return f"is linked to the account {doubt.account}, and so {'is' if alone else 'are'} {people}"
        case Ambiguity.SEVERAL:
            return f"matches {doubt.total:,} accounts: {listed([f'{account} ({key})' for account, key in doubt.others], doubt.total)}"
        case Ambiguity.OWNED | Ambiguity.CONTRADICTED:
            owner = f"that of {people}" if doubt.total else "of no person in the sources, and not theirs"
            return f"{found}, but its {doubt.against} '{doubt.stated}' is {owner}"
        case Ambiguity.TAKEN:
            return f"{found}, which is linked to {people}"
        case Ambiguity.HANDED_ON:
            return f"{found}, which is linked to {people}, who {'is in no source' if doubt.gone else 'should have none'} any more"
        case Ambiguity.RIVALS:
            return f"{found}, and so {'does' if alone else 'do'} {people}"
        case Ambiguity.KEYLESS:
            return "has no value for any correlation key"
        case Ambiguity.SHARED:
            return f"shares the key '{doubt.stated}' with {people}, also without an account"
        case Ambiguity.ELSEWHERE:
            return f"{found} by now"
        case Ambiguity.CLAIMED:
            return f"has an account that {people} {'matches' if alone else 'match'} too"
        case _:
            assert_never(doubt.kind)


def way_out(doubt: Doubt) -> str:
    """Returns the way out of the doubt."""
    match doubt.kind:
        case Ambiguity.TAKEN:
            return f"If the two are one person, {LET_PERSON_SAY}"
        case Ambiguity.HANDED_ON:
            return f"If this is that person come back, or in another employment, {LET_PERSON_SAY} Where it is one person, the account is activated again."
        case Ambiguity.OWNED:
            return f"If the two are one person, {LET_PERSON_SAY} Where it is one person, the account follows them, and is activated again if it was deactivated."
        case Ambiguity.KEYLESS:
            return "Nothing is done until the source states one, or a reviewer decides which account is theirs."
        case Ambiguity.SHARED:
            return "Nothing is done until the source tells them apart, or a reviewer decides which accounts are theirs."
        case (
            Ambiguity.SEVERAL
            | Ambiguity.CONTRADICTED
            | Ambiguity.RIVALS
            | Ambiguity.CONFLICTING_LINKS
            | Ambiguity.SHARED_ACCOUNT
            | Ambiguity.ELSEWHERE
            | Ambiguity.CLAIMED
        ):
            return "Nothing is done until a reviewer decides which account is theirs."
        case _:
            assert_never(doubt.kind)
