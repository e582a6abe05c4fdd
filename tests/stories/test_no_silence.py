"""What used to be silent is a sentence: a leaver who keeps access, a system that was not read, a dry run that looked, a run that ended early."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from connectors.sandbox.host import Fault, FaultKind
from reconcile.report.run_summary import NAMED

from .story_faults import AT_ONCE
from .story_worlds import Person, Story, people

LEAVER = Person(6)
STAMP = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}\+00:00"


def leaves(story: Story, *leavers: Person) -> None:
    anchors = {each.anchor for each in leavers}
    story.lines(lambda lines: [line.replace("Active", "Left") if line[:5] in anchors else line for line in lines])


def line_of(out: str) -> str:
    (line,) = out.splitlines()
    stamp, _, rest = line.partition(": ")
    assert re.fullmatch(STAMP, stamp)
    return rest


def account_of(story: Story, person: Person) -> str:
    (found,) = (user["id"] for user in story.systems["okta"].app.state()["users"] if user["profile"]["login"] == person.login)
    return str(found)


def test_failed_deactivation_names_the_leaver_first_and_the_cause_on_a_line_of_its_own(at_office: Story) -> None:
    leaves(at_office, LEAVER)
    path = f"/api/v1/users/{account_of(at_office, LEAVER)}"
    at_office.systems["okta"].add_fault(Fault(FaultKind.STATUS, path=path, method="GET", status=503, headers=AT_ONCE))
    night = at_office.night()
    assert night.code == 13
    assert line_of(night.out).startswith(f"still have access: {LEAVER.login} in okta (failed); ")
    (cause,) = [line for line in night.err.splitlines() if line.startswith("FAILED  deactivate")]
    assert f"deactivate {LEAVER.login}, okta: " in cause
    assert "503" in cause


def test_calm_run_names_no_person(at_office: Story) -> None:
    night = at_office.night()
    assert (night.code, night.err) == (0, "")
    assert "still have access" not in line_of(night.out)


def test_leaver_whose_target_was_not_read_is_named(at_office: Story) -> None:
    leaves(at_office, LEAVER)
    at_office.systems["okta"].add_fault(Fault(FaultKind.STATUS, path=r"/api/v1/users\?", status=503, headers=AT_ONCE))
    night = at_office.night()
    assert night.code == 12
    assert line_of(night.out).startswith(f"still have access: Pat Person00006 ({LEAVER.anchor}) (1 leaver waits for okta); ")
    told = at_office.plan()["waiting"]
    assert [each["sentence"] for each in told] == [
        f"1 person waits for accounts of okta, which was not read completely (who left: Pat Person00006 ({LEAVER.anchor}))"
    ]


def test_leaver_whom_the_night_before_deactivated_is_not_said_to_have_access(at_office: Story) -> None:
    leaves(at_office, LEAVER)
    assert "still have access" not in line_of(at_office.night().out)
    leaves(at_office, Person(9))
    at_office.systems["okta"].add_fault(Fault(FaultKind.STATUS, path=r"/api/v1/users\?", status=403))
    for _ in range(2):
        night = at_office.night()
        assert night.code == 12
        assert line_of(night.out).startswith(f"still have access: Pat Person00009 ({Person(9).anchor}) (1 leaver waits for okta); ")


def test_system_of_which_nothing_came_is_not_read_and_never_empty(at_office: Story) -> None:
    at_office.systems["okta"].add_fault(Fault(FaultKind.STATUS, path="/api/v1/", status=503, headers=AT_ONCE))
    extracted = at_office.run("extract")
    assert extracted.code == 12
    assert "okta: not read; what was read before stays\n" in extracted.out
    assert ": 0 records" not in extracted.out
    assert "okta, accounts: not read; " in at_office.run("plan").out


def test_refused_run_names_the_leavers_and_counts_those_beyond_the_limit(at_office: Story) -> None:
    leaves(at_office, *people(30))
    night = at_office.night()
    assert night.code == 11
    line = line_of(night.out)
    assert line.startswith("still have access: p00000@example.com in okta (refused by okta.deactivate")
    assert f"and {30 - NAMED} more; " in line


def test_run_without_live_names_the_leavers_who_wait_for_review(at_office: Story) -> None:
    leaves(at_office, LEAVER)
    night = at_office.run("run")
    assert night.code == 10
    assert line_of(night.out).startswith(f"still have access: {LEAVER.login} in okta (waits for review); ")


def test_programs_get_the_facts_of_the_line(at_office: Story) -> None:
    leaves(at_office, LEAVER)
    told = json.loads(at_office.run("run", "--json").out)["night"]
    assert re.fullmatch(STAMP, told["at"])
    assert told["still_active"] == [{"who": LEAVER.login, "target": "okta", "why": "waits for review"}]
    assert told["failures"] == []


@pytest.mark.parametrize("kept_by", ["a hold", "a rejection"])
def test_leaver_whom_a_person_keeps_from_being_ended_is_named_every_night(at_office: Story, kept_by: str) -> None:
    leaves(at_office, LEAVER)
    assert at_office.run("extract").code == 0
    planned = at_office.run("plan", "--json").json
    by = ("--by", "Ana Lind", "--why", "asked HR")
    if kept_by == "a hold":
        assert at_office.run("hold", LEAVER.anchor, "--until", "2099-01-01", *by).code == 0
    else:
        ends = next(each["id"] for each in planned["operations"] if each["verb"] == "deactivate")
        assert at_office.run("approve", planned["plan"]["digest"], "--reject", ends, *by).code == 0
    why = {"a hold": "on hold", "a rejection": "a reviewer rejected it"}[kept_by]
    assert line_of(at_office.night().out).startswith(f"still have access: {LEAVER.login} in okta ({why}); ")


@pytest.mark.parametrize("file", ["reconcile.toml", "mappings/okta.toml"])
def test_run_that_ended_early_says_when_and_what_follows(at_office: Story, file: str) -> None:
    (at_office.folder / file).write_text("[", encoding="utf-8")
    ended = at_office.run("run", "--live")
    assert (ended.code, ended.out) == (16, "")
    first, *rest = ended.err.splitlines()
    assert re.fullmatch(f"{STAMP}: the run did not finish; who left since the last one keeps access until one does", first)
    assert file in rest[0]


def test_file_of_an_earlier_night_that_others_replaced_is_told_of(at_office: Story) -> None:
    assert "WARNING" not in at_office.night().err
    leaves(at_office, LEAVER)
    assert "WARNING" not in at_office.night().err
    at_office.lines(lambda lines: [line.replace("Left", "Active") if line[:5] == LEAVER.anchor else line for line in lines])
    (warning,) = [line for line in at_office.night().err.splitlines() if line.startswith("WARNING  ")]
    assert re.search(
        r"byte for byte what was read at \S+ as \S+, and other rows were read since: people who left in between are active again", warning
    )
    # Read once more, nothing was replaced since.
    assert "WARNING" not in at_office.night().err
    leaves(at_office, LEAVER)
    ((told,),) = at_office.night("--json").json["night"]["read_warnings"].values()
    assert "byte for byte what was read at" in told


def test_dry_run_says_that_it_looked(at_office: Story) -> None:
    leaves(at_office, LEAVER, Person(9))
    assert at_office.run("extract").code == 0
    planned = at_office.run("plan", "--json").json
    count = len(planned["operations"])
    assert count >= 2
    looked = at_office.run("apply")
    assert f"{count} rows looked at, 0 in the way, nothing written." in looked.out.splitlines()
    assert json.loads(at_office.run("apply", "--json").out)["dry_run"] == {
        "looked_at": count,
        "in_the_way": 0,
        "held_back": 0,
        "already": 0,
        "not_yet": 0,
    }
    assert at_office.writes() == []


def test_dry_run_of_an_empty_plan_says_that_there_was_nothing(at_office: Story) -> None:
    assert at_office.run("extract").code == 0
    assert at_office.run("plan").code == 0
    assert at_office.run("apply").out.splitlines()[-1] == "0 rows looked at, 0 in the way, nothing written."


def test_dry_run_says_which_rows_are_held_back_and_by_whom(at_office: Story) -> None:
    leaves(at_office, LEAVER, Person(9))
    assert at_office.run("extract").code == 0
    planned = at_office.run("plan", "--json").json
    of_leaver = [each["id"] for each in planned["operations"] if each["who"] == LEAVER.login]
    ids = [word for id_ in of_leaver for word in ("--hold", id_)]
    assert at_office.run("approve", planned["plan"]["digest"], "--by", "Ana Lind", "--why", "asked HR", *ids).code == 0
    assert at_office.run("hold", Person(9).anchor, "--until", "2099-01-01", "--by", "Ben Roe", "--why", "on a call").code == 0
    ended = at_office.run("apply")
    others = len(planned["operations"]) - len(of_leaver)
    said = ended.out.splitlines()
    assert f"0 rows looked at, 0 in the way, {len(planned['operations'])} held back, nothing written." in said
    place = said.index(f"Held back: {len(planned['operations'])}")
    assert sorted(said[place + 1 : place + 3]) == sorted(
        [
            f"  {len(of_leaver)} row{'s' if len(of_leaver) > 1 else ''} not approved: held by Ana Lind: asked HR",
            f"  {others} row{'s' if others > 1 else ''} held: held until 2099-01-01 by Ben Roe: on a call",
        ]
    )


def test_dry_run_counts_what_is_in_the_way_and_what_there_is_nothing_to_look_at_yet(at_office: Story) -> None:
    leaves(at_office, LEAVER)
    at_office.lines(lambda lines: [*lines, Person(70).line])
    assert at_office.run("extract").code == 0
    planned = at_office.run("plan", "--json").json["operations"]
    joining = sum(each["verb"] == "add_member" for each in planned)
    assert joining
    path = f"/api/v1/users/{account_of(at_office, LEAVER)}"
    at_office.systems["okta"].add_fault(Fault(FaultKind.STATUS, path=path, method="GET", status=503, headers=AT_ONCE))
    in_the_way = sum(each["who"] == LEAVER.login for each in planned)
    assert (
        f"{len(planned) - joining} rows looked at, {in_the_way} in the way, nothing written. "
        f"{joining} more rows could not be looked at: the account or group is created by this plan."
    ) in at_office.run("apply").out.splitlines()


def seeded(story: Story, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Changes the users of the org by hand."""
    app = story.systems["okta"].app
    state = app.state()
    change(state["users"])
    app.seed(state)


def of(users: list[dict[str, Any]], person: Person) -> dict[str, Any]:
    return next(user["profile"] for user in users if user["profile"]["login"] == person.login)


def kept(story: Story) -> dict[str, str]:
    return {each["anchor"]: each["message"] for each in story.plan()["findings"] if each["kind"] == "access_kept"}


def test_leaver_whose_account_carries_the_number_of_another_is_named(at_office: Story) -> None:
    seeded(at_office, lambda users: of(users, LEAVER).update(employeeNumber="00009"))
    assert "still have access" not in line_of(at_office.night().out)
    leaves(at_office, LEAVER)
    night = at_office.night()
    assert line_of(night.out).startswith(f"still have access: {LEAVER.login} in okta (no step that ends it, see the findings); ")
    (message,) = kept(at_office).values()
    assert f"Pat Person00006 ({LEAVER.anchor}) is terminated" in message
    assert f"The account {LEAVER.login} still works" in message
    at_office.edit("reconcile.toml", "[protected.accounts]", f'[protected]\npeople = ["{LEAVER.anchor}"]\n\n[protected.accounts]')
    assert "still have access" not in line_of(at_office.night().out)


@pytest.mark.parametrize("state", ["ACTIVE", "DEPROVISIONED"])
def test_leaver_who_may_have_one_of_several_accounts_is_named_without_them(at_office: Story, state: str) -> None:
    other = {**Person(90).profile, "employeeNumber": "00099"}
    late = Person(99)

    def change(users: list[dict[str, Any]]) -> None:
        users += [{"status": state, "profile": each} for each in (other, late.profile)]

    seeded(at_office, change)
    at_office.lines(lambda lines: [*lines, late.line.replace("Active", "Left")])
    line = line_of(at_office.night().out)
    named = line.startswith(
        f"still have access: {late.anchor} in okta (perhaps: which account is theirs is in question, see the findings); "
    )
    assert (named, [other["login"] in each for each in kept(at_office).values()]) == ((True, [True]) if state == "ACTIVE" else (False, []))


def test_leaver_whom_a_key_proposes_is_named_and_no_other_person(at_office: Story) -> None:
    at_office.edit("mappings/okta.toml", "[attributes]", '[[correlate]]\naccount = "login"\nidentity = "mail"\n\n[attributes]')
    late = Person(99)
    seeded(at_office, lambda users: users.append({"profile": {**late.profile, "employeeNumber": ""}}))
    at_office.lines(lambda lines: [*lines, late.line])
    assert "still have access" not in line_of(at_office.night().out)
    at_office.lines(lambda lines: [late.line.replace("Active", "Left") if line == late.line else line for line in lines])
    assert line_of(at_office.night().out).startswith(f"still have access: {late.anchor} in okta (perhaps: ")
    seeded(at_office, lambda users: of(users, late).update(employeeNumber=Person(7).anchor, login=late.login))
    at_office.night()
    assert f"may be theirs still works: {late.login}" not in "".join(kept(at_office).values())
