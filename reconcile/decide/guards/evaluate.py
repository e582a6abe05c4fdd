"""Evaluates the guards of a finished plan. A plan over a limit is refused whole, before the first write.

Every guard is monotone: a plan that does more of the same is never let through where a smaller one is refused. So what a plan gives
is never set against what it takes. What other runs of the day did counts too, as if the plan did it: several plans are no way around a limit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from connectors.contract import Opening
from reconcile.decide.guards.changed_keys import changed_keys_sentence
from reconcile.decide.guards.effective_loss import admins_lost, app_losses, most_lost
from reconcile.decide.guards.facts import LOSING, GuardFacts, of_target
from reconcile.decide.guards.verdict import GuardPart, over_limit, verdict
from reconcile.plan.earlier import Applied, beside
from reconcile.plan.impact import GIVING, NO_BULK, BulkCount, Impact, extent, number_of, of_all, population_of
from reconcile.plan.model import CHANGING, GROUP_VERBS, Census, Operation, Verb, Verdict
from reconcile.plan.placeholders import completes_creation
from reconcile.project.limits import Guards, Limit

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
_MEMBERSHIPS = (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)


def judge(
    guards: Guards, census: Iterable[Census], operations: Iterable[Operation], guard_facts: Sequence[GuardFacts] = ()
) -> tuple[Verdict, ...]:
    """Evaluates the guards that apply to a target's operations.

    The percentage is the share of accounts concerned, of `impact.population_of`. For memberships it is of the accounts that gain or
    lose at least one; the number that `count` and `floor` speak of is the number of memberships. Suspensions count as deactivations
    too: they are no way around that limit.
    """
    of: dict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        of[operation.target].append(operation)
    verdicts = []
    for each in sorted(census, key=lambda one: one.target):
        of_one = _TargetGuards(guards, each, _by_verb(of[each.target]), of_target(guard_facts, each.target))
        verdicts += [verdict(f"{each.target}.{guard}", parts) for guard, parts in of_one.questions() if parts]
    return tuple(verdicts)


def _by_verb(operations: Iterable[Operation]) -> Mapping[Verb, Sequence[Operation]]:
    found: dict[Verb, list[Operation]] = {verb: [] for verb in Verb}
    for operation in operations:
        # What a new account gets once its manager has one, too, is no change of it.
        if not completes_creation(operation):
            found[operation.verb].append(operation)
    return found


def _counting(verb: Verb) -> tuple[Verb, ...]:
    """The verbs that count against the limit of one: a suspension is no way around that of deactivations."""
    return (Verb.DEACTIVATE, Verb.SUSPEND) if verb is Verb.DEACTIVATE else (verb,)


def _counts(verb: Verb, operation: Operation) -> bool:
    """Whether an operation counts against the limit of a verb. Mails that go out by mistake cannot be taken back, whatever made the accounts."""
    mails = verb is Verb.REACTIVATE and operation.verb is Verb.CREATE and operation.opening is Opening.MAIL
    return operation.verb in _counting(verb) or mails


@dataclass(frozen=True, slots=True)
class _TargetGuards:
    """The guards of one target, with what they are evaluated on."""

    guards: Guards
    census: Census
    operations: Mapping[Verb, Sequence[Operation]]
    facts: GuardFacts

    @property
    def target(self) -> str:
        return self.census.target

    def questions(self) -> Iterator[tuple[str, list[GuardPart]]]:
        """Every guard with the parts that it looks at; without parts it has nothing to say."""
        for verb in Verb:
            yield verb.value, self._verb(verb)
        for verb in _MEMBERSHIPS:
            yield f"groups.{verb.value}", self._groups(verb)
        yield "attributes", self._attributes()
        for name in self.facts.dimensions:
            yield f"dimensions.{name}", self._dimension(name)
        yield "privileged", self._privileged()
        yield "lose_app", self._apps()
        yield "changed_keys", self._changed_keys()
        yield "admins", self._admins()
        for verb in self.guards.usual.verbs:
            yield f"usual.{verb.value}", self._usual(verb)

    def _verb(self, verb: Verb) -> list[GuardPart]:
        concerned, bulk = self._counted(verb), _bulk_of(self.facts, verb)
        if not concerned and not bulk.operations:
            return []
        earlier = self._earlier(verb.value, concerned, lambda each: _counts(verb, each), bulk)
        limit = self.guards.limit(self.target, verb)
        giving = verb in GIVING
        size = _together(concerned, earlier, self.census.population, bulk) if giving else self._size(limit, concerned, earlier, bulk)
        over = over_limit(size, limit)
        # A group is none of the accounts.
        share = "" if verb in GROUP_VERBS else f" ({_share(size)})"
        numbers = _done(self.target, verb, concerned, size, bulk) + share
        return [GuardPart(size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier, bulk=bulk)]

    def _counted(self, verb: Verb) -> Sequence[Operation]:
        """Returns the operations that count against the limit of a verb."""
        own = [operation for each in _counting(verb) for operation in self.operations[each]]
        return own if verb is not Verb.REACTIVATE else own + [each for each in self.operations[Verb.CREATE] if _counts(verb, each)]

    def _earlier(
        self, guard: str, planned: Sequence[Operation], counts: Callable[[Operation], bool], bulk: BulkCount = NO_BULK
    ) -> tuple[Applied, ...]:
        """Returns the operations of other runs of the day that count for a guard beside the planned ones."""
        return beside(self.facts.earlier, f"{self.target}.{guard}", planned, counts, others=bulk.operations)

    def _size(self, limit: Limit, planned: Sequence[Operation], earlier: Sequence[Applied], bulk: BulkCount = NO_BULK) -> Impact:
        """Returns the impact on the accounts of before; on all accounts, where that alone is over the limit.

        Accounts that other runs of the day made are among all: they make a loss of the others no smaller, and their own is judged.
        """
        made = self.facts.made
        before = (
            [each for each in planned if each.account_id not in made],
            [each for each in earlier if each.operation.account_id not in made],
        )
        known = _together(*before, self.census.standing, bulk)
        everything = _together(planned, earlier, self.census.population, bulk)
        return everything if not over_limit(known, limit) and (over_limit(everything, limit) or not known.operations) else known

    def _groups(self, verb: Verb) -> list[GuardPart]:
        changed: dict[tuple[str, str], list[Operation]] = defaultdict(list)
        for operation in self.operations[verb]:
            if operation.entitlement_id in self.facts.members:
                changed[operation.entitlement_id, operation.entitlement].append(operation)
        bulk = self.facts.bulk_by_group if verb is Verb.ADD_MEMBER else {}
        return [self._group(verb, each, changed[each], bulk.get(each, NO_BULK)) for each in dict.fromkeys((*changed, *bulk))]

    def _group(self, verb: Verb, group: tuple[str, str], concerned: Sequence[Operation], bulk: BulkCount) -> GuardPart:
        id_, name = group[0], group[1] or group[0]
        members = self.facts.members[id_]
        earlier = self._earlier(f"groups.{verb}", concerned, lambda each: each.verb is verb and each.entitlement_id == id_, bulk)
        size = _together(concerned, earlier, members, bulk)
        held = number_of(members, "member")
        if verb is Verb.REMOVE_MEMBER:
            numbers = f"{size.accounts:,} of the {held} of {name} would be removed in {self.target} ({size.percent})"
        else:
            numbers = f"{number_of(size.accounts, 'account')} would be added to {name} in {self.target}, which has {held} ({size.percent})"
        over = over_limit(size, self.guards.groups.of(verb))
        return GuardPart(name=name, size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier, bulk=bulk)

    def _attributes(self) -> list[GuardPart]:
        changed: dict[str, list[Operation]] = defaultdict(list)
        for operation in (*self.operations[Verb.RENAME], *self.operations[Verb.UPDATE]):
            for name in operation.after:
                changed[name].append(operation)
        return [self._attribute(name, concerned) for name, concerned in changed.items()]

    def _attribute(self, name: str, concerned: Sequence[Operation]) -> GuardPart:
        earlier = self._earlier("attributes", concerned, lambda each: each.verb in CHANGING and name in each.after)
        limit = self.guards.attribute_limit(name)
        size = self._size(limit, concerned, earlier)
        numbers = f"{name} would change for {number_of(size.accounts, 'account')} in {self.target} ({_share(size)})"
        over = over_limit(size, limit)
        return GuardPart(name=name, size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier)

    def _dimension(self, name: str) -> list[GuardPart]:
        of = self.facts.dimensions[name].of
        losing: dict[str, list[Operation]] = defaultdict(list)
        for operation in self._ending():
            if value := of.get(operation.anchor):
                losing[value].append(operation)
        return [self._value(name, value, concerned) for value, concerned in losing.items()]

    def _value(self, name: str, value: str, concerned: Sequence[Operation]) -> GuardPart:
        dimension = self.facts.dimensions[name]
        earlier = self._earlier(
            f"dimensions.{name}", concerned, lambda each: each.verb in LOSING and dimension.of.get(each.anchor) == value
        )
        size = _together(concerned, earlier, dimension.sizes.get(value, 0))
        numbers = f"{size.accounts:,} of {size.population:,} people with {name} {value!r} would lose their account in {self.target} ({size.percent})"
        over = over_limit(size, self.guards.dimensions[name].loss())
        return GuardPart(name=value, size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier)

    def _privileged(self) -> list[GuardPart]:
        concerned = [each for verb in _MEMBERSHIPS for each in self.operations[verb] if each.privileged]
        if not concerned:
            return []
        earlier = self._earlier("privileged", concerned, lambda each: each.privileged)
        size = self._size(self.guards.privileged, concerned, earlier)
        numbers = f"{number_of(size.operations, 'membership')} that give power over {self.target} would change ({_share(size)})"
        over = over_limit(size, self.guards.privileged)
        return [GuardPart(size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier)]

    def _apps(self) -> list[GuardPart]:
        planned = [*self._ending(), *self.operations[Verb.REMOVE_MEMBER]]
        if not app_losses(planned, self.facts.apps):
            return []
        taken = self._earlier("lose_app", planned, lambda each: each.verb in LOSING or each.verb is Verb.REMOVE_MEMBER)
        losses = app_losses([*planned, *(each.operation for each in taken)], self.facts.apps)
        size = Impact(len(losses), len(losses), self.facts.app_holders)
        app, most = most_lost(losses)
        numbers = (
            f"{number_of(size.accounts, 'account')} would lose an app in {self.target}, most of them {app} ({most:,}): "
            f"{size.percent} of the {size.population:,} that hold one"
        )
        over = over_limit(size, self.guards.app_limit())
        causes = {each.cause.id for each in losses}
        earlier = [each for each in taken if each.operation.id in causes]
        concerned = [each for each in planned if each.id in causes]
        return [GuardPart(size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier)]

    def _changed_keys(self) -> list[GuardPart]:
        pairs = self.facts.changed_keys
        concerned = [each for each in self.operations[Verb.CREATE] if each.anchor in pairs]
        if not concerned:
            return []
        earlier = self._earlier("changed_keys", concerned, lambda each: each.verb is Verb.CREATE and each.anchor in pairs)
        size = _together(concerned, earlier, self.census.standing)
        numbers = changed_keys_sentence(self.target, pairs, concerned, size)
        return [
            GuardPart(size=size, over=over_limit(size, self.guards.changed_keys), numbers=numbers, concerned=concerned, earlier=earlier)
        ]

    def _admins(self) -> list[GuardPart]:
        admins, rule = self.facts.admins, self.guards.admins.get(self.target)
        planned = [each for of_verb in self.operations.values() for each in of_verb]
        if admins is None or rule is None or not (planned or self.facts.bulk.operations or self.facts.reactivated.operations):
            return []
        if not admins.groups:
            numbers = f"guards.admins names the group {rule.group}, which {self.target} does not have"
            return [GuardPart(size=Impact(0, 0, 0), over="the administrators who would be left are unknown", numbers=numbers, concerned=[])]
        lost = admins_lost(planned, admins)
        if not lost:
            return []
        left = len(admins.working) - len(lost)
        size = Impact(len(lost), len(lost), len(admins.working))
        numbers = (
            f"{left:,} of the {len(admins.working):,} working members of {admins.known_as or rule.group} would be left in {self.target}"
        )
        over = f"at least {rule.at_least:,} must be" if left < rule.at_least else ""
        return [GuardPart(size=size, over=over, numbers=numbers, concerned=list(lost.values()))]

    def _usual(self, verb: Verb) -> list[GuardPart]:
        concerned, bulk, days, usual = self._counted(verb), _bulk_of(self.facts, verb), self.facts.past_sizes, self.guards.usual
        if not (concerned or bulk.operations) or len(days) < DAYS_NEEDED:
            return []
        earlier = self._earlier(f"usual.{verb}", concerned, lambda each: each.verb in _counting(verb), bulk)
        size = _together(concerned, earlier, population_of(self.census, verb), bulk)
        most = median(sum(day.get(each, 0) for each in _counting(verb)) for day in days)
        allowed = max(usual.floor, usual.times * most)
        numbers = f"{_done(self.target, verb, concerned, size, bulk)}; the usual number is {most:g}, the median of the last {len(days)} days with a run"
        over = f"the limit is {usual.times:g} times that, or {usual.floor:,} where that is more" if size.operations > allowed else ""
        return [GuardPart(size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier, bulk=bulk)]

    def _ending(self) -> list[Operation]:
        return [each for verb in Verb if verb in LOSING for each in self.operations[verb]]


def _bulk_of(facts: GuardFacts, verb: Verb) -> BulkCount:
    """Returns the operations of a verb that are counted and not looked at."""
    return {Verb.ADD_MEMBER: facts.bulk, Verb.REACTIVATE: facts.reactivated}.get(verb, NO_BULK)


def _done(target: str, verb: Verb, concerned: Iterable[Operation], size: Impact, bulk: BulkCount) -> str:
    verbs = [*([verb] if bulk.operations else []), *(one.verb for one in concerned)]
    words = " or ".join(dict.fromkeys(_WORDS[one] for one in verbs)) or _WORDS[verb]
    what = number_of(size.accounts, "group" if verb in GROUP_VERBS else "account")
    if verb in _MEMBERSHIPS:
        what = f"{number_of(size.operations, 'membership')} of {what}"
    return f"{what} would be {words} in {target}"


def _together(planned: Sequence[Operation], earlier: Iterable[Applied], population: int, bulk: BulkCount = NO_BULK) -> Impact:
    return extent([*planned, *(each.operation for each in earlier)], population, bulk)


def _share(size: Impact) -> str:
    return f"{size.percent} of {of_all(size.population)}"
