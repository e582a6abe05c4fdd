"""Checks of an org: reached, signed in to, and readable; each with the way out where it is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.contract import Check
from connectors.errors import ConnectorError, Forbidden, RateLimited, Unauthorised, Unreachable
from connectors.okta.auth.challenges import GRANT, INSUFFICIENT_SCOPE
from connectors.okta.auth.permissions import VIEW_USERS
from connectors.okta.auth.scopes import REQUIRED_SCOPES, Feature, covers
from connectors.okta.auth.ways_out import NO_PERMISSION, NO_SESSION
from connectors.okta.client import Bucket, Org
from connectors.okta.decode import record_texts
from connectors.secrets import SecretMissing


@dataclass(frozen=True, slots=True)
class _Probe:
    """A small read that shows whether a feature can be used. Nothing shows that of a write, short of writing."""

    path: str
    bucket: Bucket
    is_list: bool = True


PROBES: Mapping[Feature, _Probe] = {
    Feature.READ_USERS: _Probe("/api/v1/users?limit=1", Bucket.USERS),
    Feature.READ_GROUPS: _Probe("/api/v1/groups?limit=1", Bucket.GROUPS),
    Feature.READ_RULES: _Probe("/api/v1/groups/rules?limit=1", Bucket.GROUPS),
    Feature.READ_SCHEMA: _Probe("/api/v1/meta/schemas/user/default", Bucket.OTHER, is_list=False),
    Feature.READ_TYPES: _Probe("/api/v1/meta/types/user", Bucket.OTHER),
    Feature.READ_APPS: _Probe("/api/v1/apps?limit=1", Bucket.APPS),
    Feature.READ_LOG: _Probe("/api/v1/logs?limit=1", Bucket.LOGS),
}

STRANGER = "What answers there is not Okta: is the address the org's own, and not that of a login page, a proxy or another service?"


async def checks(org: Org) -> Sequence[Check]:
    """Makes the checks, in the order in which they build on one another: an org that is not reached, or refuses us, hides all behind it."""
    reach, accepted = f"{org.url} answers as Okta", org.sign_in.accepted
    try:
        granted = await org.sign_in.granted()
        users = await _looked(org, Feature.READ_USERS, granted)
    except SecretMissing as error:
        return [Check(accepted, _sentence(error))]
    except (Unauthorised, Forbidden) as error:
        if not error.request_id and not error.detail:
            return [Check(reach, _sentence(error, STRANGER))]
        return [Check(reach), Check(accepted, _not_let_in(org, error))]
    except ConnectorError as error:
        return [Check(reach, _no_answer(error))]
    others = [await _seen(org, feature, granted) for feature in _wanted(org) if feature is not Feature.READ_USERS]
    return [Check(reach), Check(accepted), users, *others, *_reading_only(org.sign_in.asked)]


def _reading_only(asked: Sequence[str] | None) -> Sequence[Check]:
    """States which writes will be refused because oauth.scopes does not list their scope; that is no mistake for a source."""
    if asked is None:
        return []
    missing = [REQUIRED_SCOPES[each] for each in (Feature.WRITE_USERS, Feature.WRITE_MEMBERSHIPS) if not covers(asked, each)]
    return [Check(f"oauth.scopes lists no {' and no '.join(missing)}: enough to read, and to apply not")] if missing else []


def _wanted(org: Org) -> Sequence[Feature]:
    """Returns the uses of this org that can be judged without a write: for an API token by a read, for an app by its scopes."""
    asked = org.sign_in.asked
    if asked is None:
        return [feature for feature in org.features if feature in PROBES]
    return [feature for feature in Feature if covers(asked, feature)]


async def _seen(org: Org, feature: Feature, granted: frozenset[str] | None) -> Check:
    try:
        return await _looked(org, feature, granted)
    except ConnectorError as error:
        return Check(feature.value, _sentence(error))


async def _looked(org: Org, feature: Feature, granted: frozenset[str] | None) -> Check:
    """Checks whether one use is possible. Raises the errors that stand in the way of all of them."""
    if granted is not None and not covers(granted, feature):
        return Check(
            feature.value, f"the scope {REQUIRED_SCOPES[feature]} is not granted: {GRANT}, or list in oauth.scopes only what is needed."
        )
    probe = PROBES.get(feature)
    if probe is None:
        return Check(feature.value)
    try:
        answer = await org.get(probe.path, probe.bucket)
    except Forbidden as error:
        if error.code not in (NO_PERMISSION, INSUFFICIENT_SCOPE):
            raise
        return Check(feature.value, _sentence(error))
    found = len(record_texts(answer.body)) if probe.is_list else 1
    if feature is Feature.READ_USERS and not found:
        return Check(
            feature.value, f"the list of users is empty, although every org has an admin. {org.sign_in.ways_out.role_for(VIEW_USERS)}"
        )
    return Check(feature.value)


def _not_let_in(org: Org, error: ConnectorError) -> str:
    if error.code == NO_SESSION:
        return _sentence(error, "The request arrived without its authorisation: does a proxy take the header Authorization away?")
    return _sentence(error, "" if error.way_out else org.sign_in.refused)


def _no_answer(error: ConnectorError) -> str:
    if isinstance(error, RateLimited):
        return _sentence(error, "Another client uses up the org's rate limit; try again later.")
    if not isinstance(error, Unreachable):
        return _sentence(error, STRANGER)
    if "CERTIFICATE" in error.detail or "SSL" in error.detail:
        return _sentence(
            error,
            "The server's certificate is not trusted: where it is a proxy of your own, name its certificate authority "
            "in ca_file; else do not go on.",
        )
    return _sentence(error, "Is the address the org's own, and does a proxy or firewall let this machine through?")


def _sentence(error: Exception, way_out: str = "") -> str:
    """Returns the error as a sentence, and the way out as another."""
    return f"{str(error).rstrip('. ')}. {way_out}".rstrip()
