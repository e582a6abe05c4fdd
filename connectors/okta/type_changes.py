"""Changes the type of an existing user: Okta does it only by replacing the whole profile, in which what the new type lacks is lost.

So it is refused where a value would be lost, or where it is not known whether one would; and the answer has to show every value again.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract import Record, Value
from connectors.errors import FalseAnswer, Forbidden, PreconditionFailed, Rejected
from connectors.okta.client import Bucket, Org
from connectors.okta.schema import names_of_type
from connectors.okta.user_types import TYPE
from connectors.okta.users import answered, user_path, with_profile
from connectors.quoting import quoted

_NOTHING: tuple[Value, ...] = (None, "", [])
"""Values that a profile can lose without losing anything."""


async def change_type(org: Org, user_id: str, changes: Mapping[str, Value], seen: Record) -> Record:
    """Sets the type, and other attributes with it. Raises PreconditionFailed where one of them is no longer as seen."""
    now, held = await with_profile(org, user_id)
    before, current = seen.values(), now.values()
    if moved := sorted(name for name in changes if before.get(name) != current.get(name)):
        raise PreconditionFailed(f"{user_id} has changed since it was read: {', '.join(moved)}")
    if not now.version:
        raise Rejected(f"Okta states no version of {user_id}, so that replacing the profile could undo a change by others")
    wanted = str(changes[TYPE] or "")
    type_id = await org.types.id_of(wanted)
    profile = {**held, **{name: value for name, value in changes.items() if name != TYPE}}
    await _refuse_losses(org, profile, type_id, wanted)
    answer = await org.once(
        user_path(user_id), Bucket.USER_WRITES, method="PUT", body={"profile": profile, "type": {"id": type_id}}, if_match=now.version
    )
    after = await answered(org, answer, user_id)
    _refuse_false(after, profile, changes)
    return after


async def _refuse_losses(org: Org, profile: Mapping[str, Value], type_id: str, wanted: str) -> None:
    try:
        known = await names_of_type(org, type_id)
    except Forbidden as error:
        sentence = (
            f"whether the user type {wanted} has every attribute of this user cannot be read, and the change would lose what it lacks"
        )
        raise Rejected(sentence, detail=error.detail, status=error.status, request_id=error.request_id, code=error.code) from error
    if lost := sorted(name for name, value in profile.items() if value not in _NOTHING and name not in known):
        raise Rejected(
            f"the user type {wanted} does not have {', '.join(lost)}, which this user has a value of: the change would lose it. "
            "Add the attribute to the type, or clear it first"
        )


def _refuse_false(after: Record, profile: Mapping[str, Value], changes: Mapping[str, Value]) -> None:
    values, wanted = after.values(), changes[TYPE]
    # Of a value that was sent with the type the caller judges the form that Okta gave it.
    kept = {name: values.get(name) not in _NOTHING if name in changes else values.get(name) == value for name, value in profile.items()}
    if lost := sorted(name for name, value in profile.items() if value not in _NOTHING and not kept[name]):
        raise FalseAnswer(f"Okta answered that all is well, and the change to the user type {wanted} did not keep {', '.join(lost)}")
    if values.get(TYPE) != wanted:
        raise FalseAnswer(f"Okta answered that all is well, and the user type is {quoted(values.get(TYPE))}, not {quoted(wanted)}")
