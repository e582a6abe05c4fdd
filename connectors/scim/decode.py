"""Decodes SCIM answers: lists, users, groups and members as rows; an odd record costs one quarantined row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from connectors.bounds import (
    DEEPEST,
    LARGEST_COUNT,
    LONGEST_EVIDENCE,
    LONGEST_ID,
    MOST_DIGITS,
    evidence,
    refuse_extremes,
    stated_count,
    usable_id,
)
from connectors.contract import AccountState, Entitlement, EntitlementKind, Membership, Quarantined, RawPage, Record, Rows
from connectors.errors import BadResponse
from connectors.quoting import quoted
from connectors.scim.attributes import contradiction, flattened, folded
from connectors.scim.lenient import LongNumber, dumped, read_json
from connectors.scim.names import NOT_ATTRIBUTES
from connectors.scim.usual import parts, usual, usual_user

Resource: TypeAlias = dict[str, Any]

_STATES = {True: AccountState.ACTIVE, False: AccountState.DEACTIVATED, "true": AccountState.ACTIVE, "false": AccountState.DEACTIVATED}
NESTED = "_nested"
"""Added to a group that holds others: who is in it through them."""
_NOT_OF_GROUP = frozenset({"schemas", "id", "meta", "members", "displayname"})
_GROUP_ADDRESS = re.compile(r"(?:^|/)groups/[^/]+/?\Z", re.IGNORECASE)
_encode = msgspec.json.Encoder(order="sorted").encode


class OddRecord(Exception):
    """A record cannot be used; the text is the reason."""

    def __init__(self, reason: str, record_id: str = "") -> None:
        self.record_id = record_id
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Listing:
    """A ListResponse (RFC 7644 section 3.4.2, RFC 9865 section 2)."""

    resources: Sequence[object]
    total: int | None
    next_cursor: str

    def ids(self) -> list[str]:
        """The ids of the resources that say who they are."""
        return [found for resource in self.resources if (found := resource_id(resource))]


def listing(body: bytes) -> Listing:
    """The list in an answer. Raises BadResponse where it is none."""
    answer = _object(body)
    total, resources = folded(answer, "totalResults"), folded(answer, "Resources")
    if total is None and not isinstance(resources, list):
        raise BadResponse("The answer is not a SCIM list: it has neither totalResults nor Resources", detail=_text(body))
    if not isinstance(resources, list | None):
        raise BadResponse("The answer is not a SCIM list: Resources is not a list", detail=_text(body))
    cursor = folded(answer, "nextCursor")
    return Listing(resources or [], _count(total), cursor.encode(errors="replace").decode() if isinstance(cursor, str) else "")


def resource(body: bytes) -> Resource | None:
    """The one resource in an answer; None where the answer holds none (empty, `{}`, not an object, no id)."""
    try:
        answer = _object(body)
    except BadResponse:
        return None
    return answer if resource_id(answer) else None


def resource_id(resource: object) -> str:
    """The id of a resource; empty where it has none that can be used. A number is taken for its digits."""
    if not isinstance(resource, dict):
        return ""
    found = resource.get("id") or folded(resource, "id")
    text = _id_text(found)
    try:
        return usable_id(text) if text else ""
    except ValueError:
        return ""


def _id_text(value: object) -> str | None:
    """An id as text: a text, or the digits of a number that has not too many; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if value.bit_length() < 4 * MOST_DIGITS else None
    return value if isinstance(value, str) else None


def record(resource: object) -> Record:
    """A user as a row. Raises OddRecord."""
    user = _consistent_user(_identified(resource))
    meta = user.get("meta") or folded(user, "meta")
    said = meta if isinstance(meta, dict) else {}
    return Record(
        resource_id(user),
        _state(user),
        "",
        _json(flattened(user), resource_id(user)),
        _string(said.get("lastModified")),
        _string(said.get("version")),
    )


def users(page: RawPage) -> Rows:
    """The users of a page: all of them the quick way, else each by itself, else by a reading that forgives what is hardly JSON."""
    quick = usual(page.body)
    if quick is not None:
        return Rows(records=quick)
    texts = parts(page.body)
    return thorough(page) if texts is None else _one_by_one(page, texts)


def _one_by_one(page: RawPage, texts: Sequence[msgspec.Raw]) -> Rows:
    """Users of which one at least is unusual. Where most are, the quick way is not tried any more: it would only cost time."""
    records: list[Record] = []
    odd: list[Quarantined] = []
    unusual = 0
    for number, text in enumerate(texts, start=1):
        row = usual_user(text) if 2 * unusual <= number else None
        if row is not None:
            records.append(row)
            continue
        unusual += 1
        item: object = None
        try:
            item = read_json(bytes(text))
            records.append(record(item))
        except BadResponse as reason:
            odd.append(_quarantined(page, number, item, OddRecord(str(reason))))
        except OddRecord as reason:
            odd.append(_quarantined(page, number, item, reason))
    return Rows(records=records, quarantined=odd)


def thorough(page: RawPage) -> Rows:
    """The users of a page one by one, whatever they hold."""
    records: list[Record] = []
    odd: list[Quarantined] = []
    for number, item in enumerate(_resources(page, odd), start=1):
        try:
            records.append(record(item))
        except OddRecord as reason:
            odd.append(_quarantined(page, number, item, reason))
    return Rows(records=records, quarantined=odd)


def groups(page: RawPage) -> Rows:
    """The groups of a page, without their members."""
    found: list[Entitlement] = []
    odd: list[Quarantined] = []
    for number, item in enumerate(_resources(page, odd), start=1):
        try:
            found.append(entitlement(_consistent(_identified(item), 1)))
        except OddRecord as reason:
            odd.append(_quarantined(page, number, item, reason))
    return Rows(entitlements=found, quarantined=odd)


def _resources(page: RawPage, odd: list[Quarantined]) -> Sequence[object]:
    """The resources of a page; none where it is no list, which is then the one thing that is odd."""
    try:
        return listing(page.body).resources
    except BadResponse as error:
        odd.append(Quarantined(f"page {page.number}", "", str(error), evidence(page.body[:LONGEST_EVIDENCE].decode(errors="replace"))))
        return ()


def members(page: RawPage) -> Rows:
    """The members of the one group a page holds. A group inside the group whose members were not added to the page is quarantined."""
    found: dict[str, Membership] = {}
    odd: list[Quarantined] = []
    group = resource(page.body)
    if group is None:
        return Rows(quarantined=[Quarantined(f"page {page.number}", "", "the page holds no group", _text(page.body))])
    nested = _nested(group)
    for number, member in enumerate(member_entries(group), start=1):
        if nested is not None and _is_group(member):
            continue
        try:
            account = account_of(member)
            found[account] = Membership(account, page.scope.name)
        except OddRecord as reason:
            odd.append(_quarantined(page, number, member, reason))
    for each in nested or ():
        found.setdefault(each.value, Membership(each.value, page.scope.name, each.through))
    return Rows(memberships=list(found.values()), quarantined=odd)


class _Through(msgspec.Struct):
    value: str
    through: str


def _nested(group: Mapping[str, Any]) -> list[_Through] | None:
    """Returns who is in the group through others, as `NESTED` has it; None where that was not added."""
    try:
        return msgspec.convert(group[NESTED], list[_Through]) if NESTED in group else None
    except (ValueError, RecursionError):
        return None


def groups_inside(group: Mapping[str, Any]) -> list[str]:
    """The ids of the groups that a group has as members."""
    return [str(folded(member, "value")) for member in member_entries(group) if isinstance(member, dict) and _is_group(member)]


def _is_group(member: object) -> bool:
    """Tells a group among members by its type, which may be left out (RFC 7643 section 4.2), else by its address."""
    if not isinstance(member, dict):
        return False
    kind = folded(member, "type")
    return kind.lower() == "group" if isinstance(kind, str) and kind else bool(_GROUP_ADDRESS.search(_string(folded(member, "$ref"))))


def member_entries(group: Mapping[str, Any]) -> list[object]:
    """The members a group states, as they are."""
    stated = folded(group, "members")
    if stated is None:
        return []
    return stated if isinstance(stated, list) else [stated]


def account_of(member: object) -> str:
    """The account a member entry is about. Raises OddRecord for another group and for an entry without a value."""
    value = folded(member, "value") if isinstance(member, dict) else member
    found = _id_text(value)
    if not found:
        raise OddRecord("the member has no value: it names no account")
    if _is_group(member):
        raise OddRecord("the member is a group, and who is in it was not read", found)
    return _usable(found)


def account_members(group: Mapping[str, Any]) -> frozenset[str]:
    """The accounts that hold the group directly."""
    return frozenset(_readable_accounts(group))


def _readable_accounts(group: Mapping[str, Any]) -> Iterator[str]:
    for member in member_entries(group):
        try:
            yield account_of(member)
        except OddRecord:
            continue


def entitlement(group: Resource) -> Entitlement:
    """A group without its members."""
    meta = folded(group, "meta")
    name = folded(group, "displayName")
    rest = {key: value for key, value in group.items() if key.lower() not in _NOT_OF_GROUP}
    return Entitlement(
        id=resource_id(group),
        kind=EntitlementKind.GROUP,
        name=name if isinstance(name, str) and name else resource_id(group),
        attributes=_json(rest, resource_id(group)),
        updated=_string(meta.get("lastModified")) if isinstance(meta, dict) else "",
        type=_short(folded(group, "type")),
    )


def _json(attributes: Resource, resource_id: str) -> str:
    try:
        text = _encode(attributes).decode()
        refuse_extremes(text)
    except UnicodeEncodeError:
        raise OddRecord("the record holds text that is no Unicode", resource_id) from None
    except RecursionError:
        raise OddRecord("the record is nested too deeply", resource_id) from None
    except TypeError:
        raise OddRecord(f"the record holds a number of more than {MOST_DIGITS} digits", resource_id) from None
    except ValueError as error:
        raise OddRecord(str(error), resource_id) from None
    return text


def _usable(text: str) -> str:
    try:
        return usable_id(text)
    except ValueError as error:
        raise OddRecord(str(error)) from None


def _identified(resource: object) -> Resource:
    if not isinstance(resource, dict):
        raise OddRecord("the record is not an object")
    if not resource_id(resource):
        raise OddRecord("the record has no id that can be used")
    return resource


def _consistent(resource: Resource, most: int = DEEPEST) -> Resource:
    """The resource, where no name in so many of its levels is stated twice. Raises OddRecord."""
    if twice := contradiction(resource, most):
        raise OddRecord(f"the record states {twice[:100]} twice, and differently", resource_id(resource))
    return resource


def _consistent_user(user: Resource) -> Resource:
    """The user, checked for names stated twice, except inside members that hold no attributes. Raises OddRecord."""
    _consistent({key: value for key, value in user.items() if key not in NOT_ATTRIBUTES})
    return _consistent(user, 1)


def _state(user: Resource) -> AccountState:
    said = user.get("active")
    if said is None:
        said = folded(user, "active")
    if said is None:
        return AccountState.UNKNOWN
    state = _STATES.get(said.strip().lower() if isinstance(said, str) else said) if isinstance(said, str | int) else None
    if state is None:
        raise OddRecord(f"active is {quoted(str(said)[:40])}, neither true nor false", resource_id(user))
    return state


def _quarantined(page: RawPage, number: int, item: object, reason: OddRecord) -> Quarantined:
    known = (reason.record_id or resource_id(item)).encode(errors="replace").decode()
    return Quarantined(f"page {page.number}, record {number}", known, str(reason), dumped(item))


def _object(body: bytes) -> Resource:
    """The JSON object in an answer. Raises BadResponse where there is none.

    What is no Unicode (a lone half of a surrogate pair, a stray byte) is read all the same, so that it costs only the record it is in.
    """
    answer = read_json(body)
    if not isinstance(answer, dict):
        raise BadResponse("The answer is not a JSON object", detail=_text(body))
    return answer


def _count(value: object) -> int | None:
    """A total; some servers send numbers as text, or with a fraction of nothing."""
    if isinstance(value, LongNumber):
        return LARGEST_COUNT
    if isinstance(value, str) and value.isdecimal():
        return stated_count(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return min(value, LARGEST_COUNT) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _short(value: object) -> str:
    """A text that can be one word of a setting; empty for anything else."""
    text = _string(value)
    return text if len(text) <= LONGEST_ID and text.isprintable() else ""


def _text(body: bytes) -> str:
    return body[:200].decode(errors="replace")
