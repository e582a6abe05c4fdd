"""One-off actions on an account: what a person asks for, and no rule of a mapping ever does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from connectors.contract import Record


class Action(StrEnum):
    """The actions that a target may offer beside the verbs of every target."""

    REVOKE_SESSIONS = "revoke_sessions"
    """Ends the sessions of the account and revokes its OAuth tokens."""
    UNLOCK = "unlock"
    """Lets a locked account sign in again."""
    RESET_FACTORS = "reset_factors"
    """Removes every enrolled factor (MFA): the person enrols anew at the next sign-in."""
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a verb
    """Takes the password; the system mails the person a link to set a new one."""
    TEMPORARY_PASSWORD = "temporary_password"  # noqa: S105 - a verb
    """Takes the password and gives one of the system's own making, which must be changed at the next sign-in."""
    EXPIRE_PASSWORD = "expire_password"  # noqa: S105 - a verb
    """Keeps the password for one more sign-in, at which it must be changed."""
    RESEND_ACTIVATION = "resend_activation"
    """Mails another activation link to a person who has not used the first; the account stays as it is."""


@dataclass(frozen=True, slots=True)
class ActionRule:
    """Conditions of an action, and the status that shows its effect. Statuses are the system's own words (`Record.status`)."""

    possible: frozenset[str] | None = None
    """Statuses from which it works; None: every one."""
    already: frozenset[str] = frozenset()
    """Statuses in which there is nothing left to do."""
    leads_to: str = ""
    """Status that shows the effect; empty where the system shows nothing of it."""
    repeatable: bool = False
    """Whether a second request does no more than the first."""


class TemporaryPassword:
    """A password that a system made. It is shown by `reveal` alone, and is never part of a log, a journal or a report."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Returns the password."""
        return self._text

    def __repr__(self) -> str:
        return "TemporaryPassword(...)"

    def __reduce__(self) -> str:
        raise TypeError("a temporary password is not written anywhere")


@dataclass(frozen=True, slots=True)
class Performed:
    """The result of an action."""

    record: Record | None
    """Account as it was read back; None where the system accepted the action and could not be read after it."""
    password: TemporaryPassword | None = None
    """For TEMPORARY_PASSWORD alone."""


@runtime_checkable
class Acting(Protocol):
    """A target that performs the actions that `Capability.actions` lists."""

    async def perform(self, account_id: str, action: Action) -> Performed:
        """Performs an action once and reads the account back.

        Raises PreconditionFailed where the status of the account does not allow it, Uncertain where the outcome is not known, and what any
        verb raises. Nothing is sent where the status is one of `ActionRule.already`.
        """
