"""Forecasts what applying a plan takes of each target: requests by the costs that its connector declares, minutes by its rate limits.

What moved since the plan, is refused or repeated is not in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil, floor
from pathlib import Path
from types import MappingProxyType

from connectors.contract import EntitlementKind, Source
from connectors.costs import BatchCosts, Calls, Costed, Costs, RateLimit
from connectors.registry import build, connector_types
from reconcile.apply.drift import SAMPLE, SAMPLE_FROM
from reconcile.apply.executor import IN_HAND
from reconcile.apply.member_batches import GATHERED
from reconcile.plan.actions import TAKING
from reconcile.plan.forecast import Forecast
from reconcile.plan.model import GROUP_VERBS, REMOVING, Plan, Verb
from reconcile.plan.operation_rows import concerned, queryable
from reconcile.project.config import ConfiguredConnector, configured_connectors
from reconcile.store.plans.work_sizes import BatchClass, WorkClass, WorkSizes, work_sizes
from reconcile.usecases.group_sizes import GroupSizes, kept_group_sizes
from reconcile.usecases.seats import SeatUses, kept_seat_uses

MEMBERSHIPS = frozenset({Verb.ADD_MEMBER, Verb.REMOVE_MEMBER})
LOOKS_OF_A_CANARY = 3
"""A look at another account or group before and after the first removal, and one at what it removed."""


def with_forecasts(
    plan: Plan, targets: Mapping[str, Source], group_sizes: GroupSizes = MappingProxyType({}), seats: SeatUses = MappingProxyType({})
) -> Plan:
    """The plan with a forecast of each target that it changes. A group without a size counts as a small one."""
    accounts = {census.target: census.standing for census in plan.census}
    costs = {name: each for name, target in targets.items() if (each := _costs(target, accounts.get(name, 0)))}
    along = {name: each.most_new_members for name, each in costs.items() if each.new_members is not None}
    sizes = work_sizes(queryable(plan.operations), plan.operations, GATHERED, group_sizes, along)
    found = (replace(forecast(name, sizes[name], costs.get(name)), seats=tuple(seats.get(name, ()))) for name in sorted(sizes))
    return replace(plan, forecasts=tuple(found))


def with_forecasts_of(plan: Plan, folder: Path, state: Path) -> Plan:
    """The same by the connectors of a project folder, whatever else is wrong with its files."""
    configured = configured_connectors(folder)
    built = {name: _built(name, configured[name], folder) for name in concerned(plan) if name in configured}
    there = {name: each for name, each in built.items() if each is not None}
    return with_forecasts(plan, there, kept_group_sizes(state, plan.digest), kept_seat_uses(state, plan.digest))


def _built(name: str, configured: ConfiguredConnector, folder: Path) -> Source | None:
    try:
        return build(connector_types()[configured.type], name, configured.settings, folder)
    except Exception:  # noqa: BLE001 - the plan is shown without the forecast of a connector that cannot be built
        return None


def _costs(target: Source, accounts: int) -> Costs | None:
    return target.costs(accounts) if isinstance(target, Costed) else None


def forecast(target: str, sizes: WorkSizes, costs: Costs | None) -> Forecast:
    """The forecast of one target; without numbers where its costs are not declared."""
    if costs is None:
        return Forecast(target=target, requests=None)
    calls = calls_of(sizes, costs)
    limit, minutes = max(
        ((name, minutes_of(calls[name], each, costs.share)) for name, each in costs.limits.items() if calls[name]),
        key=lambda each: each[1],
        default=("", None),
    )
    return Forecast(target=target, requests=calls.total(), minutes=minutes, limit=str(limit))


def minutes_of(requests: int, limit: RateLimit, share: float) -> float:
    """Minutes until the last of some requests may go: a quarter of the share goes at once, the rest evenly (`http.budget`)."""
    quota = max(1, floor(share * limit.requests))
    return max(0, requests - quota // 4) * limit.seconds / quota / 60


def calls_of(sizes: WorkSizes, costs: Costs) -> Counter[str]:
    """The requests of one target, by the limit that they count against."""
    work = _Work(costs)
    work.add(costs.start)
    work.looks_before(sizes)
    for each, count in sizes.classes.items():
        work.operations(each, count)
    work.together(sizes)
    work.searches(sizes.searches)
    if any(each.verb in (Verb.CREATE_GROUP, Verb.UPDATE_GROUP) for each in sizes.classes):
        work.add(costs.first_group_search)
    work.memberships(sizes)
    work.add(costs.new_members or {}, sizes.new_members)
    # Whether a group is still named as the plan says is asked once, before the first addition to it.
    work.add(costs.look_at_group, sizes.groups + sizes.new_groups)
    for kind, count in _removals(sizes).items():
        work.add(work.look_of(*kind), LOOKS_OF_A_CANARY if count > 1 else 1)
    return work.calls


def _removals(sizes: WorkSizes) -> Counter[tuple[Verb, str]]:
    """The removals by their kind, of which each has a canary."""
    found: Counter[tuple[Verb, str]] = Counter()
    for each, count in sizes.classes.items():
        if each.verb in TAKING:
            found[each.verb, each.kind] += count
    return found


@dataclass(slots=True)
class _Work:
    """The requests of one target, summed up."""

    costs: Costs
    calls: Counter[str] = field(default_factory=Counter)

    def add(self, calls: Calls, times: int = 1) -> None:
        self.calls.update({name: count * times for name, count in calls.items() if count * times})

    def looks_before(self, sizes: WorkSizes) -> None:
        """The sample that is looked at before the first write of a long plan: so many of each kind as its share is."""
        if sizes.operations <= SAMPLE_FROM:
            return
        for each, count in sizes.classes.items():
            if not each.waits:
                self.add(self._precondition(each), round(SAMPLE * count / sizes.operations))
        additions = sum(
            count for each, count in sizes.classes.items() if each.verb is Verb.ADD_MEMBER and each.kind == EntitlementKind.GROUP
        )
        self.add(self.costs.look_at_group, min(sizes.groups, round(SAMPLE * additions / sizes.operations)))

    def _precondition(self, each: WorkClass) -> Calls:
        if each.verb is Verb.CREATE:
            return self.costs.search.each.get("", self.costs.search.other)
        look = self.look_of(each.verb, each.kind)
        return Counter(look) + Counter(self.costs.look_at_account) if each.verb in MEMBERSHIPS else look

    def look_of(self, verb: Verb, kind: str) -> Calls:
        """A look at what one operation is about; of a membership, whether it is held."""
        if verb in MEMBERSHIPS:
            return self.costs.look_at_membership.get(_kind(kind), {})
        return self.costs.look_at_group if verb in GROUP_VERBS else self.costs.look_at_account

    def operations(self, each: WorkClass, count: int) -> None:
        """Operations but for memberships that may go together."""
        if each.verb is Verb.CREATE:
            self.add(next((calls for opening, calls in self.costs.create.items() if opening == each.opening), {}), count)
        elif each.verb not in MEMBERSHIPS:
            self.add(self.costs.verbs.get(each.verb.value, {}), count)
        elif self.costs.batch is None or each.kind != EntitlementKind.GROUP:
            self.add(self.costs.membership.get(_kind(each.kind), {}), count)

    def together(self, sizes: WorkSizes) -> None:
        """Puts what operations of one verb send together into as few requests as that takes; the first removal goes alone."""
        together = self.costs.together
        if together is None:
            return
        verbs = Counter[Verb]()
        for each, count in sizes.classes.items():
            verbs[each.verb] += count
        for verb, count in verbs.items():
            going = count - (verb in REMOVING)
            requests = ceil(going / together.most)
            if verb.value in together.verbs and going > requests:
                self.add(together.requests[verb.value], requests)
                self.calls.subtract({name: calls * going for name, calls in together.verbs[verb.value].items()})

    def searches(self, searches: Mapping[str, int]) -> None:
        search = self.costs.search
        for attribute, count in searches.items():
            self.add(search.trial)
            self.add(search.each.get(attribute, search.other), count)
        if searches:
            self.add(search.once)

    def memberships(self, sizes: WorkSizes) -> None:
        """Memberships of groups, where those of one group go together."""
        batch = self.costs.batch
        if batch is None:
            return
        alone = _behind_canaries(sizes)
        for each, count in sizes.batches.items():
            self.batches(batch, each, count - alone[each])
            self.alone(alone[each])
            self.batches(batch, each._replace(memberships=each.memberships - 1), alone[each])
        self.reads(batch, sizes.reads, alone)

    def reads(self, batch: BatchCosts, reads: Mapping[int, int], alone: Mapping[BatchClass, int]) -> None:
        """The reads of the accounts of batches: what goes alone behind a canary reads its own, and of two memberships both do."""
        if batch.accounts_a_request == 1:
            unread = sum(count * (2 if each.memberships == 2 else 1) for each, count in alone.items())
            self.add(batch.account, max(0, sum(accounts * count for accounts, count in reads.items()) - unread))
            return
        pairs = sum(count for each, count in alone.items() if each.memberships == 2)
        self.add(batch.account, reads.get(1, 0))
        lists = sum(count * ceil(accounts / batch.accounts_a_request) for accounts, count in reads.items() if accounts > 1)
        self.add(batch.accounts, max(0, lists - pairs))

    def batches(self, batch: BatchCosts, each: BatchClass, count: int) -> None:
        """Adds batches of one class, but for the reads of the accounts."""
        adds = each.verb is Verb.ADD_MEMBER
        for size, parts in ((batch.most, each.memberships // batch.most), (each.memberships % batch.most, 1)):
            if size == 1 and batch.most > 1:
                self.alone(parts * count)
            elif size:
                self.look_at_members(batch, size, each.members, parts * count, hold=not adds)
                self.add(batch.request, parts * count * ceil(size / batch.members_a_request))
                if batch.looks_after:
                    self.look_at_members(batch, size, each.members, parts * count, hold=adds)

    def look_at_members(self, batch: BatchCosts, size: int, members: int, count: int, *, hold: bool) -> None:
        """Adds looks at the members of a group; `hold`: whether the accounts are among them, evenly spread. Whom the pages do not show is asked for."""
        pages = max(1, ceil(members / batch.members_a_look)) if batch.members_a_look else 1
        read = min(pages, max(1, size // 2))
        self.add(batch.look, count * read)
        if read < pages:
            self.add(batch.holder, count * (round(size * (1 - read / pages)) if hold else size))

    def alone(self, count: int) -> None:
        self.add(self.costs.membership[EntitlementKind.GROUP], count)


def _behind_canaries(sizes: WorkSizes) -> Counter[BatchClass]:
    """The batches of which the first removal goes alone: those that are under way together until the first removal of all is verified."""
    found: Counter[BatchClass] = Counter()
    removals = [each for each in sizes.batches if each.verb is Verb.REMOVE_MEMBER]
    first = any(each.leaving for each in removals)
    ahead = IN_HAND
    for each in sorted(each for each in removals if each.leaving is first and each.memberships > 1):
        found[each] = min(ahead, sizes.batches[each])
        ahead -= found[each]
    return found


def _kind(kind: str) -> EntitlementKind:
    return EntitlementKind(kind) if kind else EntitlementKind.GROUP
