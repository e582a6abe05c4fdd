"""What a live night leaves behind: exactly what the HR files and the mapping say, and nothing else has been touched."""

from .hr_oracle import expected, holdings
from .night_worlds import DAY


def test_a_live_night_leaves_what_the_hr_files_say(first_night):
    held = first_night.world
    wanted = expected(holdings(first_night.before), held.folder / "hr", DAY, held.staff.protected)
    found = holdings(first_night.after)
    assert first_night.applied.code == 10, "somebody's login waits for a person"
    for system in ("okta", "wiki"):
        assert found[system].accounts == wanted[system].accounts
        assert found[system].groups == wanted[system].groups


def test_the_oracle_expects_every_kind_of_change(first_night):
    held = first_night.world
    before = holdings(first_night.before)
    wanted = expected(before, held.folder / "hr", DAY, held.staff.protected)
    for system in ("okta", "wiki"):
        was, will = before[system].accounts, wanted[system].accounts
        assert will.keys() - was.keys()
        assert any(was[login]["works"] and not will[login]["works"] for login in was)
        assert any(will[login]["works"] and not was[login]["works"] for login in was)
        assert any({**was[login], "works": 0} != {**will[login], "works": 0} for login in was)
        assert any(before[system].groups[group] - wanted[system].groups[group] for group in before[system].groups)


def test_what_is_right_already_stays_byte_for_byte(first_night):
    before, after = holdings(first_night.before), holdings(first_night.after)
    untouched = 0
    for system, users, login in (("okta", "users", _okta_login), ("wiki", "users", lambda user: user["userName"])):
        raw = {login(user): user for user in first_night.after[system][users]}
        for user in first_night.before[system][users]:
            if before[system].accounts[login(user)] == after[system].accounts[login(user)]:
                assert raw[login(user)] == user
                untouched += 1
    assert untouched > 90


def test_groups_with_the_right_members_stay_byte_for_byte(first_night):
    before, after = holdings(first_night.before), holdings(first_night.after)
    name = {"okta": lambda group: group["profile"]["name"], "wiki": lambda group: group["displayName"]}
    untouched = set()
    for system in ("okta", "wiki"):
        raw = {name[system](group): group for group in first_night.after[system]["groups"]}
        for group in first_night.before[system]["groups"]:
            shown = name[system](group)
            # Everybody who is created is in Everyone from the start.
            if shown != "Everyone" and before[system].groups[shown] == after[system].groups[shown]:
                assert raw[shown] == group
                untouched.add(shown)
    assert {"book-club", "directory-staff", "managers"} <= untouched


def test_the_night_after_has_nothing_to_do(first_night):
    # Its reads change nothing, so that other tests may go on with this world.
    held = first_night.world
    writes = held.writes
    assert held.plan()["operations"] == []
    assert held.run("plan", "--clock", "2026-03-02").code == 10
    assert held.writes == writes


def test_every_write_was_an_operation_of_the_plan_and_every_operation_was_done(first_night):
    outcomes = first_night.applied.json["operations"]
    assert [each["id"] for each in outcomes] == [each["id"] for each in first_night.plan["operations"]]
    assert {each["outcome"]["kind"] for each in outcomes} == {"done"}


def _okta_login(user):
    return user["profile"]["login"]
