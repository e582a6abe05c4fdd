"""`reconcile act` and `reconcile hold`: one-off actions over real sockets, and what the nights after them do."""

from __future__ import annotations

import contextlib
import io
import re
import stat
import sys
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest

from reconcile.cli import cli
from tests.support import day

from .hr_oracle import holdings
from .night_worlds import CLOCK, DAY, World

WHY = ("--why", "laptop stolen", "--by", "Jo")


def _statuses(held: World) -> dict[str, str]:
    return {user["profile"]["login"]: str(user["status"]) for user in held.state["okta"]["users"]}


@cache
def _worker(held: World) -> tuple[str, str]:
    """Login and anchor of a person who works, is in both systems, and is not protected."""
    made = held.run("act", "suspend", "--where", "state = 'active'", *WHY, "--target", "okta", "--json").json["operations"]
    first = min((each for each in made if each["verb"] == "suspend"), key=lambda each: each["who"])
    return first["who"], first["anchor"]


def _digest(shown: str) -> str:
    found = re.search(r" apply (\w+) --live", shown)
    assert found
    return found[1]


def test_an_action_without_live_writes_nothing_and_its_plan_is_applied_by_digest(quiet: World) -> None:
    who, _ = _worker(quiet)
    writes = quiet.writes
    made = quiet.run("act", "lockdown", who, *WHY)
    assert made.code == 10
    assert quiet.writes == writes
    assert "lockdown, asked for by Jo: laptop stolen." in " ".join(made.out.split())

    assert quiet.run("apply", _digest(made.out), "--live").code == 0
    assert _statuses(quiet)[who] == "SUSPENDED"
    assert not holdings(quiet.state)["wiki"].accounts[who]["works"]


def test_an_action_that_is_done_already_writes_nothing_the_second_time(quiet: World) -> None:
    who, _ = _worker(quiet)
    assert quiet.run("act", "suspend", who, *WHY, "--target", "okta", "--live").code == 0
    assert quiet.run("extract").code == 0
    writes = quiet.writes
    again = quiet.run("act", "suspend", who, *WHY, "--target", "okta", "--live")
    assert again.code == 0
    assert "is suspended already: nothing is planned" in " ".join(again.out.split())
    assert quiet.writes == writes


def test_the_next_night_takes_an_action_back_unless_the_person_is_held(quiet: World) -> None:
    who, anchor = _worker(quiet)
    made = quiet.run("act", "suspend", who, *WHY, "--target", "okta", "--live")
    assert "The next run makes it active again" in " ".join(made.out.split())
    held = quiet.run("hold", anchor, "--until", "2026-03-02", *WHY)
    assert (held.code, f"{anchor}: held until 2026-03-02 by Jo: laptop stolen" in held.out) == (0, True)

    quiet.night()
    assert _statuses(quiet)[who] == "SUSPENDED"
    plan = quiet.run("plan", *CLOCK, "--json").json
    assert [each["who"] for each in plan["findings"] if each["kind"] == "held"] == [who]

    assert "No holds are in force." in quiet.run("hold", anchor, "--release").out
    quiet.night()
    assert _statuses(quiet)[who] == "ACTIVE"


def test_the_release_of_somebody_not_held_is_refused_and_ends_no_other_hold(quiet: World) -> None:
    who, anchor = _worker(quiet)
    other = next(each.number for each in quiet.staff.people if each.number != anchor)
    assert quiet.run("hold", other, "--until", "2026-03-09", *WHY).code == 0
    asked = quiet.run("hold", other, who, "--release")
    assert (asked.code, asked.out) == (2, "")
    assert asked.err.strip() == f"{anchor}: no hold on it is in force, and none was ended. `reconcile hold` lists those that are."
    assert f"{other}: held until 2026-03-09 by Jo" in quiet.run("hold").out
    assert "No holds are in force." in quiet.run("hold", other, "--release").out
    # The person is held, not one account of theirs: the release of an account ends nothing.
    assert quiet.run("hold", who, "--until", "2026-03-09", *WHY).code == 0
    account = next(user["id"] for user in quiet.state["okta"]["users"] if user["profile"]["login"] == who)
    assert quiet.run("hold", account, "--release").code == 2


def test_a_hold_ends_after_its_last_day(quiet: World) -> None:
    who, anchor = _worker(quiet)
    assert quiet.run("act", "suspend", who, *WHY, "--target", "okta", "--live").code == 0
    assert quiet.run("hold", anchor, "--until", "2026-03-04", *WHY).code == 0
    assert quiet.run("extract").code == 0

    def reactivated(day: str) -> bool:
        operations = quiet.run("plan", "--clock", day, "--json").json["operations"]
        return any(each["who"] == who and each["verb"] == "reactivate" for each in operations)

    assert [reactivated(f"2026-03-{day}") for day in ("03", "04", "05")] == [False, False, True]


def test_a_plan_from_before_a_hold_leaves_the_held_person_alone(quiet: World) -> None:
    who, anchor = _worker(quiet)
    assert quiet.run("act", "suspend", who, *WHY, "--target", "okta", "--live").code == 0
    assert quiet.run("extract").code == 0
    plan = quiet.run("plan", *CLOCK, "--json").json["plan"]["digest"]
    assert quiet.run("hold", anchor, "--until", "2026-03-02", *WHY).code == 0

    ended = quiet.run("apply", plan, "--live", "--json").json
    assert {each["outcome"]["kind"] for each in ended["operations"] if each["who"] == who} == {"held"}
    assert _statuses(quiet)[who] == "SUSPENDED"


def test_a_person_who_is_held_can_be_acted_on(quiet: World) -> None:
    who, anchor = _worker(quiet)
    assert quiet.run("hold", anchor, "--until", "2026-03-09", *WHY).code == 0
    assert quiet.run("act", "lockdown", who, *WHY, "--target", "okta", "--live").code == 0
    assert _statuses(quiet)[who] == "SUSPENDED"


def test_a_temporary_password_is_in_its_file_and_nowhere_else(quiet: World) -> None:
    who, _ = _worker(quiet)
    asked = ("act", "reset-password", who, "--temporary", *WHY, "--target", "okta", "--live")
    writes = quiet.writes
    refused = quiet.run(*asked)
    assert (refused.code, quiet.writes) == (2, writes)
    assert "--passwords FILE" in refused.err

    file = quiet.folder / "passwords"
    done = quiet.run(*asked, "--passwords", str(file))
    assert done.code == 0
    target, login, password = file.read_text().rstrip("\n").split("\t")
    assert (target, login, stat.S_IMODE(file.stat().st_mode)) == ("okta", who, 0o600)
    assert password not in done.out + done.err
    kept = [each.read_bytes() for each in (quiet.folder / "state").rglob("*") if each.is_file()]
    assert kept
    assert not any(password.encode() in each for each in kept)
    assert _statuses(quiet)[who] == "PASSWORD_EXPIRED"


def test_a_file_of_passwords_is_never_written_over_and_none_is_left_empty(quiet: World) -> None:
    who, _ = _worker(quiet)
    asked = ("act", "reset-password", who, "--temporary", *WHY, "--target", "okta")
    file, writes = quiet.folder / "passwords", quiet.writes
    file.write_text("another run's\n")
    refused = quiet.run(*asked, "--live", "--passwords", str(file))
    assert (refused.code, quiet.writes, file.read_text()) == (2, writes, "another run's\n")
    assert "passwords: cannot be created" in refused.err

    file.unlink()
    stale = quiet.run(*asked, "--json").json["plan"]["digest"]
    assert quiet.run("act", "unlock", who, *WHY, "--target", "okta", "--live").code == 0
    assert quiet.run("act", "revoke-sessions", who, *WHY, "--target", "okta", "--live").code == 0
    ended = quiet.run("apply", stale, "--live", "--passwords", str(file))
    assert (ended.code, file.exists()) == (14, False)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_temporary_password_is_shown_on_a_terminal_where_no_file_is_named(quiet: World) -> None:
    who, _ = _worker(quiet)
    terminal, out = _Terminal(), io.StringIO()
    words = ["reconcile", "--project", str(quiet.folder), "act", "reset-password", who, "--temporary", *WHY, "--target", "okta", "--live"]
    with patch.object(sys, "argv", words), contextlib.redirect_stdout(out), contextlib.redirect_stderr(terminal):
        assert cli(day.clock_on(DAY)) == 0
    shown = re.search(rf"okta  {re.escape(who)}  (\S+)", terminal.getvalue())
    assert shown
    assert len(shown[1]) >= 12
    assert shown[1] not in out.getvalue()


def test_a_protected_account_is_not_acted_on(quiet: World) -> None:
    writes = quiet.writes
    ended = quiet.run("act", "lockdown", "break-glass.admin@example.com", *WHY, "--live")
    assert ended.code == 11
    assert "is protected; without that, the plan would" in " ".join(ended.out.split())
    assert quiet.writes == writes


def test_an_action_on_many_people_is_refused_by_the_guards(quiet: World) -> None:
    writes = quiet.writes
    ended = quiet.run("act", "suspend", "--where", "state = 'active'", *WHY, "--live")
    assert ended.code == 11
    assert "Refused by guards" in ended.out
    assert re.search(r"^Next:\n.*override okta\.\S+ --plan [0-9a-f]{12} --by NAME", ended.out, re.MULTILINE | re.DOTALL)
    assert quiet.writes == writes


def test_an_offboarding_takes_memberships_sessions_and_the_account_and_is_undone(quiet: World) -> None:
    who, _ = _worker(quiet)
    before = holdings(quiet.state)
    ended = quiet.run("act", "offboard", who, *WHY, "--live")
    assert ended.code == 0
    assert "stays in what cannot be changed there: " in " ".join(ended.out.split())
    after = holdings(quiet.state)
    for target in ("okta", "wiki"):
        assert not after[target].accounts[who]["works"]
        left = {name for name, members in after[target].groups.items() if who in members}
        # The members of these come from a directory, and from being there at all.
        assert left <= {"directory-staff", "Everyone"}

    back = quiet.run("undo", "--json").json
    assert any("sessions" in each["message"] for each in back["findings"] if each["kind"] == "not_undone")
    assert quiet.run("apply", back["plan"]["digest"], "--live").code == 0
    assert {name: each.groups for name, each in holdings(quiet.state).items()} == {name: each.groups for name, each in before.items()}


def test_a_membership_by_hand_stays_and_one_taken_by_hand_comes_back(quiet: World) -> None:
    who, _ = _worker(quiet)
    groups = {group["profile"]["name"] for group in _groups(quiet)}
    assert quiet.run("act", "create-group", "Incident 7", *WHY, "--target", "okta", "--live").code == 0
    assert "Incident 7" not in groups
    assert quiet.run("extract").code == 0
    assert quiet.run("act", "add-to-group", who, "--group", "incident 7", *WHY, "--target", "okta", "--live").code == 0
    taken = quiet.run("act", "remove-from-group", who, "--group", "all-employees", *WHY, "--target", "okta", "--live")
    assert "The next run gives it back (granted by groups.employees)" in " ".join(taken.out.split())

    quiet.night()
    now = holdings(quiet.state)["okta"].groups
    assert who in now["Incident 7"]
    assert who in now["all-employees"]


def test_a_group_is_renamed_described_and_deleted_in_every_system_that_has_it(quiet: World) -> None:
    assert quiet.run("act", "create-group", "Incident 7", *WHY, "--live").code == 0
    assert quiet.run("extract").code == 0
    who, _ = _worker(quiet)
    assert quiet.run("act", "add-to-group", who, "--group", "Incident 7", *WHY, "--live").code == 0
    writes = quiet.writes
    named = ("act", "rename-group", "Incident 7", "--to", "Störung & Co", *WHY)
    assert (quiet.run(*named).code, quiet.writes) == (10, writes)
    assert quiet.run(*named, "--live").code == 0
    assert all(held.groups["Störung & Co"] == {who} for held in holdings(quiet.state).values())

    assert quiet.run("extract").code == 0
    assert quiet.run("act", "describe-group", "Störung & Co", "--to", "over", *WHY, "--target", "okta", "--live").code == 0
    assert "over" in {group["profile"]["description"] for group in _groups(quiet)}
    ended = quiet.run("act", "delete-group", "Störung & Co", *WHY, "--live")
    assert ended.code == 0
    assert not any("Störung & Co" in held.groups for held in holdings(quiet.state).values())


def _groups(held: World) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = held.state["okta"]["groups"]
    return groups


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("suspend", "nobody.here@example.com"), "nobody.here@example.com"),
        (("suspend", "--where", "departmnt = 'Sales'"), "did you mean 'department'?"),
        (("suspend", "--where", "department"), "--where 'department'"),
        (("suspend", "--where", "random() < 0.5"), "--where"),
        (("suspend",), "say whom it is about"),
        (("add-to-group", "x"), "--group NAME is missing"),
        (("suspend", "x", "--group", "staff"), "--group does not go with suspend"),
        (("suspend", "x", "--passwords", "p"), "--passwords goes with reset-password --temporary alone"),
        (("suspend", "x", "--temporary"), "--temporary goes with reset-password alone"),
        (("suspend", "x", "--target", "nowhere"), "nowhere"),
        (("create-group", "--where", "true"), "create-group takes the names of groups"),
        (("rename-group", "x"), "--to TEXT is missing"),
        (("rename-group", "x", "y", "--to", "z"), "rename-group takes one group"),
        (("delete-group", "x", "--to", "z"), "--to does not go with delete-group"),
        (("suspend", "x", "--to", "z"), "--to does not go with suspend"),
        (("delete-group", "no such group"), "no group is called 'no such group'"),
    ],
)
def test_a_request_that_is_not_clear_is_a_mistake_in_the_command(drifted: World, words: tuple[str, ...], said: str) -> None:
    writes = drifted.writes
    ended = drifted.run("act", *words, *WHY, "--live")
    assert (ended.code, drifted.writes) == (2, writes)
    assert said in " ".join(ended.err.split())
