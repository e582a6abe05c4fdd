"""The requests that each verb takes of an org, by the limit that they count against."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.actions import Action
from connectors.contract import EntitlementKind, Opening
from connectors.costs import LOGIN, BatchCosts, Calls, Costs, RateLimit, SearchCosts
from connectors.okta.actions import RULES
from connectors.okta.client import Bucket
from connectors.okta.member_batches import IDS_A_LIST, MOST
from connectors.okta.new_members import MOST as MOST_NEW
from connectors.okta.search import FILTERABLE
from connectors.okta.settings import OktaSettings

_PUBLISHED: Mapping[Bucket, int] = {
    Bucket.USERS: 600,
    Bucket.USER: 1000,
    Bucket.USER_WRITES: 600,
    Bucket.GROUPS: 500,
    Bucket.GROUP: 600,
    Bucket.APPS: 100,
    Bucket.OTHER: 600,
}
"""Calls a minute of an org with a paid licence; where Okta's last published table has several, the smallest."""
_OF_ONE_TOKEN = 0.5
"""The share of each that Okta gives to one token or app, unless an admin changes it."""

LIMITS: Mapping[str, RateLimit] = {bucket: RateLimit(int(count * _OF_ONE_TOKEN)) for bucket, count in _PUBLISHED.items()}
"""The limits that an org states to one token, unless it has others."""

_ONE_READ: Calls = {Bucket.USER: 1}
_ENDING: Calls = {Bucket.USER: 2, Bucket.USERS: 2}
_VERBS: Mapping[str, Calls] = {
    "update": {Bucket.USER: 1, Bucket.USER_WRITES: 1},
    "rename": {Bucket.USER: 1, Bucket.USER_WRITES: 1},
    "deactivate": _ENDING,
    "suspend": _ENDING,
    "reactivate": {Bucket.USER: 2, Bucket.USERS: 1},
    "delete": {Bucket.USER: 3, Bucket.USER_WRITES: 1},
    # Each look at a group reads the group rules, too: what they fill is read-only.
    "create_group": {Bucket.GROUPS: 4, Bucket.GROUP: 1},
    "update_group": {Bucket.GROUPS: 5, Bucket.GROUP: 4},
    "delete_group": {Bucket.GROUPS: 5, Bucket.GROUP: 4},
}
_FILTERED: Calls = {Bucket.USERS: 2}
_BY_LOGIN: Calls = {Bucket.USER: 1, Bucket.USERS: 1}
_SEARCHES: Mapping[str, Calls] = {
    **dict.fromkeys(FILTERABLE, _FILTERED),
    **dict.fromkeys(("login", LOGIN), _BY_LOGIN),
}


class OktaCosts:
    """An org as `costs.Costed`."""

    _settings: OktaSettings

    def costs(self, accounts: int) -> Costs:  # noqa: ARG002 - no search reads the whole list
        """The costs in an org. Limits are those of a paid one."""
        types = self._settings.user_types
        return Costs(
            start={Bucket.OTHER: 1 + types},
            create={
                Opening.SILENT: {Bucket.USERS: 2, Bucket.USER: 1},
                Opening.MAIL: {Bucket.USERS: 2, Bucket.USER: 2},
                Opening.LATER: {Bucket.USERS: 1, Bucket.USER: 1},
            },
            search=SearchCosts(each=_SEARCHES, other={Bucket.USERS: 1}),
            verbs={**_VERBS, **{action: _action(action) for action in RULES}},
            membership={
                EntitlementKind.GROUP: {Bucket.USER: 1, Bucket.USERS: 2, Bucket.GROUPS: 1},
                EntitlementKind.APP: {Bucket.USER: 1, Bucket.APPS: 3},
            },
            batch=_batch(self._settings.page_size, types=types),
            new_members={Bucket.USERS: 1},
            most_new_members=MOST_NEW,
            look_at_account=_ONE_READ,
            look_at_group={Bucket.GROUPS: 1, Bucket.GROUP: 1},
            look_at_membership={EntitlementKind.GROUP: {Bucket.USERS: 1}, EntitlementKind.APP: {Bucket.APPS: 1}},
            limits=LIMITS,
            share=self._settings.rate_share,
        )


def _action(action: Action) -> Calls:
    """A look by the precondition, one by the action, the action, and the read-back of one that leads to another status."""
    return {Bucket.USER: 2 + bool(RULES[action].leads_to), Bucket.USERS: 1}


def _batch(page: int, *, types: bool) -> BatchCosts:
    """`types`: whether types of users are read, so that no list of users serves."""
    return BatchCosts(
        most=MOST,
        account=_ONE_READ,
        accounts=_ONE_READ if types else {Bucket.USERS: 1},
        accounts_a_request=1 if types else IDS_A_LIST,
        look={Bucket.GROUPS: 1},
        members_a_look=page,
        holder={Bucket.USERS: 1},
        request={Bucket.GROUPS: 1},
        members_a_request=1,
        looks_after=True,
    )
