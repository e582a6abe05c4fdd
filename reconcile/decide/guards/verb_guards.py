"""Guards that count the operations of one verb: against its limit, and against the usual number of a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from connectors.contract import Opening
from reconcile.decide.guards.facts import MEMBERSHIPS, GuardFacts
from reconcile.decide.guards.guarded_target import GuardedTarget, gained, share_of_all
from reconcile.decide.guards.verdict import GuardPart, over_limit
from reconcile.plan.impact import GIVING, NO_BULK, BulkCount, Impact, number_of, population_of, share_of_whole
from reconcile.plan.model import GROUP_VERBS, Operation, Verb

DAYS_NEEDED = 5
"""Days with a run that are needed to know the usual number."""

_WORDS = {
    Verb.DEACTIVATE: "deactivated",
    Verb.SUSPEND: "suspended",
    Verb.UPDATE_GROUP: "changed",
    Verb.CREATE_GROUP: "created",
    Verb.CREATE: "created",
    Verb.REACTIVATE: "reactivated",
    Verb.RENAME: "renamed",
    Verb.UPDATE: "changed",
    Verb.ADD_MEMBER: "added",
    Verb.REMOVE_MEMBER: "removed",
    Verb.DELETE: "deleted",
    Verb.DELETE_GROUP: "deleted",
    Verb.REVOKE_SESSIONS: "signed out",
    Verb.UNLOCK: "unlocked",
    Verb.RESET_FACTORS: "left without factors",
    Verb.RESET_PASSWORD: "given a password reset",
    Verb.TEMPORARY_PASSWORD: "given a temporary password",
    Verb.EXPIRE_PASSWORD: "left with an expired password",
    Verb.RESEND_ACTIVATION: "sent another activation mail",
}


def limit_of_verb(target: GuardedTarget, verb: Verb) -> list[GuardPart]:
    """The part of the guard that limits the operations of a verb."""
    concerned, bulk = _counted(target, verb), _bulk_of(target.facts, verb)
    if not concerned and not bulk.operations:
        return []
    earlier = target.earlier(verb.value, concerned, lambda each: _counts(verb, each), bulk)
    limit = target.guards.limit(target.name, verb)
    giving = verb in GIVING
    size = gained(concerned, earlier, target.census.population, bulk) if giving else target.size(limit, concerned, earlier, bulk)
    over = over_limit(size, limit)
    # A group is none of the accounts.
    share = "" if verb in GROUP_VERBS else f" ({share_of_all(size)})"
    numbers = _done(target.name, verb, concerned, size, bulk) + share
    return [GuardPart(size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier, bulk=bulk)]


def usual_number(target: GuardedTarget, verb: Verb) -> list[GuardPart]:
    """The part of the guard that compares the operations of a verb with those of past days."""
    facts, usual = target.facts, target.guards.usual
    concerned, bulk, days = _counted(target, verb), _bulk_of(facts, verb), facts.past_sizes
    if not (concerned or bulk.operations) or len(days) < DAYS_NEEDED:
        return []
    earlier = target.earlier(f"usual.{verb}", concerned, lambda each: each.verb in _counting(verb), bulk)
    size = gained(concerned, earlier, population_of(target.census, verb), bulk)
    size = size if verb in GIVING else share_of_whole(size)
    most = median(sum(day.get(each, 0) for each in _counting(verb)) for day in days)
    allowed = max(usual.floor, usual.times * most)
    done = _done(target.name, verb, concerned, size, bulk)
    numbers = f"{done}; the usual number is {most:g}, the median of the last {len(days)} days with a run"
    over = f"the limit is {usual.times:g} times that, or {usual.floor:,} where that is more" if size.operations > allowed else ""
    return [GuardPart(size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier, bulk=bulk)]


def _counted(target: GuardedTarget, verb: Verb) -> Sequence[Operation]:
    """Returns the operations that count against the limit of a verb."""
    own = [operation for each in _counting(verb) for operation in target.operations[each]]
    return own if verb is not Verb.REACTIVATE else own + [each for each in target.operations[Verb.CREATE] if _counts(verb, each)]


def _counting(verb: Verb) -> tuple[Verb, ...]:
    """The verbs that count against the limit of one: a suspension is no way around that of deactivations."""
    return (Verb.DEACTIVATE, Verb.SUSPEND) if verb is Verb.DEACTIVATE else (verb,)


def _counts(verb: Verb, operation: Operation) -> bool:
    """Whether an operation counts against the limit of a verb. Mails that go out by mistake cannot be taken back, whatever made the accounts."""
    mails = verb is Verb.REACTIVATE and operation.verb is Verb.CREATE and operation.opening is Opening.MAIL
    return operation.verb in _counting(verb) or mails


def _bulk_of(facts: GuardFacts, verb: Verb) -> BulkCount:
    """Returns the operations of a verb that are counted and not looked at."""
    return {Verb.ADD_MEMBER: facts.bulk, Verb.REACTIVATE: facts.reactivated}.get(verb, NO_BULK)


def _done(target: str, verb: Verb, concerned: Iterable[Operation], size: Impact, bulk: BulkCount) -> str:
    verbs = [*([verb] if bulk.operations else []), *(one.verb for one in concerned)]
    words = " or ".join(dict.fromkeys(_WORDS[one] for one in verbs)) or _WORDS[verb]
    what = number_of(size.accounts, "group" if verb in GROUP_VERBS else "account")
    if verb in MEMBERSHIPS:
        what = f"{number_of(size.operations, 'membership')} of {what}"
    return f"{what} would be {words} in {target}"
