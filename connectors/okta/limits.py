"""The abilities that an org does not give to its sign-in, or that its settings leave out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.abilities import Ability
from connectors.actions import Action
from connectors.contract import Traits
from connectors.errors import Forbidden
from connectors.okta.auth.scopes import REQUIRED_SCOPES, Feature, covers
from connectors.okta.client import Bucket, Org

_OF_GROUPS = (
    Ability.MEMBERSHIPS,
    Ability.CREATE_GROUPS,
    Ability.RENAME_GROUPS,
    Ability.DESCRIBE_GROUPS,
    Ability.DELETE_GROUPS,
)
_OF_NO_USER = {*_OF_GROUPS, Ability.APPS, Ability.ROLES}

NEEDED: Mapping[Feature, tuple[str, ...]] = {
    Feature.WRITE_USERS: (*(each for each in Ability if each not in _OF_NO_USER), *Action),
    Feature.WRITE_MEMBERSHIPS: _OF_GROUPS,
    Feature.WRITE_APPS: (Ability.APPS,),
}
"""Abilities that need the scope of a feature."""


class OktaLimits:
    """An org as `abilities.Limited`."""

    traits: Traits
    _org: Org

    async def limits(self) -> Mapping[str, str]:
        """Returns by ability why the org cannot be asked for it. Whether an admin role allows a write shows only when it is sent."""
        sign_in = self._org.sign_in
        granted = await sign_in.granted()
        if granted is None:
            await _let_in(self._org)
        found = {} if granted is None else dict(_missing_scopes(granted, sign_in.asked or ()))
        if not self.traits.can.apps:
            found[Ability.APPS] = "apps are not read (apps = false)"
        return {**found, Ability.ROLES: "Okta's users have no attribute of roles"}


async def _let_in(org: Org) -> None:
    """Raises the error of a token that Okta does not accept."""
    try:
        await org.get("/api/v1/users?limit=1", Bucket.USERS)
    except Forbidden as error:
        if not error.code:
            raise


def _missing_scopes(granted: frozenset[str], asked: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for feature, needing in NEEDED.items():
        if not covers(granted, feature):
            lacking = "is not granted" if covers(asked, feature) else "is missing in oauth.scopes"
            yield from ((each, f"the scope {REQUIRED_SCOPES[feature]} {lacking}") for each in needing)
