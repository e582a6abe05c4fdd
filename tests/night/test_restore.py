"""`reconcile restore`: what others did, taken back to an earlier read on real sockets."""

import copy

import httpx
import pytest

from connectors.sandbox.scim import BASE_PATH

from .conftest import Calm
from .hr_oracle import holdings
from .night_morning import cells
from .night_worlds import World

OKTA = {"Authorization": "SSWS sandbox-token"}
WIKI = {"Authorization": "Bearer sandbox"}
BEFORE = "2026-03-02T15:00"


def others(held: World, method: str, path: str, body: object = None) -> None:
    """Something that an outside actor does in Okta."""
    answer = httpx.request(method, f"{held.okta.url}/api/v1/{path}", headers=OKTA, json=body)
    assert answer.is_success, answer.text


def group_of(held: World, name: str) -> tuple[str, list[str]]:
    """The id of a group of Okta, and its members' ids."""
    (group,) = (each["id"] for each in held.state["okta"]["groups"] if each["profile"]["name"] == name)
    return group, list(held.state["okta"]["members"][group])


@pytest.fixture
def attacked(calm: Calm) -> World:
    """A calm world after a night at noon and a read at two; an outside actor empties a group, suspends three people and changes a title; a read at five."""
    held = calm()
    assert held.night().code == 10
    assert held.run("extract", hour=14).code == 0
    held.before = copy.deepcopy(holdings(held.state))
    group, members = group_of(held, "managers")
    held.struck = [each for each in members if each != "break-glass.admin@example.com"][:9]
    for member in held.struck:
        others(held, "DELETE", f"groups/{group}/users/{member}")
    for member in held.struck[:3]:
        others(held, "POST", f"users/{member}/lifecycle/suspend")
    others(held, "POST", f"users/{held.struck[4]}", {"profile": {"title": "Her own words"}})
    assert held.run("extract", hour=17).code == 0
    return held


def test_what_an_outside_actor_did_is_taken_back_without_any_run_of_ours(attacked: World) -> None:
    held = attacked
    assert holdings(held.state) != held.before
    writes = held.writes
    made = held.run("restore", "--as-of", BEFORE, "--json", hour=18)
    assert made.code == 10, made.err
    assert held.writes == writes
    verbs = sorted(each["verb"] for each in made.json["operations"])
    assert verbs == ["add_member"] * 9 + ["reactivate"] * 3 + ["update"]
    assert held.run("apply", made.json["plan"]["digest"], "--live", hour=18).code == 0
    assert holdings(held.state) == held.before


def test_plan_is_titled_and_takes_only_the_rows_and_systems_that_are_asked_for(attacked: World) -> None:
    held = attacked
    asked = ("restore", "--as-of", BEFORE)
    told = held.run(*asked, hour=18)
    assert ": Restore to 2026-03-02T15:00:00+00:00" in told.out.splitlines()[0]
    digest = held.run(*asked, "--json", hour=18).json["plan"]["digest"]
    assert f" apply {digest[:12]} --live" in told.out
    assert held.run("report", digest, "--format", "html", "--output", str(held.folder / "r.html"), hour=18).code == 0
    assert "<h1>Restore to " in (held.folder / "r.html").read_text(encoding="utf-8")
    only = held.run(*asked, "--only", "verb = 'reactivate'", "--json", hour=18).json
    assert {each["verb"] for each in only["operations"]} == {"reactivate"}
    assert any("left out by --only" in each["message"] for each in only["findings"])
    assert not held.run(*asked, "--system", "wiki", "--json", hour=18).json["operations"]
    newest = held.run("show", "--json").json["plan"]["digest"]
    assert newest not in (digest, only["plan"]["digest"])


def test_what_cannot_be_asked_is_a_usage_error_and_makes_no_plan(attacked: World) -> None:
    held = attacked
    before = held.run("audit", "--json").out
    for words, said in (
        (("--as-of", "2026-03-01"), "there is no snapshot at or before"),
        (("--as-of", "yesterday"), "is not a time"),
        (("--as-of", "2027-03-02"), "lies in the future"),
        (("--as-of", BEFORE, "--system", "nope"), "nope"),
        (("--as-of", BEFORE, "--only", "read_text('/etc/passwd') <> ''"), "No plan was made."),
    ):
        ended = held.run("restore", *words, hour=18)
        assert (ended.code, ended.out) == (2, ""), words
        assert said in ended.err, words
    assert held.run("audit", "--json").out == before


def test_what_changed_since_for_a_good_reason_stays_and_what_nothing_brings_back_is_said_first(attacked: World) -> None:
    held = attacked
    logins = {each["id"]: each["profile"]["login"] for each in held.state["okta"]["users"]}
    leaver, suspect, nicknamed, deleted = (held.struck[place] for place in (0, 5, 6, 7))
    held.rewrite_hr(lambda rows: [_terminated(row) if logins[leaver] in row else row for row in rows])
    by = ("--by", "Ana Lind", "--why", "a stolen laptop", "--live")
    assert held.run("act", "suspend", suspect, "--target", "okta", *by, hour=17).code == 0
    others(held, "POST", f"users/{nicknamed}", {"profile": {"nickName": "Boss"}})
    others(held, "POST", "users?activate=true", {"profile": _stranger()})
    wiki = next(each["id"] for each in held.state["wiki"]["users"] if each["userName"] == logins[deleted])
    assert httpx.request("DELETE", f"{held.wiki.url}{BASE_PATH}/Users/{wiki}", headers=WIKI).is_success
    assert held.run("extract", hour=18).code == 0

    made = held.run("restore", "--as-of", BEFORE, "--json", hour=19)
    assert made.code == 10, made.err
    operations, findings = made.json["operations"], made.json["findings"]
    assert {each["account_id"] for each in operations if each["verb"] == "reactivate"} == set(held.struck[1:3])
    assert leaver not in {each["account_id"] for each in operations}
    about = [(each["account_id"], each["message"]) for each in findings if each["kind"] == "not_restored"]
    assert any(id_ == leaver and "the mapping gives this person no account now" in message for id_, message in about)
    assert any(id_ == suspect and "a person asked for it" in message for id_, message in about)
    assert [id_ for id_, message in about if "is deleted. Nothing brings it back" in message] == [wiki]
    assert any("1 account appeared since" in message and "stranger@example.com" in message for _, message in about)
    assert any("nickName of 1 account" in message for _, message in about)

    every = held.run("restore", "--as-of", BEFORE, "--all-attributes", "--json", hour=19)
    assert {"nickName": None} in [each["after"] for each in every.json["operations"]]
    assert held.run("apply", every.json["plan"]["digest"], "--live", hour=19).code == 0
    users = {each["id"]: each for each in held.state["okta"]["users"]}
    assert [users[each]["status"] for each in (leaver, suspect)] == ["SUSPENDED", "SUSPENDED"]
    assert not users[nicknamed]["profile"].get("nickName")
    assert held.run("audit", "verify").code == 0


def _terminated(line: str) -> str:
    row = cells(line)
    row[17], row[20] = "Terminated", "2026-03-02"
    return ",".join(f'"{each}"' for each in row) + "\n"


def _stranger() -> dict[str, str]:
    return {"login": "stranger@example.com", "email": "stranger@example.com", "firstName": "A", "lastName": "Stranger"}


def test_a_scim_application_is_taken_back_as_well(calm: Calm) -> None:
    held = calm()
    assert held.night().code == 10
    assert held.run("extract", hour=14).code == 0
    before = copy.deepcopy(holdings(held.state))
    group = next(each for each in held.state["wiki"]["groups"] if len(each.get("members", ())) > 4)
    struck = [each["value"] for each in group["members"]][:5]
    _patch(held, f"Groups/{group['id']}", [{"op": "remove", "path": f'members[value eq "{each}"]'} for each in struck])
    for each in struck[:2]:
        _patch(held, f"Users/{each}", [{"op": "replace", "value": {"active": False}}])
    _patch(held, f"Users/{struck[3]}", [{"op": "replace", "value": {"title": "Chief", "nickName": "Boss"}}])
    assert held.run("extract", hour=17).code == 0
    made = held.run("restore", "--as-of", BEFORE, "--all-attributes", "--json", hour=18).json
    assert {each["target"] for each in made["operations"]} == {"wiki"}
    (changed,) = (each["after"] for each in made["operations"] if each["verb"] == "update")
    assert changed.keys() == {"title", "nickName"}
    assert held.run("apply", made["plan"]["digest"], "--live", hour=18).code == 0
    assert holdings(held.state) == before
    user = next(each for each in held.state["wiki"]["users"] if each["id"] == struck[3])
    assert not user.get("nickName")


def _patch(held: World, path: str, operations: list[dict[str, object]]) -> None:
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}
    assert httpx.patch(f"{held.wiki.url}{BASE_PATH}/{path}", headers=WIKI, json=body).is_success
