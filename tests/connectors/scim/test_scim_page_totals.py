"""Lists of an application whose `totalResults` counts the page: read to an empty page, and proven by a second reading."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.sandbox.host import Fault, FaultKind
from connectors.sandbox.scim import ScimSandbox, ScimSandboxSettings
from connectors.sandbox.scim_limits import ScimLimits
from connectors.scim.dialect import Dialect, Paging, Proof, Totals

BY_PAGE: dict[str, Any] = {"dialect_overrides": {"max_page": 2, "groups": False, "totals": "page"}}
BY_LIST: dict[str, Any] = {"dialect_overrides": {"max_page": 2, "groups": False}}


@pytest.fixture
def counting_pages(serve: Any, user: Any) -> Any:
    limits = ScimLimits(page_totals=True)
    return serve(ScimSandbox({"users": [user(n) for n in range(5)]}, settings=ScimSandboxSettings(limits=limits)))


def page(*ids: str, total: int) -> str:
    return json.dumps({"totalResults": total, "Resources": [{"id": each, "userName": each} for each in ids]})


def test_list_whose_totals_count_the_page_is_proven_by_an_empty_page_and_a_second_reading(counting_pages: Any) -> None:
    reading = counting_pages.read(**BY_PAGE)
    assert (reading.ends["accounts"].problem, reading.ends["accounts"].declared_total, len(reading.ids)) == ("", 5, 5)
    asked = [request.query for request in counting_pages.sandbox.requests()]
    # Three pages and the empty one, a look beyond the end, and the same again for the ids alone.
    assert ["attributes=id" in query for query in asked if query] == [False] * 5 + [True] * 4


@pytest.mark.parametrize("users", [0, 2, 4])
def test_list_that_ends_with_a_full_page_is_read_to_its_end(serve: Any, user: Any, users: int) -> None:
    limits = ScimLimits(page_totals=True)
    app = serve(ScimSandbox({"users": [user(n) for n in range(users)]}, settings=ScimSandboxSettings(limits=limits)))
    reading = app.read(**BY_PAGE)
    assert len(reading.ids) == users
    # A list of users that is empty is believed of no dialect.
    assert (reading.ends["accounts"].problem == "") is (users > 0)


def test_such_a_list_is_unproven_until_the_dialect_says_so_and_the_reason_names_the_setting(counting_pages: Any) -> None:
    problem = counting_pages.read(**BY_LIST).ends["accounts"].problem
    assert 'others follow; where it counts the page and not the list, say totals = "page" in its dialect' in problem


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (page("u2", "u3", total=5), "page 2 says that it holds 5 records and holds 2"),
        (page("u2", total=2), "page 2 says that it holds 2 records and holds 1"),
        (page("u1", "u2", total=2), "page 2 repeats 1 of its 2 records"),
        (page("u0", "u1", total=2), "page 2 repeats 2 of its 2 records"),
    ],
)
def test_page_that_contradicts_its_own_total_or_repeats_leaves_the_list_unproven(counting_pages: Any, second: str, says: str) -> None:
    counting_pages.sandbox.add_fault(Fault(FaultKind.BODY, path="startIndex=3", body=second))
    assert says in counting_pages.read(**BY_PAGE).ends["accounts"].problem


def test_list_that_is_cut_on_one_reading_is_unproven(counting_pages: Any) -> None:
    # The first reading ends early with an empty page; the one for the ids alone finds everybody.
    counting_pages.sandbox.add_fault(Fault(FaultKind.BODY, path="startIndex=3&count=2", body=page(total=0), times=1))
    reading = counting_pages.read(**BY_PAGE)
    assert reading.ends["accounts"].problem == ""
    assert sorted(set(reading.ids)) == [f"u{n}" for n in range(5)]


def test_server_that_repeats_its_first_page_for_ever_is_unproven_and_ends(counting_pages: Any) -> None:
    counting_pages.sandbox.add_fault(Fault(FaultKind.BODY, path="/Users", body=page("u0", "u1", total=2)))
    assert "repeats" in counting_pages.read(**BY_PAGE).ends["accounts"].problem


@pytest.mark.parametrize(("more", "says"), [({"proof": Proof.COUNT}, "leave proof out"), ({"paging": Paging.CURSOR}, "leave it out")])
def test_settings_that_contradict_page_totals_are_refused(more: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Dialect(totals=Totals.PAGE, **more)
