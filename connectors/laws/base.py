"""Fixtures of the laws, and the parts that the test of one connector states: its target, new accounts, and a few habits."""

from __future__ import annotations

import asyncio
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, Protocol, TypeVar

import pytest

from connectors.contract import Capability, Entitlement, Record, SelfDescribing, Target, Value
from connectors.laws.hostile import KEPT

T = TypeVar("T")
CAPABILITIES = frozenset(each.name for each in fields(Capability))


class Run(Protocol):
    """Runs a verb of the target to its end, in the one event loop of the law."""

    def __call__(self, verb: Coroutine[Any, Any, T], /) -> T: ...


class Needs(Protocol):
    """Skips the law where the target lacks a capability."""

    def __call__(self, *capabilities: str) -> None: ...


class Laws(ABC):
    """Parts to override. Each law gets a target of its own, which holds none of the accounts and groups that the laws create."""

    text = ""
    """An attribute that takes any text, can be cleared and need not be unique."""
    texts: Sequence[str] = KEPT
    """Texts that `text` and the name of a group keep letter by letter. Leave out those that the system refuses."""
    notices_changes = True
    """Whether an update can tell that an attribute was changed since the account was seen."""
    checks_members = True
    """Whether the system refuses a membership of an account that does not exist."""
    unknown_account = "law-unknown-account"
    unknown_group = "law-unknown-group"
    """Ids that the system never gives."""

    @pytest.fixture
    def target(self) -> Target:
        """The target. It is closed after the law."""
        raise NotImplementedError(f"{type(self).__name__} has no target. Override the fixture `target`.")

    @abstractmethod
    def values(self, number: int) -> Mapping[str, Value]:
        """Returns what a new account is created with: the login, what is required, and `text`; different for each number."""

    @pytest.fixture
    def account(self, target: Target, run: Run, needs: Needs) -> Record:
        """An active account. Override it where the target creates none."""
        needs("create")
        return run(target.create_account(self.values(1)))

    @pytest.fixture
    def other(self, target: Target, run: Run, needs: Needs) -> Record:
        """Another active account."""
        needs("create")
        return run(target.create_account(self.values(2)))

    @pytest.fixture
    def group(self, target: Target, run: Run, needs: Needs) -> Entitlement:
        """A group without members. Override it where the target creates none."""
        needs("memberships", "create_groups")
        return run(target.create_group("Law group", ""))

    def plant(self, account_id: str) -> None:  # noqa: ARG002 - for those who override it
        """Gives the account, in the system itself, a value of an attribute that the connector does not know."""
        pytest.skip(f"{type(self).__name__} does not override `plant`: no unknown attribute to keep")

    def is_planted(self, account_id: str) -> bool:
        """Whether the account still has what `plant` gave it."""
        raise NotImplementedError(
            f"{type(self).__name__} overrides `plant` alone. Override `is_planted` with it: {account_id} has a value."
        )

    def make_suspendable(self, account_id: str) -> None:  # noqa: B027 - most targets have nothing to do
        """Brings a new account, in the system itself, to a status that it can be suspended from. Nothing, where new ones have it."""

    @pytest.fixture
    def run(self) -> Iterator[Run]:
        """The runner of the law."""
        with asyncio.Runner() as runner:
            yield runner.run

    @pytest.fixture
    def needs(self, target: Target, run: Run) -> Needs:
        """The check of capabilities: of the traits, and of what the target says of itself."""
        stated = run(target.unsupported()) if isinstance(target, SelfDescribing) else {}

        def check(*capabilities: str) -> None:
            for each in capabilities:
                if not getattr(target.traits.can, each):
                    pytest.skip(f"{target.name} cannot: {each}")
                if each in stated:
                    pytest.skip(f"{target.name} cannot: {each}; {stated[each]}")

        return check

    @pytest.fixture(autouse=True)
    def _closes(self, target: Target, run: Run) -> Iterator[None]:
        yield
        run(target.close())


def same_text(one: object, other: object) -> bool:
    """Whether two values differ at most in case, in outer spaces and in how letters are composed: systems differ in these."""
    return _plain(one) == _plain(other)


def _plain(value: object) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", str(value)).casefold()).strip()


def stated(values: Mapping[str, Value]) -> dict[str, Value]:
    """Attributes that have a value: null and absent are one."""
    return {name: value for name, value in values.items() if value is not None}
