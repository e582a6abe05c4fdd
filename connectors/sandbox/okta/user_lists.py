"""Lists of users: all but the deactivated, or those that a filter, a search or a prefix selects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter

from connectors.sandbox.okta.calls import Call, list_answer, page
from connectors.sandbox.okta.errors import OktaError
from connectors.sandbox.okta.expressions import EQUALITY, ORDER, PREFIX, TEXT, Dialect, Field, compiled, malformed
from connectors.sandbox.okta.objects import OktaUser, Status
from connectors.sandbox.okta.org import Org
from connectors.sandbox.okta.schema import attributes
from connectors.sandbox.okta.user_objects import user_row
from connectors.sandbox.wire import WireAnswer

_CONTAINS = ("login", "email", "firstName", "lastName")
"""The attributes that `co` works on in a search."""


def _profile(name: str, operators: frozenset[str]) -> Field[OktaUser]:
    return Field(lambda user: user.profile.get(name), operators)


FILTER: Dialect[OktaUser] = Dialect(
    fields={
        "id": Field(attrgetter("id"), EQUALITY),
        "status": Field(attrgetter("status"), EQUALITY),
        "lastUpdated": Field(attrgetter("last_updated"), ORDER, is_time=True),
        **{f"profile.{name}": _profile(name, EQUALITY) for name in _CONTAINS},
    },
    case_sensitive=True,
    unsupported="E0000094",
)
"""Dialect of `filter` (Okta, list users)."""

_SEARCHED: dict[str, Field[OktaUser]] = {
    "id": Field(attrgetter("id"), PREFIX),
    "status": Field(attrgetter("status"), PREFIX),
    "type.id": Field(attrgetter("type_id"), PREFIX),
    "created": Field(attrgetter("created"), PREFIX, is_time=True),
    "activated": Field(attrgetter("activated"), PREFIX, is_time=True),
    "statusChanged": Field(attrgetter("status_changed"), PREFIX, is_time=True),
    "lastUpdated": Field(attrgetter("last_updated"), PREFIX, is_time=True),
}


def list_users(call: Call) -> WireAnswer:
    """`GET /api/v1/users`: 200 a page at most; without a query no deactivated user."""
    if "search" in call.query and "filter" in call.query:
        raise OktaError("E0000033")
    if call.org.settings.role_missing:
        return list_answer(call, [], limit=call.limit(default=200, maximum=200))
    if "search" in call.query:
        return _searched(call)
    if "q" in call.query:
        return _prefixed(call)
    return _filtered(call)


def _filtered(call: Call) -> WireAnswer:
    limit = call.limit(default=200, maximum=200)
    test: Callable[[OktaUser], bool] = compiled(call.query["filter"], FILTER) if "filter" in call.query else _not_deactivated
    users, more = page(filter(test, call.org.users.after(call.cursor())), limit)
    # The cursor of a plain list is the last id behind a prefix; a search uses the id itself.
    return _answer(call, users, limit, f"0{users[-1].id}" if more else "")


def _prefixed(call: Call) -> WireAnswer:
    """`q`: a prefix of first name, last name or email; never the deactivated, never a second page."""
    limit = call.limit(default=10, maximum=200)
    start = call.query["q"].casefold()

    def named(user: OktaUser) -> bool:
        return any(str(user.profile.get(name, "")).casefold().startswith(start) for name in ("firstName", "lastName", "email"))

    users, _ = page(filter(named, filter(_not_deactivated, call.org.users.after(""))), limit)
    return _answer(call, users, limit, "")


def _searched(call: Call) -> WireAnswer:
    """`search`: over an index that may lag; sorted by id, or by `sortBy` with ties by id."""
    limit = call.limit(default=200, maximum=200)
    dialect = search_dialect(call.org)
    test = compiled(call.query["search"], dialect)
    after = call.cursor(refusal="E0000031")
    if "sortBy" not in call.query:
        users, more = page(filter(test, _indexed(call.org, call.org.users.after(after))), limit)
    else:
        found = _sorted(call, dialect, list(filter(test, _indexed(call.org, call.org.users.after("")))))
        users, more = page(_behind(found, after), limit)
    return _answer(call, users, limit, users[-1].id if more else "")


def search_dialect(org: Org) -> Dialect[OktaUser]:
    """Returns the dialect of `search`: every attribute of the schema, whatever its case; no `ne`."""
    profile = {f"profile.{name}": _profile(name, TEXT if name in _CONTAINS else PREFIX) for name in attributes(org)}
    return Dialect(fields={**_SEARCHED, **profile}, case_sensitive=False, unsupported="E0000031")


def _sorted(call: Call, dialect: Dialect[OktaUser], users: list[OktaUser]) -> list[OktaUser]:
    field = dialect.fields.get(call.query["sortBy"])
    if field is None:
        raise malformed()
    descending = call.query.get("sortOrder", "asc").lower() == "desc"
    return sorted(users, key=lambda user: str(field.read(user) or "").casefold(), reverse=descending)


def _behind(users: list[OktaUser], after: str) -> list[OktaUser]:
    places = [place for place, user in enumerate(users) if user.id == after]
    if after and not places:
        raise OktaError("E0000031", causes=["Invalid cursor."])
    return users[places[0] + 1 :] if places else users


def _indexed(org: Org, users: Iterable[OktaUser]) -> Iterator[OktaUser]:
    return (seen for user in users if (seen := org.pending.as_indexed(user)) is not None)


def _not_deactivated(user: OktaUser) -> bool:
    return user.status is not Status.DEPROVISIONED


def _answer(call: Call, users: list[OktaUser], limit: int, following: str) -> WireAnswer:
    omissions = call.omissions()
    rows = [user_row(call.org, user, call.wire.base_url, omissions) for user in users]
    return list_answer(call, rows, limit=limit, following=following)
