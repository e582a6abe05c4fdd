"""Makes an Okta org from a seed, and a seed of an org."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.okta.errors import OktaError
from connectors.sandbox.okta.group_objects import stored_group
from connectors.sandbox.okta.objects import AppGroup, AppUser, GroupType, OktaApp, OktaGroup, OktaUser, Status, UserType
from connectors.sandbox.okta.org import EVERYONE, Org, is_everyone
from connectors.sandbox.okta.rule_expressions import expression_of, rule_test
from connectors.sandbox.okta.schema import custom_attribute
from connectors.sandbox.okta.seeds import OktaSeed, SeedApp, SeedCredentials, SeedGroup, SeedType, SeedUser
from connectors.sandbox.okta.settings import OktaSandboxSettings
from connectors.sandbox.okta.user_objects import stored_user

_NEVER_ACTIVE = frozenset({Status.STAGED})
_WITHOUT_PASSWORD = frozenset({Status.STAGED, Status.PROVISIONED, Status.DEPROVISIONED})


def org_from(state: object, settings: OktaSandboxSettings) -> Org:
    """A new org that holds what the seed says. Raises ValueError for a seed that does not fit together."""
    try:
        return _built(OktaSeed.model_validate(state), settings)
    except OktaError as error:
        raise ValueError(f"the seed does not fit together: {error}: {'; '.join(error.causes)}") from error


def _built(seed: OktaSeed, settings: OktaSandboxSettings) -> Org:
    org = Org(settings)
    org.minted = seed.minted
    org.custom_attributes = {name: custom_attribute(name, definition) for name, definition in seed.custom_attributes.items()}
    for kind in (_type(org, kind) for kind in seed.types):
        org.types[kind.id] = kind
    for group in (_group(org, group) for group in seed.groups):
        org.groups[group.id] = group
    if not any(map(is_everyone, org.groups.values())):
        everyone = SeedGroup(type=GroupType.BUILT_IN, profile={"name": EVERYONE, "description": "All users in your organization"})
        group = _group(org, everyone)
        org.groups[group.id] = group
    org.users.add_all(_user(org, user) for user in seed.users)
    if len(org.users.by_login) != len(seed.users):
        raise ValueError("two users of the seed have the same id or the same login")
    for user in org.users.by_id.values():
        if user.transitioning_to is not None:
            org.pending.settle_later(user, user.transitioning_to)
    for reference, members in seed.members.items():
        _fill(org, reference, members)
    for app in (_app(org, app) for app in seed.apps):
        org.apps[app.id] = app
    org.rules = [_rule(org, rule) for rule in seed.rules]
    org.log.events = list(seed.log)
    for group_id, by_rule in seed.by_rule.items():
        org.groups[_group_id(org, group_id)].by_rule = {user_id: set(rules) for user_id, rules in by_rule.items()}
    org.look_at_rules(None)
    return org


def stored(org: Org) -> dict[str, object]:
    """The org as a seed, every id filled in."""
    return {
        "users": [stored_user(org, user) for user in org.users.after("")],
        "groups": [_stored_group(group) for _, group in sorted(org.groups.items())],
        "members": {group_id: sorted(group.members) for group_id, group in sorted(org.groups.items()) if group.members},
        "custom_attributes": org.custom_attributes,
        "apps": [_stored_app(app) for _, app in sorted(org.apps.items())],
        "rules": org.rules,
        "by_rule": {
            group_id: {user_id: sorted(rules) for user_id, rules in sorted(group.by_rule.items())}
            for group_id, group in sorted(org.groups.items())
            if group.by_rule
        },
        "log": org.log.events,
        "types": [_stored_type(kind) for kind in org.types.values()],
        "minted": org.minted,
    }


def _user(org: Org, seed: SeedUser) -> OktaUser:
    created = seed.created or org.now()
    credentials = seed.credentials or SeedCredentials(password=None if seed.status in _WITHOUT_PASSWORD else {})
    question = credentials.recovery_question
    since = None if seed.status in _NEVER_ACTIVE else created
    return OktaUser(
        id=seed.id or org.mint("00u"),
        status=seed.status,
        created=created,
        activated=seed.activated if "activated" in seed.model_fields_set else since,
        status_changed=seed.status_changed if "status_changed" in seed.model_fields_set else since,
        last_login=seed.last_login,
        last_updated=seed.last_updated or created,
        password_changed=seed.password_changed,
        type_id=seed.type.id if seed.type else org.default_type.id,
        profile={name: value for name, value in seed.profile.model_dump().items() if value is not None},
        has_password=credentials.password is not None,
        recovery_question=question.get("question") if question else None,
        provider_type=credentials.provider["type"],
        provider_name=credentials.provider["name"],
        transitioning_to=seed.transitioning_to_status,
    )


def _group(org: Org, seed: SeedGroup) -> OktaGroup:
    created = seed.created or org.now()
    return OktaGroup(
        id=seed.id or org.mint("00g"),
        type=seed.type,
        created=created,
        last_updated=seed.last_updated or created,
        last_membership_updated=seed.last_membership_updated or created,
        profile={"description": None, **seed.profile},
        object_class=seed.object_class,
        source_id=seed.source.id if seed.source else None,
        has_admin_privilege=seed.has_admin_privilege,
    )


def _type(org: Org, seed: SeedType) -> UserType:
    return UserType(
        id=seed.id or org.mint("oty"),
        schema_id=seed.schema_id or org.mint("osc"),
        name=seed.name,
        display_name=seed.display_name,
        default=seed.default,
        created=seed.created or org.now(),
        lacks=seed.lacks,
    )


def _app(org: Org, seed: SeedApp) -> OktaApp:
    created = seed.created or org.now()
    app = OktaApp(
        id=seed.id or org.mint("0oa"),
        name=seed.name,
        label=seed.label,
        status=seed.status,
        sign_on_mode=seed.sign_on_mode,
        features=seed.features,
        created=created,
        last_updated=seed.last_updated or created,
    )
    for reference, user in seed.users.items():
        known = org.user(reference)
        since = user.created or created
        name = user.user_name or known.profile["login"]
        app.users[known.id] = AppUser(created=since, last_updated=user.last_updated or since, user_name=name, profile=user.profile)
    for reference, group in seed.groups.items():
        since = group.last_updated or created
        app.groups[_group_id(org, reference)] = AppGroup(last_updated=since, priority=group.priority, profile=group.profile)
    return app


def _rule(org: Org, seed: dict[str, Any]) -> dict[str, Any]:
    now = org.now()
    usual: dict[str, Any] = {
        "type": "group_rule",
        "id": seed.get("id") or org.mint("0pr"),
        "status": "INACTIVE",
        "name": "",
        "created": now,
        "lastUpdated": now,
        "conditions": {},
        "actions": {"assignUserToGroups": {"groupIds": []}},
    }
    rule = {**usual, **seed}
    if expression := expression_of(rule):
        rule_test(expression)
    return rule


def _fill(org: Org, reference: str, members: list[str]) -> None:
    group = org.groups[_group_id(org, reference)]
    if is_everyone(group):
        raise ValueError("Everyone holds every user already; its members cannot be seeded")
    for member in members:
        user = org.user(member)
        group.members.add(user.id)
        user.groups.add(group.id)


def _group_id(org: Org, reference: str) -> str:
    """The group with this id, or the only one with this name."""
    named = [group.id for group in org.groups.values() if group.profile["name"] == reference]
    if reference in org.groups:
        return reference
    if len(named) != 1:
        raise ValueError(f"{len(named)} groups of the seed are called {reference!r}; exactly one was expected")
    return named[0]


def _stored_group(group: OktaGroup) -> dict[str, Any]:
    return {**stored_group(group), **({"hasAdminPrivilege": True} if group.has_admin_privilege else {})}


def _stored_app(app: OktaApp) -> dict[str, Any]:
    return {
        "id": app.id,
        "name": app.name,
        "label": app.label,
        "status": app.status,
        "signOnMode": app.sign_on_mode,
        **({"features": app.features} if app.features is not None else {}),
        "created": app.created,
        "lastUpdated": app.last_updated,
        "users": {
            user_id: {"created": user.created, "lastUpdated": user.last_updated, "userName": user.user_name, "profile": user.profile}
            for user_id, user in sorted(app.users.items())
        },
        "groups": {
            group_id: {"lastUpdated": group.last_updated, "priority": group.priority, "profile": group.profile}
            for group_id, group in sorted(app.groups.items())
        },
    }


def _stored_type(kind: UserType) -> dict[str, Any]:
    return {
        "id": kind.id,
        "schemaId": kind.schema_id,
        "name": kind.name,
        "displayName": kind.display_name,
        "default": kind.default,
        "created": kind.created,
        "lacks": list(kind.lacks),
    }
