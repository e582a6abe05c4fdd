"""Whether a finished plan stays inside its limits. One that does not is refused whole, before the first write.

Every guard is monotone: a plan that does more of the same is never let through where a smaller one is refused. So what a plan gives
is never set against what it takes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from reconcile.amounts import Extent, extent, number_of, of_all
from reconcile.background import LOSING, Background, of_target
from reconcile.judgement import Part, verdict
from reconcile.limits import Guards
from reconcile.losses import admins_lost, app_losses, most_lost
from reconcile.model import Census, Operation, Verb, Verdict
from reconcile.placeholders import completes_creation

NIGHTS_NEEDED = 5
"""With fewer nights known nobody can say what is usual."""

_WORDS = {
    Verb.DEACTIVATE: "deactivated",
    Verb.SUSPEND: "suspended",
    Verb.CREATE_GROUP: "created",
    Verb.CREATE: "created",
    Verb.REACTIVATE: "reactivated",
    Verb.UPDATE: "changed",
    Verb.ADD_MEMBER: "added",
    Verb.REMOVE_MEMBER: "removed",
    Verb.DELETE: "deleted",
}
_MEMBERSHIPS = (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)


def judge(
    guards: Guards, census: Iterable[Census], operations: Iterable[Operation], backgrounds: Sequence[Background] = ()
) -> tuple[Verdict, ...]:
    """What every guard says that has something to say of a target's operations.

    The percentage is the share of accounts concerned, of `Census.population`. For memberships it is of the accounts that gain or
    lose at least one; the number that `count` and `floor` speak of is the number of memberships. Suspensions count as deactivations
    too: they are no way around that limit.
    """
    of: dict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        of[operation.target].append(operation)
    verdicts = []
    for each in sorted(census, key=lambda one: one.target):
        bench = _Bench(guards, each.target, each.population, _by_verb(of[each.target]), of_target(backgrounds, each.target))
        verdicts += [verdict(f"{each.target}.{guard}", parts) for guard, parts in bench.questions() if parts]
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


@dataclass(frozen=True, slots=True)
class _Bench:
    """One target before its judges."""

    guards: Guards
    target: str
    population: int
    operations: Mapping[Verb, Sequence[Operation]]
    background: Background

    def questions(self) -> Iterator[tuple[str, list[Part]]]:
        """Every guard with the parts that it looks at; without parts it has nothing to say."""
        for verb in Verb:
            yield verb.value, self._verb(verb)
        for verb in _MEMBERSHIPS:
            yield f"groups.{verb.value}", self._groups(verb)
        yield "attributes", self._attributes()
        for name in self.background.dimensions:
            yield f"dimensions.{name}", self._dimension(name)
        yield "privileged", self._privileged()
        yield "lose_app", self._apps()
        yield "admins", self._admins()
        for verb in self.guards.usual.verbs:
            yield f"usual.{verb.value}", self._usual(verb)

    def _verb(self, verb: Verb) -> list[Part]:
        concerned = self._counted(verb)
        if not concerned:
            return []
        size = extent(concerned, self.population)
        over = size.exceeds(self.guards.limit(self.target, verb))
        # A new group is none of the accounts.
        share = "" if verb is Verb.CREATE_GROUP else f" ({self._share(size)})"
        return [Part(size=size, over=over, numbers=self._done(concerned, size) + share, concerned=concerned)]

    def _counted(self, verb: Verb) -> Sequence[Operation]:
        """What counts against the limit of a verb."""
        return [operation for each in _counting(verb) for operation in self.operations[each]]

    def _groups(self, verb: Verb) -> list[Part]:
        changed: dict[tuple[str, str], list[Operation]] = defaultdict(list)
        for operation in self.operations[verb]:
            if operation.entitlement_id in self.background.members:
                changed[operation.entitlement_id, operation.entitlement].append(operation)
        return [self._group(verb, name or id_, self.background.members[id_], concerned) for (id_, name), concerned in changed.items()]

    def _group(self, verb: Verb, name: str, members: int, concerned: Sequence[Operation]) -> Part:
        size = extent(concerned, members)
        held = number_of(members, "member")
        if verb is Verb.REMOVE_MEMBER:
            numbers = f"{size.accounts:,} of the {held} of {name} would be removed in {self.target} ({size.percent})"
        else:
            numbers = f"{number_of(size.accounts, 'account')} would be added to {name} in {self.target}, which has {held} ({size.percent})"
        return Part(name=name, size=size, over=size.exceeds(self.guards.groups.of(verb)), numbers=numbers, concerned=concerned)

    def _attributes(self) -> list[Part]:
        changed: dict[str, list[Operation]] = defaultdict(list)
        for operation in self.operations[Verb.UPDATE]:
            for name in operation.after:
                changed[name].append(operation)
        parts = []
        for name, concerned in changed.items():
            size = extent(concerned, self.population)
            numbers = f"{name} would change for {number_of(size.accounts, 'account')} in {self.target} ({self._share(size)})"
            parts.append(
                Part(name=name, size=size, over=size.exceeds(self.guards.attribute_limit(name)), numbers=numbers, concerned=concerned)
            )
        return parts

    def _dimension(self, name: str) -> list[Part]:
        dimension = self.background.dimensions[name]
        losing: dict[str, list[Operation]] = defaultdict(list)
        for operation in self._ending():
            if value := dimension.of.get(operation.anchor):
                losing[value].append(operation)
        limit = self.guards.dimensions[name].loss()
        parts = []
        for value, concerned in losing.items():
            size = extent(concerned, dimension.sizes.get(value, 0))
            numbers = f"{size.accounts:,} of {size.population:,} people with {name} {value!r} would lose their account in {self.target} ({size.percent})"
            parts.append(Part(name=value, size=size, over=size.exceeds(limit), numbers=numbers, concerned=concerned))
        return parts

    def _privileged(self) -> list[Part]:
        concerned = [each for verb in _MEMBERSHIPS for each in self.operations[verb] if each.privileged]
        if not concerned:
            return []
        size = extent(concerned, self.population)
        numbers = f"{number_of(size.operations, 'membership')} that give power over {self.target} would change ({self._share(size)})"
        return [Part(size=size, over=size.exceeds(self.guards.privileged), numbers=numbers, concerned=concerned)]

    def _apps(self) -> list[Part]:
        losses = app_losses((each for of_verb in self.operations.values() for each in of_verb), self.background.apps)
        if not losses:
            return []
        size = Extent(len(losses), len(losses), self.background.app_holders)
        app, most = most_lost(losses)
        numbers = (
            f"{number_of(size.accounts, 'account')} would lose an app in {self.target}, most of them {app} ({most:,}): "
            f"{size.percent} of the {size.population:,} that hold one"
        )
        return [Part(size=size, over=size.exceeds(self.guards.app_limit()), numbers=numbers, concerned=[each.cause for each in losses])]

    def _admins(self) -> list[Part]:
        admins, rule = self.background.admins, self.guards.admins.get(self.target)
        if admins is None or rule is None or not any(self.operations.values()):
            return []
        if not admins.groups:
            numbers = f"guards.admins names the group {rule.group}, which {self.target} does not have"
            return [Part(size=Extent(0, 0, 0), over="nobody can say who would be left", numbers=numbers, concerned=[])]
        lost = admins_lost((each for of_verb in self.operations.values() for each in of_verb), admins)
        if not lost:
            return []
        left = len(admins.working) - len(lost)
        size = Extent(len(lost), len(lost), len(admins.working))
        numbers = f"{left:,} of the {len(admins.working):,} working members of {rule.group} would be left in {self.target}"
        over = f"at least {rule.at_least:,} must be" if left < rule.at_least else ""
        return [Part(size=size, over=over, numbers=numbers, concerned=list(lost.values()))]

    def _usual(self, verb: Verb) -> list[Part]:
        concerned, nights, usual = self._counted(verb), self.background.nights, self.guards.usual
        if not concerned or len(nights) < NIGHTS_NEEDED:
            return []
        size, most = extent(concerned, self.population), median(sum(night.get(each, 0) for each in _counting(verb)) for night in nights)
        allowed = max(usual.floor, usual.times * most)
        numbers = f"{self._done(concerned, size)}; the usual night has {most:g}, of the last {len(nights)} nights"
        over = f"the limit is {usual.times:g} times that, or {usual.floor:,} where that is more" if size.operations > allowed else ""
        return [Part(size=size, over=over, numbers=numbers, concerned=concerned)]

    def _ending(self) -> list[Operation]:
        return [each for verb in Verb if verb in LOSING for each in self.operations[verb]]

    def _done(self, concerned: Sequence[Operation], size: Extent) -> str:
        words = " or ".join(dict.fromkeys(_WORDS[one.verb] for one in concerned))
        what = number_of(size.accounts, "group" if concerned[0].verb is Verb.CREATE_GROUP else "account")
        if concerned[0].verb in _MEMBERSHIPS:
            what = f"{number_of(size.operations, 'membership')} of {what}"
        return f"{what} would be {words} in {self.target}"

    def _share(self, size: Extent) -> str:
        return f"{size.percent} of {of_all(size.population)}"
