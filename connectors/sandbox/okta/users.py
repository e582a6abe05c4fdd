"""Answers to reading, creating, changing and deleting one user."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.okta import lifecycle
from connectors.sandbox.okta.calls import NO_CONTENT, Call, list_answer, object_answer
from connectors.sandbox.okta.errors import OktaError, invalid, not_found
from connectors.sandbox.okta.group_objects import group_row
from connectors.sandbox.okta.membership import add_member, groups_of, refuse_unmanageable
from connectors.sandbox.okta.objects import OktaGroup, OktaUser, Status
from connectors.sandbox.okta.schema import checked_profile
from connectors.sandbox.okta.user_objects import etag, user_object
from connectors.sandbox.wire import WireAnswer

MOST_NEW_GROUPS = 20


def get_user(call: Call, reference: str) -> WireAnswer:
    """`GET /api/v1/users/{id, login or login before the @}`: always current, with an ETag."""
    user = call.org.user(reference)
    return object_answer(user_object(call.org, user, call.wire.base_url), headers=[("ETag", etag(user))])


def create_user(call: Call) -> WireAnswer:
    """`POST /api/v1/users`: staged, or activated at once: ACTIVE with a password, PROVISIONED (and mailed) without."""
    org, body = call.org, call.body()
    profile = checked_profile(org, call.part("profile", body), operation="newUser")
    groups = _new_groups(call, body)
    now = org.now()
    type_id = _type_id(call, body) or org.default_type.id
    user = OktaUser(id=org.mint("00u"), status=Status.STAGED, created=now, last_updated=now, type_id=type_id, profile=profile)
    _take_credentials(call, user, body)
    # Seen in recordings: a staged user with a password has a statusChanged, one without has none.
    user.status_changed = user.password_changed
    org.add_user(user)
    org.log.note("user.lifecycle.create", user)
    for group in groups:
        add_member(org, group, user)
    if call.flag("activate", default=True):
        lifecycle.activated(org, user)
        if Status.PROVISIONED in (user.status, user.transitioning_to):
            org.log.mails.append(("create", user.id))
    if user.status is Status.ACTIVE and call.query.get("nextLogin") == "changePassword":
        user.status = Status.PASSWORD_EXPIRED
    return object_answer(user_object(org, user, call.wire.base_url))


def _new_groups(call: Call, body: dict[str, Any]) -> list[OktaGroup]:
    """The groups that a new user is put into: 20 at most, and none that refuses members. Nothing is created where one is refused."""
    wanted = body.get("groupIds") or []
    if not isinstance(wanted, list) or not all(isinstance(each, str) for each in wanted):
        raise OktaError("E0000003")
    if len(wanted) > MOST_NEW_GROUPS:
        raise invalid("groupIds", f"The number of groups exceeds the maximum of {MOST_NEW_GROUPS}")
    groups = [call.org.group(each) for each in dict.fromkeys(wanted)]
    for group in groups:
        refuse_unmanageable(group)
    return groups


def update_user(call: Call, reference: str) -> WireAnswer:
    """`POST /api/v1/users/{id}`: merges; null removes an attribute, the empty string stays."""
    user = _writable(call, reference)
    return _written(call, user, {**user.profile, **call.part("profile", call.body())}, user.type_id)


def replace_user(call: Call, reference: str) -> WireAnswer:
    """`PUT /api/v1/users/{id}`: replaces the profile if one is sent, and alone may change the type."""
    user = _writable(call, reference)
    body = call.body()
    profile = call.part("profile", body) if "profile" in body else user.profile
    return _written(call, user, profile, _type_id(call, body) or user.type_id)


def delete_user(call: Call, reference: str) -> WireAnswer:
    """`DELETE /api/v1/users/{id}`: deactivates; a second time deletes. 204 both times."""
    user = call.org.user(reference)
    if user.status is Status.DEPROVISIONED:
        call.org.log.note("user.lifecycle.delete.initiated", user)
        call.org.remove_user(user)
        call.org.log.note("user.lifecycle.delete.completed", user)
    else:
        lifecycle.deactivated(call.org, user)
    return NO_CONTENT


def clear_sessions(call: Call, reference: str) -> WireAnswer:
    """`DELETE /api/v1/users/{id}/sessions`: 204; no sessions are kept here, so nothing else shows it."""
    call.org.log.note("user.session.clear", call.org.user(reference))
    return NO_CONTENT


def list_groups_of(call: Call, reference: str) -> WireAnswer:
    """`GET /api/v1/users/{id}/groups`: Everyone first, one page."""
    user = call.org.user(reference)
    rows = [group_row(call.org, group, call.wire.base_url) for group in groups_of(call.org, user)]
    return list_answer(call, rows, limit=call.limit(default=200, maximum=200))


def _writable(call: Call, reference: str) -> OktaUser:
    """The user to change; a deactivated one is as if absent, unless the org allows editing them."""
    user = call.org.user(reference)
    if user.status is Status.DEPROVISIONED and not call.org.settings.edits_deactivated:
        raise not_found(reference, "User")
    return user


def _written(call: Call, user: OktaUser, profile: dict[str, Any], type_id: str) -> WireAnswer:
    """Writes a whole profile, unless If-Match names another state: then 412."""
    wanted = call.wire.headers.get("if-match")
    if wanted not in (None, "*", etag(user)):
        # The body of a 412 is not on record anywhere, so a client must not depend on one.
        return WireAnswer(status=412, headers=[])
    checked = checked_profile(call.org, profile, user_id=user.id, operation="user")
    events = ["user.account.update_profile"]
    if checked["email"] != user.profile["email"]:
        events.append("user.account.update_primary_email")
    if type_id != user.type_id:
        events.append("user.account.update_user_type")
        checked = {name: value for name, value in checked.items() if name not in call.org.types[type_id].lacks}
    changed = sorted(name for name in checked.keys() | user.profile.keys() if checked.get(name) != user.profile.get(name))
    with call.org.changing(user):
        user.profile = checked
        user.type_id = type_id
        user.last_updated = call.org.now()
        _take_credentials(call, user, call.body())
    for event in events:
        call.org.log.note(event, user, **({"changedAttributes": ", ".join(changed)} if event == events[0] else {}))
    return object_answer(user_object(call.org, user, call.wire.base_url))


def _take_credentials(call: Call, user: OktaUser, body: dict[str, Any]) -> None:
    """Sets what was sent: a password, a recovery question, and with `provider=true` the provider."""
    credentials = call.part("credentials", body)
    if call.part("password", credentials).get("value"):
        user.has_password = True
        user.password_changed = call.org.now()
    question = call.part("recovery_question", credentials).get("question")
    user.recovery_question = question or user.recovery_question
    provider = call.part("provider", credentials)
    if call.flag("provider", default=False) and provider:
        user.provider_type, user.provider_name = str(provider.get("type")), str(provider.get("name"))


def _type_id(call: Call, body: dict[str, Any]) -> str:
    """The user type that was asked for; empty for none."""
    type_id = str(call.part("type", body).get("id") or "")
    if type_id and type_id not in call.org.types:
        raise invalid("type", "The user type does not exist")
    return type_id


def reset_factors(call: Call, reference: str) -> WireAnswer:
    """`POST lifecycle/reset_factors`: 200 `{}` whatever the status; no factors are kept here."""
    user = call.org.user(reference)
    if user.transitioning_to is not None:
        raise OktaError("E0000112")
    call.org.log.note("user.mfa.factor.reset_all", user)
    return object_answer({})
