"""Rules of a product on what it stores and on the requests it takes: each gives the sentence of its refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.sandbox.dialects.habits import Habits, MemberForm
from connectors.sandbox.dialects.refusals import Refused
from connectors.sandbox.dialects.resources import Resource, values_at

Operations = Sequence[Mapping[str, Any]]


def judge_user(habits: Habits, user: Resource) -> None:
    """Raises Refused for a user that the product does not take."""
    for name in habits.required:
        if not any(values_at(user, name)):
            raise Refused(400, f"{name} is required", "invalidValue")
    if odd := sorted(habits.refused_attributes & set(user)):
        raise Refused(400, f"{odd[0]} is not supported", "invalidValue")
    if many := sorted(name for name in habits.single_entries if len(user.get(name) or ()) > 1):
        raise Refused(400, f"{many[0]} holds one value at most", "invalidValue")
    mails = [entry for entry in user.get("emails") or () if entry.get("primary")]
    if habits.mail_is_login and [entry["value"] for entry in mails] != [user["userName"]]:
        raise Refused(400, "the primary e-mail has to be marked, and to equal userName", "invalidValue")
    domains = {str(mail).rpartition("@")[2] for mail in values_at(user, "emails.value")}
    if habits.verified_domain and habits.verified_domain not in domains:
        raise Refused(400, f"an e-mail on a verified domain is required, such as {habits.verified_domain}", "invalidValue")
    if habits.needs_profile and len(user.get("entitlements") or ()) != 1:
        # Not a uniqueness conflict, although it has the status of one.
        raise Refused(409, "You must specify exactly one profile id as an entitlement")


def judge_user_patch(habits: Habits, operations: Operations) -> None:
    """Raises Refused for a PATCH of a user that the product does not take."""
    if habits.most_operations is not None and len(operations) > habits.most_operations:
        raise Refused(400, f"{len(operations)} operations; {habits.most_operations} are allowed", "tooMany")
    if not habits.path_filters and any("[" in str(each.get("path")) for each in operations):
        raise Refused(400, "paths with filters are not supported", "invalidPath")
    if habits.patches_only_active and not all(_sets_active(each) for each in operations):
        raise Refused(400, "only active can be patched", "mutability")


def group_operations(habits: Habits, operations: Operations) -> list[Mapping[str, Any]]:
    """The operations on a group in the standard's form. Raises Refused for a form or a number that the product does not take."""
    if habits.most_group_operations is not None and len(operations) > habits.most_group_operations:
        raise Refused(400, f"{len(operations)} operations; {habits.most_group_operations} are allowed", "tooMany")
    plain = [each for operation in operations for each in _plain(habits, operation)]
    changes = sum(len(each.get("value") or ()) if isinstance(each.get("value"), list) else 1 for each in plain if _is_of_members(each))
    if habits.most_member_changes is not None and changes > habits.most_member_changes:
        raise Refused(400, f"{changes} changes of members; {habits.most_member_changes} are allowed", "tooMany")
    if not habits.renames_groups and any(each.get("path") == "displayName" or "displayName" in _value_of(each) for each in plain):
        raise Refused(400, "displayName is immutable", "mutability")
    return plain


def _plain(habits: Habits, operation: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """One operation; the removal of several members as one a member."""
    if not _is_of_members(operation):
        yield operation
        return
    removes, value = operation["op"] == "remove", operation.get("value")
    if (operation["op"] == "replace" or (removes and not value and "[" not in operation["path"])) and not habits.replaces_members:
        raise Refused(400, "all memberships cannot be replaced or removed in one request")
    form = _form(operation)
    wrapped_only = habits.member_forms == {MemberForm.WRAPPED}
    if (form not in habits.member_forms) if removes else (form is MemberForm.WRAPPED) is not wrapped_only:
        raise Refused(400, f"members are not changed in this form ({form.value})", "invalidPath")
    entries = value["members"] if isinstance(value, Mapping) else value
    if not removes or form is MemberForm.FILTER:
        yield {**operation, "value": entries}
        return
    for entry in entries or ():
        yield {"op": "remove", "path": f'members[value eq "{entry["value"]}"]'}


def _form(operation: Mapping[str, Any]) -> MemberForm:
    if isinstance(operation.get("value"), Mapping):
        return MemberForm.WRAPPED
    return MemberForm.FILTER if "[" in operation["path"] else MemberForm.VALUE_ARRAY


def _is_of_members(operation: Mapping[str, Any]) -> bool:
    return str(operation.get("path") or "").partition("[")[0] == "members"


def _value_of(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    value = operation.get("value")
    return value if isinstance(value, Mapping) else {}


def _sets_active(operation: Mapping[str, Any]) -> bool:
    return operation.get("path") == "active" or set(_value_of(operation)) == {"active"}
