"""Chooses how an account is taken out of use where the mapping asks for a suspension that the target may be unable to carry out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from connectors.contract import AccountState, Value
from reconcile.decide.fragment import TargetContext
from reconcile.plan.model import Verb


@dataclass(frozen=True, slots=True)
class Ending:
    """The step that takes an account out of use."""

    verb: Verb
    after: AccountState
    before: Mapping[str, Value]
    """The state that the step was chosen for."""
    why: str = ""
    """The reason why it is not the step that the mapping asks for."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An account that stays usable, and why."""

    why: str


def deactivation(state: AccountState) -> Ending:
    """The deactivation of an account in some state."""
    return Ending(Verb.DEACTIVATE, AccountState.DEACTIVATED, {"state": state.value})


def suspension(view: TargetContext, setting: Literal["leavers", "leave", "vanished"], state: AccountState, status: str) -> Ending | Kept:
    """The suspension of an account, or what takes its place where the target cannot suspend it from its status.

    Unless the mapping says otherwise a leaver's account is then deactivated rather than left usable. That of a person on leave is kept
    and reported: they come back, and a deactivation may destroy what the account holds.
    """
    if view.traits.can.suspends(status):
        return Ending(Verb.SUSPEND, AccountState.SUSPENDED, {"state": state.value})
    possible = " or ".join(sorted(view.traits.can.suspend_from or ()))
    why = f"{view.name} suspends only accounts that are {possible}, and this one is {status or 'in no status that it names'}"
    otherwise = view.mapping.suspend_otherwise or ("keep" if setting == "leave" else "deactivate")
    if otherwise == "keep":
        return Kept(f'{why}: it stays usable. Suspend or deactivate it by hand, or set suspend_otherwise = "deactivate".')
    # The status is stated, too: once the account can be suspended, this is no longer what was decided.
    return Ending(Verb.DEACTIVATE, AccountState.DEACTIVATED, {"state": state.value, "status": status}, f"{why}: it is deactivated instead.")
