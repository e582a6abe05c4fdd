"""What a read of a whole application proves, and what it does not where the server lies about its pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from connectors.contract import ScopeEnd
from connectors.errors import Unauthorised, Unreachable
from connectors.sandbox.host import Fault, FaultKind, WireAnswer, WireRequest
from connectors.sandbox.scim import SandboxPaging, ScimSandbox, ScimSandboxSettings

LIST = Callable[[dict[str, str]], object]


class Liar:
    """A server whose /Users says what the test wants, and whose /Groups is empty."""

    def __init__(self, users: LIST) -> None:
        self.users = users
        self.asked = 0

    async def answer(self, request: WireRequest) -> WireAnswer:
        query = {name: values[-1] for name, values in parse_qs(request.query, keep_blank_values=True).items()}
        body: object = {"totalResults": 0}
        if request.path.endswith("/Users"):
            self.asked += 1
            body = self.users(query)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return WireAnswer(status=200, headers=[("Content-Type", "application/json")], body=raw)

    def state(self) -> object:
        return {}

    def seed(self, state: object) -> None:
        raise ValueError(state)


def page(first: int, last: int, total: object, **more: Any) -> dict[str, Any]:
    return {
        "totalResults": total,
        "Resources": [{"id": str(number), "userName": f"n{number}"} for number in range(first, last + 1)],
        **more,
    }


def accounts(serve: Any, users: LIST, **settings: Any) -> tuple[ScopeEnd, int, list[str]]:
    liar = Liar(users)
    reading = serve(liar).read(**settings)
    return reading.ends["accounts"], liar.asked, reading.ids


def start(query: dict[str, str]) -> int:
    return int(query["startIndex"])


def test_a_whole_application_is_users_then_groups_then_members(app: Any) -> None:
    reading = app.read(dialect_overrides={"max_page": 2})
    assert [page.scope.kind.value for page in reading.pages] == ["accounts"] * 3 + ["entitlements", "members"]
    assert reading.ids == ["u1", "u2", "u3", "u4", "u5"]
    assert reading.members == {("g1", "u1"), ("g1", "u2"), ("g1", "u3")}
    assert [end.problem for end in reading.ends.values()] == ["", "", ""]
    assert reading.ends["accounts"].declared_total == 5
    assert reading.ends["accounts"].watermark


def test_the_list_of_groups_is_read_without_members_and_each_group_by_itself(app: Any) -> None:
    app.read()
    assert ["excludedAttributes=members" in request.query for request in app.sandbox.requests()] == [False] * 3 + [True] * 2 + [False] * 2


def test_members_can_be_taken_from_the_list_but_a_group_without_any_is_read_by_itself(serve: Any, user: Any) -> None:
    groups = [{"id": "full", "displayName": "F", "members": [{"value": "u1"}]}, {"id": "bare", "displayName": "B"}]
    app = serve(ScimSandbox({"users": [user(1)], "groups": groups}))
    reading = app.read(dialect_overrides={"members": "list"})
    assert reading.members == {("full", "u1")}
    assert [request.path for request in app.sandbox.requests() if "/Groups/" in request.path] == ["/v2/Groups/bare"]
    assert reading.ends["members full"].problem == reading.ends["members bare"].problem == ""


def test_an_application_that_pages_by_cursor_is_read_whole(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox({"users": [user(n) for n in range(7)]}, settings=ScimSandboxSettings(paging=SandboxPaging.CURSOR)))
    reading = app.read(dialect_overrides={"paging": "cursor", "max_page": 3})
    assert len(reading.ids) == 7
    assert [page.number for page in reading.pages][:3] == [1, 2, 3]
    assert reading.ends["accounts"].problem == ""
    assert "501" in app.read().ends["accounts"].problem


def test_no_users_at_all_proves_nothing_unless_the_operator_says_so(serve: Any) -> None:
    app = serve(ScimSandbox())
    assert "empty_ok" in app.read().ends["accounts"].problem
    assert app.read(empty_ok=True).ends["accounts"].problem == ""


def test_the_next_page_begins_after_what_came_not_after_what_was_asked_for(serve: Any) -> None:
    end, asked, ids = accounts(serve, lambda query: page(start(query), min(start(query) + 1, 5), "5", itemsPerPage=100000))
    assert (end.problem, asked, len(ids)) == ("", 3 + 1 + 3, 5)


def test_a_server_that_ignores_start_index_is_stopped_and_not_believed(serve: Any) -> None:
    end, asked, _ = accounts(serve, lambda _: page(1, 20, 290))
    assert asked == 2
    assert "repeats 20" in end.problem


def test_a_repeated_record_makes_the_list_unproven(serve: Any) -> None:
    end, _, _ = accounts(serve, lambda query: page(1, 5, 8) if start(query) == 1 else page(5, 7, 8))
    assert "repeats 1" in end.problem


def test_a_user_listed_twice_in_one_page_makes_the_list_unproven(serve: Any) -> None:
    end, _, _ = accounts(serve, lambda _: {"totalResults": 2, "Resources": [{"id": "1"}, {"id": "1"}]})
    assert "repeats 1" in end.problem


def test_fewer_records_than_declared_make_the_list_unproven(serve: Any) -> None:
    end, asked, ids = accounts(serve, lambda query: page(1, 50, 100) if start(query) == 1 else {"totalResults": 100})
    assert (asked, len(ids)) == (2 * 2, 50)
    assert end.problem == "the application says that there are 100 records and gave 50"


def test_more_records_than_declared_make_the_list_unproven(serve: Any) -> None:
    end, _, _ = accounts(serve, lambda _: page(1, 5, 3))
    assert end.problem == "the application says that there are 3 records and gave 5"


def test_a_total_that_changes_makes_the_list_unproven_and_is_read_to_its_end(serve: Any) -> None:
    end, _, ids = accounts(serve, lambda query: page(1, 5, 11) if start(query) == 1 else page(start(query), start(query) + 4, 10))
    assert "changed from 11 to 10" in end.problem
    assert len(ids) == 10


def test_a_list_that_grows_as_fast_as_it_is_read_is_given_up(serve: Any) -> None:
    end, asked, _ = accounts(serve, lambda query: page(start(query), start(query), start(query) + 1))
    assert asked < 120
    assert end.problem


def test_a_list_without_a_total_is_not_proof(serve: Any) -> None:
    end, asked, _ = accounts(serve, lambda _: {"Resources": [{"id": "1"}]})
    assert asked == 1
    assert "totalResults" in end.problem


def test_a_list_without_pages_is_whole_when_the_total_says_so(serve: Any) -> None:
    end, asked, _ = accounts(serve, lambda query: page(1, 3, 3) if not query else {}, dialect_overrides={"paging": "none"})
    assert (end.problem, asked) == ("", 1)
    end, _, _ = accounts(serve, lambda _: page(1, 3, 9), dialect_overrides={"paging": "none"})
    assert "9 records" in end.problem


@pytest.mark.parametrize("more", [{"nextCursor": "same"}, {}])
def test_a_cursor_that_repeats_is_given_up_and_its_absence_is_the_end(serve: Any, more: dict[str, str]) -> None:
    seen: list[str] = []

    def users(query: dict[str, str]) -> object:
        seen.append(query["cursor"])
        number = len(seen)
        return {"Resources": [{"id": str(number)}], **more}

    end, asked, _ = accounts(serve, users, dialect_overrides={"paging": "cursor"})
    assert bool(end.problem) is bool(more)
    assert asked == (2 if more else 1)


def test_a_cursor_through_empty_pages_without_end_is_given_up(serve: Any) -> None:
    pages = iter(range(1000))
    end, asked, _ = accounts(serve, lambda _: {"Resources": [], "nextCursor": f"c{next(pages)}"}, dialect_overrides={"paging": "cursor"})
    assert asked < 20
    assert "empty pages" in end.problem


def test_no_list_is_followed_beyond_the_operators_limit(serve: Any) -> None:
    numbers = iter(range(1000))

    def users(_: dict[str, str]) -> object:
        number = next(numbers)
        return {"Resources": [{"id": str(number)}], "nextCursor": f"c{number}"}

    end, asked, _ = accounts(serve, users, dialect_overrides={"paging": "cursor"}, max_pages=5)
    assert asked == 5
    assert "did not end within 5" in end.problem


def test_an_odd_record_that_says_who_it_is_neither_costs_the_page_nor_the_proof(serve: Any) -> None:
    body = {"totalResults": 3, "Resources": [{"id": "1"}, {"id": "2", "active": []}, {"id": "3", "active": "?"}]}
    reading = serve(Liar(lambda query: body if start(query) == 1 else {"totalResults": 3})).read()
    assert reading.ids == ["1"]
    assert [(odd.position, odd.id) for odd in reading.quarantined] == [("page 1, record 2", "2"), ("page 1, record 3", "3")]
    assert reading.ends["accounts"].problem == ""


@pytest.mark.parametrize("odd", [{"userName": "nobody"}, 7, None, {"id": ""}])
def test_record_without_an_id_disproves_every_absence(serve: Any, odd: object) -> None:
    reading = serve(Liar(lambda _: {"totalResults": 2, "Resources": [{"id": "1"}, odd]})).read()
    assert reading.ids == ["1"]
    assert [one.position for one in reading.quarantined] == ["page 1, record 2"]
    assert "have no id" in reading.ends["accounts"].problem


@pytest.mark.parametrize("body", ["<html>sign in</html>", '{"detail": "maintenance"}', '{"totalResults": 2, "Resources": [{"id": "1"'])
def test_a_page_that_is_no_list_ends_its_scope_with_a_problem(app: Any, body: str) -> None:
    app.sandbox.add_fault(Fault(FaultKind.BODY, path="/Users", body=body, after=1))
    reading = app.read(dialect_overrides={"max_page": 2})
    assert "page 2 could not be read" in reading.ends["accounts"].problem
    assert reading.ids == ["u1", "u2"]
    assert reading.ends["entitlements"].problem == ""


def test_a_redirect_is_not_followed(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.REDIRECT, path="/Users", headers={"Location": "https://elsewhere.example/Users"}))
    assert "redirect" in app.read().ends["accounts"].problem


def test_one_group_that_cannot_be_read_is_that_groups_problem(serve: Any, user: Any) -> None:
    groups = [{"id": f"g{n}", "displayName": f"G{n}", "members": [{"value": "u1"}]} for n in range(4)]
    app = serve(ScimSandbox({"users": [user(1)], "groups": groups}))
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="/Groups/g2"))
    reading = app.read()
    assert [name for name, end in reading.ends.items() if end.problem] == ["members g2"]
    assert reading.members == {("g0", "u1"), ("g1", "u1"), ("g3", "u1")}


def test_a_group_answered_with_another_groups_members_is_not_believed(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.BODY, path="/Groups/g1", body='{"id": "g2", "members": []}'))
    assert "something else" in app.read().ends["members g1"].problem


def test_a_wrong_token_stops_the_read_and_is_in_no_message(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIM_TEST_TOKEN", "very-secret-value")
    echo = '{"detail": "Bearer very-secret-value is unknown"}'
    app.sandbox.add_fault(Fault(FaultKind.STATUS, status=401, body=echo))
    with pytest.raises(Unauthorised) as caught:
        app.read()
    assert "very-secret" not in f"{caught.value} {caught.value!r} {caught.value.detail}"


def test_a_server_that_is_down_from_the_start_stops_the_read(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="/Users"))
    with pytest.raises(Unreachable):
        app.read()


def test_a_server_that_fails_later_leaves_the_scope_unproven(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="/Users", after=1))
    assert "page 2" in app.read(dialect_overrides={"max_page": 2}).ends["accounts"].problem


def test_a_page_that_fails_once_is_asked_for_again(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="/Users", times=1))
    assert app.read().ends["accounts"].problem == ""


def test_an_application_without_groups_is_not_asked_for_them(app: Any) -> None:
    assert list(app.read(dialect_overrides={"groups": False}).ends) == ["accounts"]
