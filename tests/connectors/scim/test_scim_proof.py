"""What makes a list believed, how it is begun anew, and how an interrupted reading is gone on with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.contract import RawPage, ReadRequest, ResumePoint, Scope, ScopeEnd, ScopeKind
from connectors.sandbox.host import Fault, FaultKind
from connectors.sandbox.scim import SandboxPaging, ScimSandbox, ScimSandboxSettings
from connectors.scim.connector import Scim
from connectors.scim.position import BEGINNING, Position
from reconcile.snapshot.spool import Spool

ACCOUNTS = Scope(ScopeKind.ACCOUNTS)
SMALL: dict[str, Any] = {"dialect_overrides": {"max_page": 2, "groups": False}}


def queries(app: Any, path: str = "/v2/Users") -> list[str]:
    return [request.query for request in app.sandbox.requests() if request.path == path]


def ids(parts: list[Any], scim: Scim) -> list[str]:
    return [record.id for part in parts if isinstance(part, RawPage) for record in scim.decode(part).records]


def test_a_list_of_several_pages_is_read_a_second_time_for_its_ids_alone(app: Any) -> None:
    reading = app.read(**SMALL)
    assert reading.ends["accounts"].problem == ""
    assert ["attributes=id" in query for query in queries(app)] == [False] * (3 + 1) + [True] * 3
    assert len(reading.ids) == 5


def test_what_may_follow_the_end_of_a_list_is_asked_before_it_is_read_again(app: Any) -> None:
    assert app.read().ends["accounts"].problem == ""
    assert [query.partition("&")[0] for query in queries(app)] == ["startIndex=1", "startIndex=6", "attributes=id"]


@pytest.mark.parametrize(("status", "proven"), [(400, True), (404, False), (503, False)])
def test_a_refusal_to_look_beyond_the_end_is_no_contradiction_and_a_failure_is_no_proof(app: Any, status: int, *, proven: bool) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="startIndex=6&count=1", status=status))
    assert (app.read().ends["accounts"].problem == "") is proven


def test_a_total_that_is_the_size_of_the_page_is_found_out(app: Any) -> None:
    body = '{"totalResults": 2, "Resources": [{"id": "u1"}, {"id": "u2"}]}'
    app.sandbox.add_fault(Fault(FaultKind.BODY, path="startIndex=1&count=2", body=body))
    assert "says that there are 2 records, and others follow" in app.read(**SMALL).ends["accounts"].problem


@pytest.mark.parametrize(("proof", "requests", "proven"), [("two_passes", 7, True), ("count", 3, True), ("none", 3, False)])
def test_the_dialect_says_what_proves_a_list(app: Any, proof: str, requests: int, *, proven: bool) -> None:
    reading = app.read(dialect_overrides={"max_page": 2, "groups": False, "proof": proof})
    assert len(queries(app)) == requests
    assert (reading.ends["accounts"].problem == "") is proven
    assert len(reading.ids) == 5


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.STATUS, path="attributes=id", status=400, body='{"detail": "no such parameter"}'),
        Fault(FaultKind.BODY, path="attributes=id", body='{"totalResults": 5, "Resources": [{}, {}, {}, {}, {}]}'),
    ],
)
def test_a_server_that_cannot_give_ids_alone_is_read_twice_whole(app: Any, fault: Fault) -> None:
    app.sandbox.add_fault(fault)
    assert app.read(**SMALL).ends["accounts"].problem == ""


def test_without_projections_neither_users_nor_groups_are_asked_with_them(app: Any) -> None:
    reading = app.read(dialect_overrides={"max_page": 2, "projections": False})
    assert [end.problem for end in reading.ends.values()] == ["", "", ""]
    assert not any("ttributes" in request.query for request in app.sandbox.requests())


def test_a_second_reading_that_fails_proves_nothing(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="/Users", after=5))
    assert "its second reading, which should have proven it, went wrong" in app.read(**SMALL).ends["accounts"].problem


def by_cursor(serve: Any, user: Any) -> Any:
    return serve(ScimSandbox({"users": [user(n) for n in range(7)]}, settings=ScimSandboxSettings(paging=SandboxPaging.CURSOR)))


CURSOR: dict[str, Any] = {"dialect_overrides": {"paging": "cursor", "max_page": 3, "groups": False}}
EXPIRED = '{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "scimType": "expiredCursor", "status": "400"}'


def test_a_cursor_that_expired_begins_the_whole_list_again_once(serve: Any, user: Any) -> None:
    app = by_cursor(serve, user)
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="cursor=[^&]", after=1, times=1, status=400, body=EXPIRED))
    reading = app.read(**CURSOR)
    assert reading.ends["accounts"].problem == ""
    assert len(reading.ids) == len(set(reading.ids)) == 7
    assert [page.number for page in reading.pages] == [1, 2, 3]
    assert len(queries(app)) == 3 + 3


def test_a_cursor_that_expires_again_is_given_up(serve: Any, user: Any) -> None:
    app = by_cursor(serve, user)
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="cursor=[^&]", status=400, body=EXPIRED))
    assert "expiredCursor" in app.read(**CURSOR).ends["accounts"].problem
    assert len(queries(app)) == 2 * 2


def interrupted(app: Any, pages: int, **settings: Any) -> list[Any]:
    """What a read gives until it is killed."""

    async def work(scim: Scim) -> list[Any]:
        parts: list[Any] = []
        async for part in scim.pages():
            parts.append(part)
            if len(parts) == pages:
                break
        return parts

    found: list[Any] = app.run(work, **settings)
    app.sandbox.forget_requests()
    return found


@pytest.mark.parametrize("proof", ["two_passes", "count"])
def test_an_interrupted_list_goes_on_where_it_stopped_and_is_proven_with_what_was_held(app: Any, proof: str) -> None:
    settings = {"dialect_overrides": {"max_page": 2, "groups": False, "proof": proof}}
    [_first, second] = interrupted(app, 2, **settings)
    reading = app.read(ReadRequest(held={ACCOUNTS: ResumePoint(second.number, second.cursor)}), **settings)
    assert reading.ends["accounts"].problem == ""
    assert [page.number for page in reading.pages] == [3]
    assert reading.ids == ["u5"]
    assert queries(app)[0].startswith("startIndex=5")


def test_a_list_that_changed_since_it_was_interrupted_is_begun_anew(app: Any, user: Any) -> None:
    [first] = interrupted(app, 1, **SMALL)
    app.sandbox.app.seed({"users": [user(n) for n in (2, 3, 4, 5, 6)]})
    reading = app.read(ReadRequest(held={ACCOUNTS: ResumePoint(1, first.cursor)}), **SMALL)
    assert reading.ends["accounts"].problem == ""
    assert [page.number for page in reading.pages] == [1, 2, 3]
    assert reading.ids == ["u2", "u3", "u4", "u5", "u6"]


def test_a_cursor_is_gone_on_with_where_it_lives_and_else_begun_anew(serve: Any, user: Any) -> None:
    app = by_cursor(serve, user)
    [first] = interrupted(app, 1, **CURSOR)
    request = ReadRequest(held={ACCOUNTS: ResumePoint(1, first.cursor)})
    assert len(app.read(request, **CURSOR).ids) == 4
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="cursor=[^&]", times=1, status=400, body=EXPIRED))
    again = app.read(request, **CURSOR)
    assert again.ends["accounts"].problem == ""
    assert len(again.ids) == 7


def test_what_was_proven_before_the_interruption_is_not_read_again(app: Any) -> None:
    parts = interrupted(app, 100)
    held = {part.scope: ResumePoint(part.number, part.cursor) for part in parts if isinstance(part, RawPage)}
    reading = app.read(ReadRequest(held=held))
    assert [request.path for request in app.sandbox.requests()] == ["/v2/Groups"] * 3
    assert {name: end.problem for name, end in reading.ends.items()} == {"accounts": "", "entitlements": "", "members g1": ""}


def test_the_last_page_is_given_after_its_proof_and_says_where_there_is_none(app: Any) -> None:
    parts = interrupted(app, 3, **SMALL)
    assert parts[-1].cursor is None
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="attributes=id", status=400))
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="/Users", after=4, status=400))
    parts = interrupted(app, 3, **SMALL)
    assert Position.parse(parts[-1].cursor) == BEGINNING


def test_a_spool_gives_only_the_pages_after_a_scope_was_begun_anew(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path / "app.pages")
    other = RawPage(Scope(ScopeKind.ENTITLEMENTS), 1, b"{}")
    for item in (RawPage(ACCOUNTS, 1, b"a"), RawPage(ACCOUNTS, 2, b"b"), other, RawPage(ACCOUNTS, 1, b"c"), ScopeEnd(ACCOUNTS)):
        spool.add(item)
    assert [item.body for item in spool.items() if isinstance(item, RawPage)] == [b"{}", b"c"]
    spool.close()


@pytest.mark.parametrize("text", ["", "1", "x y z", "1 zz 3", "-"])
def test_a_position_that_cannot_be_read_is_the_beginning(text: str) -> None:
    assert Position.parse(text) == BEGINNING


def test_a_position_survives_as_text_whatever_the_cursor_holds() -> None:
    position = Position("a b  c=").after(["1", "2"], 3)
    assert Position.parse(str(position)) == position
    assert position.same_records(Position().after(["2"], 1).after(["1"], 2))
    assert not position.same_records(Position().after(["1", "3"], 3))


@pytest.mark.parametrize(("shown", "problem"), [(3, "no more than 3"), (4, "")])
@pytest.mark.parametrize("where", ["each", "list"])
def test_a_group_shown_with_as_many_members_as_are_ever_shown_is_not_believed(app: Any, where: str, shown: int, problem: str) -> None:
    reading = app.read(dialect_overrides={"most_members_shown": shown, "members": where})
    assert problem in reading.ends["members g1"].problem
    assert bool(reading.ends["members g1"].problem) is bool(problem)
    assert len(reading.members) == 3


@pytest.mark.parametrize("paging", [SandboxPaging.INDEX, SandboxPaging.CURSOR])
@pytest.mark.parametrize("bare", [False, True])
def test_an_independent_server_is_read_whole_with_and_without_its_options(
    serve: Any, user: Any, paging: SandboxPaging, *, bare: bool
) -> None:
    members = [{"value": f"u{n}"} for n in range(12)]
    groups = [{"id": f"g{n}", "displayName": f"G{n}", "members": members[n:]} for n in range(5)]
    settings = ScimSandboxSettings(paging=paging, bare=bare, max_page=4)
    app = serve(ScimSandbox({"users": [user(n) for n in range(13)], "groups": groups}, settings=settings))
    reading = app.read(dialect_overrides={"paging": paging.value})
    assert {name: end.problem for name, end in reading.ends.items() if end.problem} == {}
    assert sorted(reading.ids) == sorted(f"u{n}" for n in range(13))
    assert len(reading.members) == sum(12 - n for n in range(5))
