"""People whose key has another spelling or value in tonight's file: no second account is created, and no person counts as absent."""

import pytest

from .story_worlds import Person, nobody_lost_anything, people

CHANGES = {
    "without zeros": lambda one: str(int(one.anchor)),
    "with a prefix": lambda one: f"EMP-{one.anchor}",
    "as addresses": lambda one: one.login,
    "as other numbers": lambda one: f"{one.number * 7919 + 500_000}",
}


def rekeyed(story, change, which):
    """The same people, some with another key; their addresses have a number, as those of namesakes have."""
    lines = [one.line.replace(one.anchor, change(one), 1).replace("@", "2@") if one in which else one.line for one in people()]
    story.lines(lambda _: lines)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_file_in_which_every_key_changed_is_not_believed(at_office, change):
    whole = at_office.hr.read_bytes()
    rekeyed(at_office, change, people())
    nobody_lost_anything(at_office, at_office.night(), "people: file people.csv: ", "people.csv")
    assert at_office.writes() == []
    again = at_office.night()
    assert (again.code, at_office.writes()) == (12, [])
    at_office.hr.write_bytes(whole)
    assert (at_office.night().code, at_office.plan()["operations"]) == (0, [])


@pytest.mark.parametrize("name", ["without zeros", "with a prefix"])
def test_fewer_keys_in_another_spelling_than_a_file_may_lose_are_told_apart_from_new_people(at_office, name):
    which = people()[20:31]
    rekeyed(at_office, CHANGES[name], which)
    night = at_office.night()
    pair = f"('{which[0].anchor}' is '{CHANGES[name](which[0])}' by now?)"
    nobody_lost_anything(at_office, night, "the keys of 11 rows changed", pair, "raise reading.people.shrink_floor")
    assert at_office.writes() == []


def test_a_third_of_the_keys_is_too_many(at_office):
    rekeyed(at_office, CHANGES["as other numbers"], people()[:20])
    nobody_lost_anything(at_office, at_office.night(), "20 of the 60 rows", "are gone", "20 %")
    assert at_office.writes() == []


def test_rows_that_are_lost_do_not_hide_behind_new_ones(at_office):
    newcomers = [Person(100 + number).line for number in range(200)]
    at_office.lines(lambda rows: [*rows[20:], *newcomers])
    nobody_lost_anything(at_office, at_office.night(), "20 of the 60 rows", "are gone, whatever is new")
    assert at_office.writes() == []


def test_many_new_people_beside_a_few_who_are_gone_are_believed(at_office):
    newcomers = [Person(500 + number).line for number in range(70)]
    at_office.lines(lambda rows: [*rows[9:], *newcomers])
    night = at_office.night()
    # Nine people are gone, and nobody has said that they left.
    assert night.code == 10, night.err
    assert [each["verb"] for each in at_office.plan()["operations"]].count("create") == 70


def test_what_is_right_all_the_same_can_be_let_through(at_office):
    rekeyed(at_office, CHANGES["without zeros"], people()[20:31])
    at_office.reading("people", "shrink_floor = 11")
    night = at_office.night()
    assert (night.code, at_office.writes()) == (11, [])
    assert "the keys of 11 people changed" in night.err
    settings = at_office.folder / "reconcile.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + "\n[guards.changed_keys]\ncount = 11\n", encoding="utf-8")
    # Eleven people of before are gone, and nobody has said that they left.
    assert at_office.night().code == 10
    assert at_office.writes() != []
