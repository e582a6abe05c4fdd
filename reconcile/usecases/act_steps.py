"""Decides the steps of a request in one target: by the last read, and by what the target answers now where that leaves nothing to do.

A read is older than what a night wrote after it, and than what was done by hand since. Where it shows that an account is so already, or that a step
is not possible, the target is asked for that account before anything is said of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.contract import AccountState, Record, Value
from reconcile.decide.account_identity import identity_of
from reconcile.decide.act.accounts import (
    AskedAccount,
    Entitled,
    Holding,
    Memberships,
    accounts_asked_for,
    accounts_not_read,
    memberships_of,
)
from reconcile.decide.act.builder import Builder, named, standing
from reconcile.decide.act.request import Request
from reconcile.decide.act.steps import Steps
from reconcile.decide.fragment import TargetContext
from reconcile.plan.earlier import Applied
from reconcile.plan.model import CHANGING, Finding, Operation, Verb
from reconcile.store.connection import Store
from reconcile.usecases.asked_now import Answers, AskNow, Pair, Question

Step = Operation | Finding


@dataclass(slots=True)
class Asked:
    """People by anchor, and accounts by target and id, that a request is about."""

    anchors: set[str] = field(default_factory=set)
    accounts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True, slots=True)
class Decided:
    """The steps in one target."""

    steps: tuple[Step, ...]
    anchors: frozenset[str]
    """People who have an account there."""
    identities: Mapping[str, Mapping[str, Value]]
    """By id, what identifies an account otherwise than the read shows."""


@dataclass(frozen=True, slots=True)
class StepsOfTarget:
    """The steps of one request in one target. Reads the relations of the target."""

    store: Store
    view: TargetContext
    request: Request
    entitlement: Entitled | None
    since: Sequence[Applied]
    """Operations that live runs applied there since the last read."""
    ask: AskNow

    def of(self, asked: Asked) -> Decided:
        """Returns the steps on the accounts of some people, and on those of some ids."""
        ids = asked.accounts[self.view.name]
        read = accounts_asked_for(self.store, asked.anchors, ids)
        not_read = accounts_not_read(self.store, asked.anchors, ids)
        known = {each.account_id for each in (*read, *not_read)}
        held = self._held([*read, *not_read])
        given = [each for each in self._given(held) if each[0].account_id in known]
        by_read = {each.account_id: tuple(self._steps(held).of(each)) for each in read}
        noted = {id_ for id_, steps in by_read.items() if any(isinstance(step, Finding) for step in steps)}
        answers = self._answers(noted | {pair.account_id for pair, _ in given} | {each.account_id for each in not_read}, given)
        now = self._steps(_with_answers(held, self.entitlement, given, answers))
        found = [
            *((each, self._by_answer(each, by_read[each.account_id], now, answers)) for each in read),
            *((each, self._of_unread(each, now, answers)) for each in not_read),
        ]
        there = frozenset(owner.anchor for owner, steps in found if steps and owner.anchor) | {each.anchor for each in read}
        return Decided(tuple(step for _, steps in found for step in steps), there, self._identities(not_read, answers))

    def _steps(self, held: Memberships) -> Steps:
        return Steps(Builder(self.view, self.request), held, self.entitlement)

    def _held(self, accounts: Sequence[AskedAccount]) -> Memberships:
        if not self.request.needs_entitlements:
            return Memberships()
        return memberships_of(self.store, self.view.name, accounts, self.entitlement.id if self.entitlement else "")

    def _given(self, held: Memberships) -> Iterator[tuple[Pair, Entitled]]:
        """The memberships that runs gave since the read, of a request that takes all of them."""
        if not self.request.needs_entitlements or self.entitlement is not None:
            return
        known = {Pair(id_, each.entitlement.id) for id_, holdings in held.held.items() for each in holdings}
        for each in (one.operation for one in self.since if one.operation.verb is Verb.ADD_MEMBER):
            pair = Pair(each.account_id, each.entitlement_id)
            if all(pair) and pair not in known:
                yield pair, Entitled(each.entitlement_id, each.entitlement_kind, each.entitlement, "", each.privileged)

    def _answers(self, accounts: Iterable[str], given: Sequence[tuple[Pair, Entitled]]) -> Answers:
        ids = frozenset(accounts)
        if not ids:
            return Answers()
        asked = [Pair(id_, self.entitlement.id) for id_ in ids] if self.entitlement else [pair for pair, _ in given]
        return self.ask(self.view.name, Question(ids, asked, directly=self.request.takes_memberships))

    def _by_answer(self, account: AskedAccount, by_read: Sequence[Step], now: Steps, answers: Answers) -> tuple[Step, ...]:
        """The steps on an account that the read shows."""
        id_ = account.account_id
        if why := answers.refused.get(id_):
            return (*by_read, now.build.note(account, f"{named(account)} is {standing(account)} by the last read. {_not_asked(now, why)}"))
        if id_ not in answers.records:
            return tuple(by_read)
        if (record := answers.records[id_]) is not None:
            return tuple(now.of(_as_seen(account, record)))
        if account.state is AccountState.DEACTIVATED:
            # Gone, or hidden as a deactivated one may be: neither admits a sign-in.
            return tuple(by_read)
        gone = f"{named(account)} is not shown by {self.view.name} any more: nothing is planned. Run `reconcile extract`, then ask again."
        return (now.build.note(account, gone),)

    def _of_unread(self, account: AskedAccount, now: Steps, answers: Answers) -> tuple[Step, ...]:
        """The steps on an account that is remembered, and that the read does not show: a run created it since, or it is gone."""
        if why := answers.refused.get(account.account_id):
            return (now.build.note(account, f"{named(account)} is not in the last read. {_not_asked(now, why)}"),)
        record = answers.records.get(account.account_id)
        if record is None:
            return ()
        return tuple(now.of(_as_seen(account, record)._replace(login=str(record.values().get(self.view.traits.login) or ""))))

    def _identities(self, not_read: Iterable[AskedAccount], answers: Answers) -> Mapping[str, Mapping[str, Value]]:
        """Returns what identifies accounts that the read does not show, and what own runs wrote since on those that it shows."""
        written: dict[str, dict[str, Value]] = defaultdict(dict)
        for each in (one.operation for one in self.since if one.operation.verb in CHANGING):
            written[each.account_id] |= each.after
        for account_id in (one.account_id for one in not_read):
            if record := answers.records.get(account_id):
                written[account_id] = dict(identity_of(self.view, record.values()))
        return written


def _not_asked(now: Steps, why: str) -> str:
    return f"{now.build.view.name} could not be asked for it now: {why.rstrip('.')}. Run `reconcile extract`, then ask again."


def _as_seen(account: AskedAccount, record: Record) -> AskedAccount:
    return account._replace(state=record.state, status=record.status)


def _with_answers(held: Memberships, entitlement: Entitled | None, given: Iterable[tuple[Pair, Entitled]], answers: Answers) -> Memberships:
    """The memberships, corrected by what the target answered."""
    names = dict(given)
    now = {id_: list(_still_held(id_, holdings, answers)) for id_, holdings in held.held.items()}
    for pair, holds in sorted(answers.members.items()):
        of = names.get(pair, entitlement)
        here = now.setdefault(pair.account_id, [])
        if holds and of is not None and of.id not in {each.entitlement.id for each in here}:
            here.append(Holding(of, direct=pair not in answers.through, ours=pair in names))
    return replace(held, held=now)


def _still_held(account_id: str, holdings: Iterable[Holding], answers: Answers) -> Iterator[Holding]:
    """The memberships that the read shows, without those that the target denies; whether one can be taken is as the target answered."""
    for each in holdings:
        pair = Pair(account_id, each.entitlement.id)
        match answers.members.get(pair):
            case None:
                yield each
            case True:
                yield each._replace(direct=pair not in answers.through)
            case False:
                pass
