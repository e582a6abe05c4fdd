"""Plans the steps of a request on one account: operations, and a note for each step that is done already or not possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connectors.actions import ActionRule
from connectors.contract import AccountState, Value
from reconcile.decide.act.accounts import AskedAccount, Entitled, Memberships
from reconcile.decide.act.builder import Builder, named
from reconcile.decide.act.members import all_removed, membership_step
from reconcile.decide.act.request import RequestKind, verbs_of
from reconcile.decide.act.states import state_step
from reconcile.decide.act.ways_out import way_out
from reconcile.plan.actions import ACTION_VERBS
from reconcile.plan.model import Finding, Operation, Severity, Verb

RECIPES = (RequestKind.OFFBOARD, RequestKind.LOCKDOWN)
"""Deeds of several steps. One goes on without an action that its target does not offer: the last step ends access in any case."""
_OTHERWISE = {
    Verb.REVOKE_SESSIONS: "To end access there: reconcile act deactivate.",
    Verb.UNLOCK: "Unlock the account in the system itself, or in the one that it signs in through.",
}
"""The way out where a target does not offer an action."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of one request in one target."""

    build: Builder
    memberships: Memberships = field(default_factory=Memberships)
    entitlement: Entitled | None = None
    """Group or app that the request is about."""

    def of(self, account: AskedAccount) -> Iterator[Operation | Finding]:
        """Yields the operations on an account in their order, and the notes."""
        for verb in verbs_of(self.build.request.kind):
            if verb in ACTION_VERBS:
                yield from self._action(account, verb)
            elif verb not in (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER):
                yield state_step(self.build, account, verb)
            elif self.entitlement is None:
                yield from all_removed(self.build, account, self.memberships)
            else:
                yield membership_step(self.build, account, verb, self.entitlement, self.memberships)

    def _action(self, account: AskedAccount, verb: Verb) -> Iterator[Operation | Finding]:
        target, recipe = self.build.view.name, self.build.request.kind in RECIPES
        rule, words = self.build.view.traits.can.actions.get(ACTION_VERBS[verb]), verb.value.replace("_", " ")
        if rule is None:
            if not recipe:
                yield self.build.note(account, f"{target} does not offer {words}. {_OTHERWISE.get(verb, 'Do it in the system itself.')}")
        elif account.status in rule.already:
            yield self.build.note(account, f"{named(account)} is {account.status}: nothing is left to {words}.", Severity.NOTE)
        elif rule.possible is not None and account.status not in rule.possible:
            possible = " or ".join(sorted(rule.possible))
            yield self.build.note(
                account, f"{named(account)} is {account.status}, and {words} works only from {possible}. {self._way_out(account, rule)}"
            )
        elif not (recipe and account.state is AccountState.DEACTIVATED):
            yield self.build.operation(account, verb, *_shown(account, rule))

    def _way_out(self, account: AskedAccount, rule: ActionRule) -> str:
        return way_out(self.build.view.traits.can, account, rule, self.build.view.name)


def _shown(account: AskedAccount, rule: ActionRule) -> tuple[Mapping[str, Value], Mapping[str, Value]]:
    """Returns the status before and after an action; nothing where the system shows nothing of it."""
    return ({"status": account.status}, {"status": rule.leads_to}) if rule.leads_to else ({}, {})
