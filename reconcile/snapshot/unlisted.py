"""Asks for known accounts that a complete list does not show, one by one by their ids, before they count as gone.

Some systems list only active accounts, and some answer 404 for a deactivated one. The answers are part of the snapshot and are remembered:
an account that stays deactivated and unlisted is asked for once, not every time.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from connectors.contract import AccountState, Record, Target, Traits
from connectors.errors import ConnectorError, Unauthorised, Unreachable
from connectors.secrets import SecretMissing
from reconcile.plan.impact import number_of
from reconcile.store.connection import Store

SIDE_BY_SIDE = 4
"""Accounts that are asked for at once."""


class Answer(StrEnum):
    """The answer of a system about an account that its list does not show."""

    SHOWN = "shown"
    """The account exists."""
    HIDDEN = "hidden"
    """The target answers that it does not exist; it may be deactivated, which `activate_account` shows."""
    GONE = "gone"
    UNASKED = "unasked"
    """The account could not be asked for: nothing is proven."""


@dataclass(frozen=True, slots=True)
class _Missing:
    """A known account that the list does not show (the columns of `unlisted_accounts`)."""

    id: str
    ended_as: str
    """`suspended` or `deactivated` where this job did that last, else empty."""
    known_gone: bool
    """Whether a run learnt that it does not exist."""
    answer: str
    """The last one; empty where it was not asked since it was listed, or since a run changed it."""
    state: str | None
    """State in its last version; None where it was never read."""
    status: str | None
    attributes: str | None
    updated: str | None
    is_open: bool
    """Whether the snapshot before held it."""

    def carried(self, state: str = "") -> Record | None:
        """Its last version, in the state that this job left it in, or in the one given."""
        if self.state is None:
            return None
        now = AccountState(state or self.ended_as or self.state)
        return Record(self.id, now, (self.status or "") if now == self.state else "", self.attributes or "{}", self.updated or "")


@dataclass(frozen=True, slots=True)
class Unlisted:
    """The result of asking for the accounts that a list does not show."""

    answers: Sequence[tuple[str, Answer]] = ()
    records: Sequence[Record] = ()
    """Records that take part in the snapshot."""
    note: str = ""
    doubt: str = ""
    """The reason why the list is incomplete."""


async def ask_unlisted(store: Store, target: Target, decided: Sequence[str], most: int) -> Unlisted:
    """Settles every known account that the staged list does not show.

    `decided`: ids that reviewers named; `most`: how many are asked for. Of a system that is read in part only what this job ended itself
    is asked for: what else is outside the part is not ours.
    """
    missing = [_Missing(*row) for row in store.rows("unlisted_accounts", system=target.name, decided=list(decided))]
    missing = [each for each in missing if target.traits.whole or each.ended_as]
    known = {each.id: settled for each in missing if (settled := _settled(target, each))}
    open_questions = [each for each in missing if each.id not in known]
    unexplained = sum(1 for each in open_questions if not each.ended_as)
    if unexplained > most:
        return Unlisted(doubt=_too_many(target.name, unexplained, most))
    # An account that this job ended is expected to be missing: where there are too many, some wait for the next read.
    asked = sorted(open_questions, key=lambda each: (each.ended_as != "", each.id))
    found = {each.id: _unasked(each) for each in asked[most:]} | await _ask(target, asked[:most])
    every = sorted({**known, **found}.items())
    return Unlisted(
        answers=[(id_, answer) for id_, (answer, _) in every],
        records=[record for _, (_, record) in every if record is not None],
        note=_note(answer for answer, _ in found.values()),
    )


def known_by_id(target: Target) -> tuple[Traits, Callable[[str], bool]]:
    """Returns the traits of a target, and a function that tells whether it shows an account of some id now.

    The second raises what the connector does where it cannot be asked.
    """

    async def ask(account_id: str) -> bool:
        try:
            found = await target.read_account(account_id)
        finally:
            await target.close()
        return found is not None and found.id == account_id

    return target.traits, lambda account_id: asyncio.run(ask(account_id))


_Settled = tuple[Answer, Record | None]


def _settled(target: Target, each: _Missing) -> _Settled | None:
    """Returns the answer that needs no request; None where the account has to be asked for."""
    if each.answer == Answer.GONE:
        return Answer.GONE, None
    if each.answer == Answer.HIDDEN or (each.answer == Answer.SHOWN and each.state == AccountState.DEACTIVATED):
        return Answer(each.answer), each.carried()
    hides = target.traits.can.hidden_when_inactive and each.ended_as == AccountState.DEACTIVATED
    return _hidden(target, each) if hides else None


def _hidden(target: Target, each: _Missing) -> _Settled | None:
    """The account as a hidden one; None where it cannot be one.

    Where the system is not known to hide accounts only those that this job deactivated are taken for hidden: its settings may be wrong.
    """
    can = target.traits.can
    may = can.hidden_when_inactive or each.ended_as == AccountState.DEACTIVATED
    record = each.carried(AccountState.DEACTIVATED)
    if not (may and can.reactivate_unseen and record) or each.known_gone:
        return None
    return Answer.HIDDEN, record


def _unasked(each: _Missing) -> _Settled:
    return Answer.UNASKED, each.carried() if each.is_open else None


async def _ask(target: Target, missing: Sequence[_Missing]) -> dict[str, _Settled]:
    slots, stopped = asyncio.Semaphore(SIDE_BY_SIDE), asyncio.Event()

    async def ask(each: _Missing) -> _Settled:
        async with slots:
            if stopped.is_set():
                return _unasked(each)
            try:
                record = await target.read_account(each.id)
            except (Unauthorised, Unreachable, SecretMissing):
                stopped.set()
                return _unasked(each)
            except ConnectorError:
                return _unasked(each)
        if record is None:
            return _hidden(target, each) or (Answer.GONE, None)
        return (Answer.SHOWN, record) if record.id == each.id else _unasked(each)

    answers = await asyncio.gather(*map(ask, missing))
    return {each.id: answer for each, answer in zip(missing, answers, strict=True)}


_WORDS = {
    Answer.SHOWN: "shown",
    Answer.HIDDEN: "not shown, as deactivated accounts may be",
    Answer.GONE: "gone",
    Answer.UNASKED: "could not be asked for, and count as they were",
}


def _note(answers: Iterable[Answer]) -> str:
    counts = Counter(answers)
    if not counts:
        return ""
    told = ", ".join(f"{counts[answer]} {words}" for answer, words in _WORDS.items() if counts[answer])
    return f"{number_of(counts.total(), 'known account')} not in the list, asked for by id: {told}"


def _too_many(system: str, count: int, most: int) -> str:
    return (
        f"{number_of(count, 'known account')} are not in it, and no more than {most} are asked for by id. If they were removed on purpose, raise "
        f"reading.{system}.most_missing in reconcile.toml for this read"
    )
