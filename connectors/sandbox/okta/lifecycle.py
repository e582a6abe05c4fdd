"""Answers of lifecycle calls, with the status that each leads to and the error where the status does not allow it."""

from __future__ import annotations

import secrets

from connectors.sandbox.okta.calls import NO_CONTENT, Call, object_answer
from connectors.sandbox.okta.errors import OktaError, not_found
from connectors.sandbox.okta.objects import OktaUser, Status
from connectors.sandbox.okta.org import Org
from connectors.sandbox.okta.user_objects import user_object
from connectors.sandbox.wire import WireAnswer

_RESETTABLE = frozenset({Status.ACTIVE, Status.PASSWORD_EXPIRED, Status.RECOVERY, Status.LOCKED_OUT})


def activate(call: Call, reference: str) -> WireAnswer:
    """STAGED or DEPROVISIONED to PROVISIONED, or to ACTIVE where a password is set."""
    user = call.org.user(reference)
    if user.status not in (Status.STAGED, Status.DEPROVISIONED):
        raise OktaError("E0000016")
    activated(call.org, user)
    return _token_answer(call, user, mailed=True)


def reactivate(call: Call, reference: str) -> WireAnswer:
    """A new activation token for PROVISIONED or RECOVERY; the status stays."""
    user = call.org.user(reference)
    if user.status not in (Status.PROVISIONED, Status.RECOVERY):
        raise OktaError("E0000038")
    call.org.log.note("user.lifecycle.reactivate", user)
    return _token_answer(call, user, mailed=False)


def deactivate(call: Call, reference: str) -> WireAnswer:
    """Deactivates a user of any status but DEPROVISIONED, which answers as if the user were absent."""
    user = call.org.user(reference)
    if user.status is Status.DEPROVISIONED:
        raise not_found(reference, "User")
    deactivated(call.org, user)
    return object_answer({}) if call.org.settings.deactivate_status == 200 else NO_CONTENT


def suspend(call: Call, reference: str) -> WireAnswer:
    """ACTIVE to SUSPENDED; what PROVISIONED does is disputed, here it is refused."""
    user = call.org.user(reference)
    if user.status is not Status.ACTIVE:
        raise OktaError("E0000001", "suspendUser", causes=["Cannot suspend a user that is not active"])
    _move(call.org, user, Status.SUSPENDED, "user.lifecycle.suspend")
    return object_answer({})


def unsuspend(call: Call, reference: str) -> WireAnswer:
    """SUSPENDED to ACTIVE. The refusal does say `suspendUser`."""
    user = call.org.user(reference)
    if user.status is not Status.SUSPENDED:
        raise OktaError("E0000001", "suspendUser", causes=["Cannot unsuspend a user that is not suspended"])
    _move(call.org, user, Status.ACTIVE, "user.lifecycle.unsuspend")
    return object_answer({})


def unlock(call: Call, reference: str) -> WireAnswer:
    """LOCKED_OUT to ACTIVE."""
    user = call.org.user(reference)
    if user.status is not Status.LOCKED_OUT:
        raise OktaError("E0000032", causes=["The user is not locked out."])
    _move(call.org, user, Status.ACTIVE, "user.account.unlock_by_admin")
    return object_answer({})


def reset_password(call: Call, reference: str) -> WireAnswer:
    """Sets the status RECOVERY; `sendEmail` has no default and must be given."""
    user = call.org.user(reference)
    if "sendEmail" not in call.query:
        raise OktaError("E0000028")
    if user.status not in _RESETTABLE:
        raise OktaError("E0000038")
    _move(call.org, user, Status.RECOVERY, "user.account.reset_password")
    if call.flag("sendEmail", default=True):
        call.org.log.mails.append(("reset_password", user.id))
        return object_answer({})
    return object_answer({"resetPasswordUrl": f"{call.wire.base_url}/reset_password/{call.org.mint('rst')}"})


def expire_password(call: Call, reference: str) -> WireAnswer:
    """ACTIVE to PASSWORD_EXPIRED, answering the user, or with `tempPassword=true` a password.

    The answer still shows the old statusChanged although the status in it is new; a later GET shows it moved.
    """
    if call.flag("tempPassword", default=False):
        return expire_password_with_temp_password(call, reference)
    user = call.org.user(reference)
    before = user.status_changed
    _expire(call.org, user)
    return object_answer({**user_object(call.org, user, call.wire.base_url), "statusChanged": before})


def expire_password_with_temp_password(call: Call, reference: str) -> WireAnswer:
    """ACTIVE to PASSWORD_EXPIRED, answering a password that works once: another one each time, also in the next org of this process."""
    user = call.org.user(reference)
    _expire(call.org, user)
    user.password_changed = call.org.now()
    return object_answer({"tempPassword": secrets.token_urlsafe(12)})


def activated(org: Org, user: OktaUser) -> None:
    """Activates a user now, or leaves it under way where the org is set up so."""
    status = Status.ACTIVE if user.has_password or user.provider_type in ("FEDERATION", "SOCIAL") else Status.PROVISIONED
    now = org.now()
    with org.changing(user, towards=status):
        user.activated = user.activated or now
        user.status_changed = user.last_updated = now
    org.log.note("user.lifecycle.activate", user)
    if org.settings.activation_seconds:
        org.pending.settle_later(user, status)
    else:
        user.status = status


def deactivated(org: Org, user: OktaUser) -> None:
    """Deactivates: password and app assignments go, group memberships stay."""
    _move(org, user, Status.DEPROVISIONED, "user.lifecycle.deactivate")
    user.has_password = False
    user.password_changed = None
    for app in org.apps.values():
        if app.users.pop(user.id, None) is not None:
            org.log.note("application.user_membership.remove", user, app)


def _expire(org: Org, user: OktaUser) -> None:
    if user.status is not Status.ACTIVE:
        raise OktaError("E0000038")
    _move(org, user, Status.PASSWORD_EXPIRED, "user.account.expire_password")


def _move(org: Org, user: OktaUser, status: Status, event: str) -> None:
    with org.changing(user):
        user.status = status
        user.status_changed = user.last_updated = org.now()
    org.log.note(event, user)


def _token_answer(call: Call, user: OktaUser, *, mailed: bool) -> WireAnswer:
    """`{}` if a mail goes out, else the activation link; `mailed` is what happens where `sendEmail` is not given."""
    if call.flag("sendEmail", default=mailed):
        call.org.log.mails.append(("activate", user.id))
        return object_answer({})
    token = call.org.mint("act")
    return object_answer({"activationUrl": f"{call.wire.base_url}/tokens/{token}/verify", "activationToken": token})
