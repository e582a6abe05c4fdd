"""Sentinels that are missing once: the read is incomplete, whatever else it holds."""

from .story_worlds import ADMIN, Person, Story, nobody_lost_anything

GONE, MOVER = Person(9), Person(3)


def _without(story: Story, login: str, *, group: str = "") -> None:
    """The org without one account, or without its membership of one group."""
    app = story.systems["okta"].app
    state = app.state()
    (gone,) = [user["id"] for user in state["users"] if user["profile"]["login"] == login]
    members = {name: [each for each in held if each != gone or group not in ("", name)] for name, held in state["members"].items()}
    app.seed({**state, "members": members, "users": [user for user in state["users"] if group or user["id"] != gone]})
    story.had = story.holdings()


def _moves(lines: list[str]) -> list[str]:
    return [line.replace("Sales", "Finance") if line.startswith(MOVER.anchor) else line for line in lines]


def test_an_org_without_its_administrator_is_not_believed(at_office):
    at_office.lines(_moves)
    at_office.reading("okta", f'always_there = ["{ADMIN.upper()}", "{GONE.login}"]')
    _without(at_office, ADMIN)
    night = at_office.night()
    nobody_lost_anything(
        at_office, night, "okta: accounts: ", ADMIN.upper(), "should always be there", "reading.okta.always_there", "correct"
    )
    assert at_office.writes() == []


def test_file_without_its_sentinel_is_incomplete(at_office):
    at_office.reading("people", f'always_there = ["{GONE.anchor}"]')
    at_office.lines(lambda lines: [line for line in lines if not line.startswith(GONE.anchor)])
    nobody_lost_anything(at_office, at_office.night(), "people: file people.csv: ", GONE.anchor, "reading.people.always_there")


def test_a_group_without_a_member_who_is_always_in_it_is_frozen_alone(at_office):
    at_office.reading("okta", f'always_members = {{ sales = ["{GONE.login}"] }}')
    at_office.lines(_moves)
    _without(at_office, GONE.login, group="00gsales")
    night = at_office.night()
    assert night.code == 12
    assert f"okta: members 00gsales: {GONE.login} should always be there (reading.okta.always_members" in night.err
    assert ("okta", MOVER.login, "finance") in at_office.holdings()
    assert not [request for request in at_office.writes() if "00gsales" in request.path]


def test_a_list_of_groups_without_one_that_has_such_a_member_freezes_memberships(at_office):
    at_office.reading("okta", f'always_members = {{ sails = ["{GONE.login}"] }}')
    at_office.lines(_moves)
    night = at_office.night()
    assert night.code == 12
    assert "okta: entitlements: the group 'sails', which reading.okta.always_members names, is not among the groups" in night.err
    assert {each["verb"] for each in at_office.plan()["operations"]} == {"update"}
