"""States what the next run makes of a one-off action: the mapping goes on to decide every night."""

from __future__ import annotations

from reconcile.decide.act.accounts import AskedAccount, Entitled, Memberships
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.plan.model import Situation, Verb
from reconcile.plan.next_run import on_next_run

_PERHAPS = {
    Verb.DEACTIVATE: "make it active again",
    Verb.SUSPEND: "make it active again",
    Verb.DELETE: "find a person without an account",
    Verb.REACTIVATE: "end it again",
}


def afterwards(account: AskedAccount, verb: Verb) -> str:
    """Returns a sentence about the next run after a change of state; empty where it changes nothing about it."""
    if account.expected is Eligibility.ON_HOLD:
        return _not_known(account, _PERHAPS[verb]) if verb in _PERHAPS else ""
    match verb:
        case Verb.DEACTIVATE | Verb.SUSPEND if account.expected is Eligibility.ACTIVE:
            return _sentence(account, "makes it active again: the mapping gives this person an account")
        case Verb.DELETE if account.expected is Eligibility.ACTIVE:
            return _sentence(account, "finds a person without an account")
        case Verb.REACTIVATE if account.situation is Situation.UNQUALIFIED:
            return _sentence(account, "ends it again: the mapping gives this person no account")
        case _:
            return ""


def afterwards_of_membership(account: AskedAccount, verb: Verb, memberships: Memberships, entitlement: Entitled) -> str:
    """Returns the same after a change of one membership."""
    rules = memberships.rules.get((account.anchor, entitlement.id), ())
    if verb is Verb.REMOVE_MEMBER and rules and account.expected is Eligibility.ACTIVE:
        return _sentence(account, f"gives it back (granted by {', '.join(rules)})")
    if verb is Verb.REMOVE_MEMBER and account.expected is Eligibility.ON_HOLD:
        return _not_known(account, "give it back")
    if verb is Verb.ADD_MEMBER and not rules and entitlement.id in memberships.managed:
        return _sentence(account, "takes it back: the mapping decides every member of it, and no rule grants it")
    return ""


def _sentence(account: AskedAccount, again: str) -> str:
    return on_next_run(again, account.anchor or account.who)


def _not_known(account: AskedAccount, again: str) -> str:
    """The sentence about a person who is frozen: a source is in doubt, or a row of theirs cannot be used."""
    return _sentence(account, f"may {again} as soon as the sources are whole: what the mapping gives this person is not known now")
