"""Evaluates the guards of a finished plan. A plan over a limit is refused whole, before the first write.

Every guard is monotone: a plan that does more of the same is never let through where a smaller one is refused. So what a plan gives
is never set against what it takes. What other runs of the day did counts too, as if the plan did it: several plans are no way around a limit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconcile.decide.guards import part_guards, risk_guards, verb_guards
from reconcile.decide.guards.facts import MEMBERSHIPS, GuardFacts, of_target
from reconcile.decide.guards.guarded_target import GuardedTarget
from reconcile.decide.guards.verdict import GuardPart, verdict
from reconcile.plan.model import Census, Operation, Verb, Verdict
from reconcile.plan.placeholders import completes_creation
from reconcile.project.limits import Guards


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
        of_one = GuardedTarget(guards, each, _by_verb(of[each.target]), of_target(guard_facts, each.target))
        verdicts += [verdict(f"{each.target}.{guard}", parts) for guard, parts in _questions(of_one) if parts]
    return tuple(verdicts)


def _questions(target: GuardedTarget) -> Iterator[tuple[str, list[GuardPart]]]:
    """Every guard with the parts that it looks at; without parts it has nothing to say."""
    for verb in Verb:
        yield verb.value, verb_guards.limit_of_verb(target, verb)
    for verb in MEMBERSHIPS:
        yield f"groups.{verb.value}", part_guards.groups(target, verb)
    yield "attributes", part_guards.attributes(target)
    for name in target.facts.dimensions:
        yield f"dimensions.{name}", part_guards.dimension(target, name)
    yield "privileged", risk_guards.privileged(target)
    yield "lose_app", risk_guards.lost_apps(target)
    yield "changed_keys", risk_guards.second_accounts(target)
    yield "admins", risk_guards.last_admins(target)
    for verb in target.guards.usual.verbs:
        yield f"usual.{verb.value}", verb_guards.usual_number(target, verb)


def _by_verb(operations: Iterable[Operation]) -> Mapping[Verb, Sequence[Operation]]:
    found: dict[Verb, list[Operation]] = {verb: [] for verb in Verb}
    for operation in operations:
        # What a new account gets once its manager has one, too, is no change of it.
        if not completes_creation(operation):
            found[operation.verb].append(operation)
    return found
