"""Searching for users, and when an empty answer counts."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import BadResponse, Rejected
from connectors.sandbox.host import Fault, FaultKind, WireAnswer, WireRequest
from connectors.sandbox.scim import SandboxPaging, ScimSandbox, ScimSandboxSettings
from connectors.scim.connector import Scim

NONE = '{"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0}'


def found(app: Any, attribute: str, value: str, **settings: Any) -> list[str]:
    async def work(scim: Scim) -> list[str]:
        return [record.id for record in await scim.find_accounts(attribute, value)]

    return app.run(work, **settings)


@pytest.mark.parametrize(
    ("attribute", "value", "ids"),
    [
        ("userName", "PERSON2@example.com", ["u2"]),
        ("emails.work", "person3@example.com", ["u3"]),
        ("emails.home", "person3@example.com", []),
        ("name.familyName", "4", ["u4"]),
        ("enterprise.department", "research", ["u1", "u2", "u3", "u4", "u5"]),
        ("userName", "nobody@example.com", []),
        ("userName", 'x" or userName pr or userName eq "', []),
        ("externalId", "e1", []),
    ],
)
def test_accounts_are_found_by_an_attribute_and_nothing_else(app: Any, attribute: str, value: str, ids: list[str]) -> None:
    assert found(app, attribute, value) == ids


def test_empty_answer_of_a_filter_counts_only_after_the_filter_has_found_a_user(app: Any) -> None:
    assert found(app, "userName", "nobody@example.com") == []
    assert any("PERSON1%40EXAMPLE.COM" in request.query for request in app.sandbox.requests())


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.BODY, path="filter=", body=NONE),
        Fault(FaultKind.STATUS, path="filter=", status=400, body='{"scimType": "invalidFilter", "status": "400"}'),
        Fault(FaultKind.STATUS, path="filter=", status=404, body='{"scimType": "x", "status": "404"}'),
        Fault(FaultKind.STATUS, path="filter=", status=501),
        Fault(FaultKind.BODY, path="filter=", body="<html>"),
    ],
)
def test_where_the_filter_does_not_find_the_whole_list_is_read(app: Any, fault: Fault) -> None:
    app.sandbox.add_fault(fault)
    assert found(app, "userName", "person4@example.com") == ["u4"]


def test_failure_of_a_trusted_filter_is_not_an_empty_answer(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="filter=", after=1, status=400))
    assert found(app, "userName", "person4@example.com") == ["u4"]


def test_server_that_ignores_filters_does_not_match_every_user(serve: Any, user: Any) -> None:
    class Deaf(ScimSandbox):
        async def answer(self, request: WireRequest) -> WireAnswer:
            query = "&".join(part for part in request.query.split("&") if not part.startswith("filter="))
            return await super().answer(
                WireRequest(method=request.method, path=request.path, query=query, headers=request.headers, base_url="")
            )

    app = serve(Deaf({"users": [user(1), user(2)]}))
    assert found(app, "userName", "person2@example.com") == ["u2"]
    assert found(app, "userName", "nobody@example.com") == []


def test_neither_a_filter_nor_a_whole_list_is_no_answer(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="filter=", status=400))
    app.sandbox.add_fault(Fault(FaultKind.BODY, path="startIndex=3", body="<html>"))
    with pytest.raises(BadResponse, match="not whole"):
        found(app, "userName", "person4@example.com", dialect_overrides={"max_page": 2})


def test_empty_value_is_never_searched_for(app: Any) -> None:
    with pytest.raises(Rejected):
        found(app, "userName", "")


def checked(app: Any, **settings: Any) -> dict[str, str]:
    async def work(scim: Scim) -> dict[str, str]:
        return {check.what.partition(": ")[2]: check.problem for check in await scim.check()}

    return app.run(work, **settings)


def test_a_well_application_passes_every_check(app: Any) -> None:
    assert set(checked(app).values()) == {""}
    assert len(checked(app)) == 6


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (Fault(FaultKind.STATUS, path="/Users", status=401), "does not accept the sign-in"),
        (Fault(FaultKind.STATUS, path="/Users", status=403), "not allowed"),
        (Fault(FaultKind.BODY, path="/Users", body=NONE), "empty_ok"),
        (Fault(FaultKind.BODY, path="/Users", body="<html>"), "not JSON"),
        (Fault(FaultKind.BODY, path="/Users", body='{"Resources": [{"id": "1"}]}'), "totalResults"),
        (Fault(FaultKind.BODY, path="filter=", body=NONE), "whole list"),
        (Fault(FaultKind.STATUS, path="/Groups", status=403), "not allowed"),
        (Fault(FaultKind.DROP_BEFORE, path="/Users"), "connection"),
    ],
)
def test_a_check_says_in_a_sentence_what_is_wrong(app: Any, fault: Fault, problem: str) -> None:
    app.sandbox.add_fault(fault)
    [said] = [text for text in checked(app).values() if text]
    assert problem in said


def test_missing_discovery_is_no_problem(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="/ServiceProviderConfig", status=404, body="no"))
    assert set(checked(app).values()) == {""}


def test_what_the_application_says_of_itself_is_told_where_it_contradicts_the_dialect(serve: Any, user: Any) -> None:
    settings = ScimSandboxSettings(bare=True, paging=SandboxPaging.CURSOR)
    app = serve(ScimSandbox({"users": [user(1)]}, settings=settings))
    said = checked(app, dialect_overrides={"paging": "cursor"})
    assert "no PATCH" in said["what the application says of itself agrees with the dialect"]


def test_a_page_cap_below_the_dialects_is_told_and_harmless(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox({"users": [user(n) for n in range(9)]}, settings=ScimSandboxSettings(max_page=4)))
    said = checked(app)
    assert set(said.values()) == {""}
    assert any("4 users came for count=1000" in what for what in said)
    assert any("4 at most where the dialect says 100" in what for what in said)


@pytest.mark.parametrize(
    ("paging", "own", "problem"),
    [
        (SandboxPaging.CURSOR, {"paging": "cursor", "max_page": 2}, ""),
        (SandboxPaging.INDEX, {"paging": "keyset", "max_page": 2}, ""),
        (SandboxPaging.NONE, {"paging": "none"}, ""),
        (SandboxPaging.NONE, {}, ""),
        (SandboxPaging.INDEX, {"filters": False}, ""),
    ],
)
def test_an_application_that_does_what_its_dialect_says_has_no_problem(
    serve: Any, user: Any, paging: SandboxPaging, own: dict[str, Any], problem: str
) -> None:
    app = serve(ScimSandbox({"users": [user(n) for n in range(5)]}, settings=ScimSandboxSettings(paging=paging, max_page=2)))
    said = checked(app, dialect_overrides={"groups": False, **own})
    assert set(said.values()) == {problem}
    assert all(request.method == "GET" for request in app.sandbox.requests())


@pytest.mark.parametrize(
    ("fault", "own", "problem"),
    [
        (Fault(FaultKind.BODY, path="count=1&startIndex=2", body='{"totalResults": 5, "Resources": [{"id": "u0"}]}'), {}, "no other user"),
        (Fault(FaultKind.STATUS, path="count=1&startIndex=2", status=400), {}, "no other user"),
        (Fault(FaultKind.STATUS, path="count=1&", status=501), {}, "HTTP 501"),
        (
            Fault(FaultKind.BODY, path="count=1&", body='{"totalResults": 5, "Resources": [{"id": "u1"}]}'),
            {"paging": "cursor"},
            "no next cursor",
        ),
    ],
)
def test_an_application_whose_second_page_cannot_be_read_is_a_problem(
    serve: Any, user: Any, fault: Fault, own: dict[str, Any], problem: str
) -> None:
    paging = SandboxPaging.CURSOR if own else SandboxPaging.INDEX
    app = serve(ScimSandbox({"users": [user(n) for n in range(5)]}, settings=ScimSandboxSettings(paging=paging)))
    app.sandbox.add_fault(fault)
    assert problem in checked(app, dialect_overrides=own)["the second page of users can be read"]


def test_where_the_dialect_says_that_there_are_no_filters_none_is_sent(app: Any) -> None:
    assert found(app, "userName", "person4@example.com", dialect_overrides={"filters": False}) == ["u4"]
    assert not any("filter" in request.query for request in app.sandbox.requests())


def test_what_the_application_says_of_itself_is_found_under_the_plural_too(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="/ServiceProviderConfig$", status=404))
    app.sandbox.add_fault(
        Fault(FaultKind.BODY, path="/ServiceProviderConfigs$", status=200, body='{"patch": {"supported": false}}'),
    )
    assert "no PATCH" in checked(app)["what the application says of itself agrees with the dialect"]


def test_no_attribute_is_said_not_to_exist(app: Any) -> None:
    async def names(scim: Scim) -> object:
        return await scim.attribute_names()

    assert app.run(names) is None
