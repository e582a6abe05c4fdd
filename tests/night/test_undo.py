"""`reconcile undo`: a live night, taken back on real sockets."""

from __future__ import annotations

import httpx

from connectors.sandbox.host import Fault, FaultKind

from .conftest import Calm
from .hr_oracle import holdings
from .night_worlds import CLOCK, World, export


def test_a_night_is_taken_back_but_for_new_accounts_which_are_deactivated(calm: Calm) -> None:
    held = calm()
    before = holdings(held.state)
    assert held.night().code == 10
    assert holdings(held.state) != before

    writes = held.writes
    newest = held.run("show", "--json").json["plan"]["digest"]
    made = held.run("undo")
    assert made.code == 10, made.err
    assert held.run("show", "--json").json["plan"]["digest"] == newest
    assert "The next run does again what the source data and the mapping still ask for." in made.out
    assert "can only be deactivated, not deleted" in " ".join(made.out.split())
    assert held.writes == writes
    assert held.run("apply", held.run("undo", "--json").json["plan"]["digest"], "--live").code == 0

    for target, now in holdings(held.state).items():
        new = now.accounts.keys() - before[target].accounts.keys()
        assert new
        assert not any(now.accounts[login]["works"] for login in new)
        assert {login: each for login, each in now.accounts.items() if login not in new} == before[target].accounts
        assert now.groups == before[target].groups


def test_a_run_that_is_undone_once_more_is_done_again(after_a_night: World) -> None:
    held = after_a_night
    after = holdings(held.state)
    for _ in range(2):
        made = held.run("undo", "--json")
        assert made.code == 10
        assert held.run("apply", made.json["plan"]["digest"], "--live").code == 0
    assert holdings(held.state) == after


def test_an_undo_speaks_of_the_reads_of_today(calm: Calm) -> None:
    """A night that could not read the wiki is undone once everything was read: what was in doubt then is not so any more."""
    held = calm()
    held.wiki.add_fault(Fault(FaultKind.STATUS, method="GET", path="/Users", status=403))
    night = held.night("--json")
    assert night.code == 12
    assert {each["system"] for each in night.json["scopes"] if not each["complete"]} == {"wiki"}
    held.wiki.clear_faults()
    assert held.run("extract").code == 0
    made = held.run("undo", "--json")
    assert made.code == 10, made.err
    assert [each for each in made.json["scopes"] if not each["complete"]] == []
    assert {each["system"] for each in made.json["scopes"]} == {"okta"}, "the run did nothing elsewhere"
    assert made.json["operations"]


def test_unknown_run_is_a_usage_error(drifted: World) -> None:
    assert drifted.run("undo").code == 2
    asked = drifted.run("undo", "2019")
    assert (asked.code, asked.out) == (2, "")
    assert "There is no live run 2019" in asked.err


def test_only_the_rows_that_a_predicate_means_are_taken_back(after_a_night: World) -> None:
    held = after_a_night
    every = held.run("undo", "--json").json["operations"]
    asked = "target = 'okta' AND verb IN ('update', 'remove_member')"
    made = held.run("undo", "--only", asked, "--json")
    assert made.code == 10, made.err
    wanted = [each for each in every if each["target"] == "okta" and each["verb"] in ("update", "remove_member")]
    assert wanted
    assert made.json["operations"] == wanted
    assert any("left out by --only" in each["message"] for each in made.json["findings"])
    wiki = held.state["wiki"]
    first = str(held.run("runs", "--json").json["runs"][0]["id"])
    assert held.run("apply", made.json["plan"]["digest"], "--live").code == 0
    assert held.state["wiki"] == wiki
    assert held.run("extract").code == 0
    second = held.run("undo", first, "--json").json
    taken_back = {each["id"] for each in wanted if each["verb"] == "remove_member"}
    assert taken_back
    assert taken_back.isdisjoint(each["id"] for each in second["operations"])
    assert len(second["operations"]) >= len(every) - len(wanted)
    assert any("took that back already" in each["message"] for each in second["findings"])


def test_group_that_was_renamed_since_the_run_gets_its_member_back_under_the_name_that_it_has_now(after_a_night: World) -> None:
    held = after_a_night
    taken = "target = 'okta' AND verb = 'add_member'"
    name = held.run("undo", "--only", taken, "--json").json["operations"][0]["entitlement"]
    group = next(each for each in held.state["okta"]["groups"] if each["profile"]["name"] == name)
    answer = httpx.put(
        f"{held.okta.url}/api/v1/groups/{group['id']}",
        headers={"Authorization": "SSWS sandbox-token"},
        json={"profile": {"name": f"{name} by now"}},
    )
    assert answer.is_success, answer.text
    assert held.run("extract").code == 0
    made = held.run("undo", "--only", f"{taken} AND entitlement = '{name} by now'", "--json")
    assert {each["entitlement"] for each in made.json["operations"]} == {f"{name} by now"}
    assert held.run("apply", made.json["plan"]["digest"], "--live").code == 0


def test_a_predicate_that_is_none_makes_no_plan(after_a_night: World) -> None:
    held = after_a_night
    before = held.run("audit", "--json").out
    for text in ("verbs = 'update'", "verb", "(SELECT true)", "true; DROP TABLE operation", "read_text('/etc/passwd') <> ''"):
        ended = held.run("undo", "--only", text)
        assert (ended.code, ended.out) == (2, ""), text
        assert "No plan was made." in ended.err, text
    assert held.run("audit", "--json").out == before


def test_what_a_later_run_did_again_is_not_undone_and_its_run_is_named(after_a_night: World) -> None:
    held = after_a_night
    who = held.morning.leaver.number
    gone = held.hr.read_bytes()

    def newest() -> str:
        return str(held.run("runs", "--json").json["runs"][0]["id"])

    def undone(run: str) -> tuple[list[str], list[str]]:
        made = held.run("undo", run, "--json", hour=16).json
        return (
            [each["verb"] for each in made["operations"] if each["anchor"] == who],
            [each["message"] for each in made["findings"] if each["kind"] == "not_undone" and each["anchor"] == who],
        )

    first = newest()
    assert "reactivate" in undone(first)[0]
    held.rewrite_hr(
        lambda lines: [line.replace("Terminated", "Active").replace(str(held.staff.today), "") if who in line else line for line in lines]
    )
    again = held.run("run", *CLOCK, "--live", "--json", hour=14).json
    assert "reactivate" in [each["verb"] for each in again["operations"] if each["anchor"] == who]
    export(held.hr, gone)
    held.run("run", *CLOCK, "--live", hour=15)
    last = newest()
    assert held.run("extract", hour=16).code in (0, 10)
    verbs, told = undone(first)
    assert (verbs, len(told)) == ([], 2)
    assert all(
        each.endswith(f"the later run {last} did the same again, and what it did stays. To take that back: reconcile undo {last}")
        for each in told
    )
    assert "reactivate" in undone(last)[0]


def test_a_value_that_a_later_run_wrote_once_more_is_not_undone_and_its_run_is_named(after_a_night: World) -> None:
    held = after_a_night
    who = held.morning.promoted

    def newest() -> str:
        return str(held.run("runs", "--json").json["runs"][0]["id"])

    def undone(run: str) -> tuple[list[dict[str, str]], list[str]]:
        made = held.run("undo", run, "--json", hour=16).json
        return (
            [
                each["after"]
                for each in made["operations"]
                if (each["anchor"], each["target"]) == (who.number, "okta") and each["verb"] == "update"
            ],
            [each["message"] for each in made["findings"] if each["kind"] == "not_undone" and each["anchor"] == who.number],
        )

    first = newest()
    before, told = undone(first)
    assert ([list(each) for each in before], told) == ([["title"]], [])
    answer = httpx.post(
        f"{held.okta.url}/api/v1/users/{who.email}",
        headers={"Authorization": "SSWS sandbox-token"},
        json={"profile": {"title": "Her own words"}},
    )
    assert answer.is_success
    held.run("run", *CLOCK, "--live", hour=14)
    last = newest()
    assert undone(last)[0] == [{"title": "Her own words"}]
    (operations, (message,)) = undone(first)
    assert operations == []
    assert message.endswith(
        f"the later run {last} wrote title once more, and what it wrote stays. To take that back: reconcile undo {last}"
    )
    assert held.run("apply", held.run("undo", last, "--json", hour=16).json["plan"]["digest"], "--live", hour=16).code == 0
    assert undone(first)[0] == before
