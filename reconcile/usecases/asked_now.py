"""Asks a target for a few accounts as they are now, by their ids: what an action is told by a read may be older than what was done since."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.contract import Record, Source, Target
from connectors.errors import NotFound
from reconcile.snapshot.binding import Binding
from reconcile.snapshot.unlisted import SIDE_BY_SIDE
from reconcile.unexpected import explained


class Pair(NamedTuple):
    """An account and a group or an app that it may hold."""

    account_id: str
    entitlement_id: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question to one target."""

    accounts: Collection[str]
    """Ids."""
    memberships: Collection[Pair] = ()
    directly: bool = False
    """Whether it matters that a membership can be taken."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one target."""

    records: Mapping[str, Record | None] = field(default_factory=dict)
    """By id; None where the target shows no such account."""
    members: Mapping[Pair, bool] = field(default_factory=dict)
    through: Collection[Pair] = ()
    """Memberships that are held through a group alone: they cannot be taken. Known where they were asked for directly."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """By id, the reason why an account could not be asked for."""


AskNow = Callable[[str, Question], Answers]
"""Asks the target of a name."""


def asking_now(opened: Callable[[Sequence[str]], AbstractAsyncContextManager[Mapping[str, Source]]], binding: Binding) -> AskNow:
    """Returns what asks targets that `opened` opens."""

    async def ask(name: str, question: Question) -> Answers:
        async with opened([name]) as sources:
            target = sources[name]
            return await _asked_now(target, question, binding) if isinstance(target, Target) else Answers()

    return lambda name, question: asyncio.run(ask(name, question))


async def _asked_now(target: Target, question: Question, binding: Binding) -> Answers:
    """Asks for the accounts and memberships. Changes nothing. Nothing is believed of another system than the one that is bound."""
    if trouble := (await binding.ask(target)).trouble:
        return Answers(refused=dict.fromkeys(question.accounts, trouble))
    slots = asyncio.Semaphore(SIDE_BY_SIDE)
    records: dict[str, Record | None] = {}
    members: dict[Pair, bool] = {}
    through: set[Pair] = set()
    refused: dict[str, str] = {}

    async def ask(account_id: str) -> None:
        async with slots:
            try:
                found = await target.read_account(account_id)
                for pair in pairs.get(account_id, ()):
                    members[pair] = await _holds(target, pair, directly=question.directly)
                    if question.directly and not members[pair] and await _holds(target, pair, directly=False):
                        members[pair] = True
                        through.add(pair)
            except Exception as error:  # noqa: BLE001 - whatever a system makes its connector raise is no other account's trouble
                refused[account_id] = explained(error)
                return
        if found is not None and found.id != account_id:
            refused[account_id] = f"it answers with the account {found.id}"
        else:
            records[account_id] = found

    pairs: dict[str, list[Pair]] = {}
    for pair in sorted(question.memberships):
        pairs.setdefault(pair.account_id, []).append(pair)
    await asyncio.gather(*map(ask, sorted(question.accounts)))
    return Answers(records, members, through, refused)


async def _holds(target: Target, pair: Pair, *, directly: bool) -> bool:
    try:
        return await target.has_member(pair.entitlement_id, pair.account_id, directly=directly)
    except NotFound:
        return False
