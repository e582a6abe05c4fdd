"""`reconcile act` right after a night, without a read between: it acts on the accounts as the night left them."""

from __future__ import annotations

from connectors.sandbox.faults import Fault, FaultKind

from .hr_oracle import holdings
from .night_worlds import World

WHY = ("--why", "laptop stolen", "--by", "Jo", "--live")


def _open(held: World, who: str) -> list[bool]:
    """Whether the account admits a sign-in, by system."""
    okta = next(user["status"] for user in held.state["okta"]["users"] if user["profile"]["login"] == who)
    return [okta not in ("SUSPENDED", "DEPROVISIONED", "STAGED"), bool(holdings(held.state)["wiki"].accounts[who]["works"])]


def _groups(held: World, who: str) -> set[str]:
    """What they are in, without the group that the directory fills."""
    groups = holdings(held.state).values()
    return {name for each in groups for name, members in each.groups.items() if who in members and name != "directory-staff"}


def test_account_that_the_night_made_active_again_is_locked_down(quiet: World) -> None:
    who = quiet.morning.bystander.email
    assert quiet.run("act", "deactivate", who, *WHY).code == 0
    quiet.night()
    assert _open(quiet, who) == [True, True]
    ended = quiet.run("act", "lockdown", who, *WHY)
    assert (ended.code, _open(quiet, who)) == (0, [False, False]), ended.out


def test_account_that_the_night_created_is_locked_down(after_a_night: World) -> None:
    who = after_a_night.morning.starter
    assert _open(after_a_night, who) == [True, True]
    ended = after_a_night.run("act", "lockdown", who, *WHY)
    assert (ended.code, _open(after_a_night, who)) == (0, [False, False]), ended.out


def test_memberships_that_the_night_gave_are_taken_by_an_offboarding(after_a_night: World) -> None:
    for who in (after_a_night.morning.starter, after_a_night.morning.mover.email):
        assert _groups(after_a_night, who)
        ended = after_a_night.run("act", "offboard", who, *WHY)
        assert (ended.code, _groups(after_a_night, who)) == (0, set()), ended.out


def test_action_says_what_it_could_not_ask_and_is_no_success(quiet: World) -> None:
    who = quiet.morning.bystander.email
    assert quiet.run("act", "deactivate", who, *WHY).code == 0
    assert quiet.run("extract").code == 0
    quiet.wiki.add_fault(Fault(FaultKind.STATUS, path="/Users/", status=403))
    ended = quiet.run("act", "lockdown", who, *WHY)
    said = " ".join(ended.out.split())
    assert ended.code == 11
    assert "by the last read. wiki could not be asked for it now:" in said
    assert "Run `reconcile extract`, then ask again." in said


def test_lockdown_while_the_file_of_people_is_in_doubt_says_that_access_may_come_back(quiet: World) -> None:
    who = quiet.morning.bystander.email
    whole = quiet.hr.read_bytes()
    quiet.hr.write_bytes(whole[: len(whole) // 2])
    assert quiet.run("extract").code == 12
    said = " ".join(quiet.run("act", "lockdown", who, *WHY).out.split())
    assert _open(quiet, who) == [False, False]
    assert (
        "The next run may make it active again as soon as the sources are whole: what the mapping gives this person is not known now."
        in said
    )
    assert "To keep it: reconcile hold" in said
    quiet.hr.write_bytes(whole)
    quiet.night()
    assert _open(quiet, who) == [True, True]
