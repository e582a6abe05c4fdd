"""An agent dropped lines of the HR file on its way: people were removed, and added again with the next import."""

from tests.night.night_worlds import export

from .story_worlds import Person, nobody_lost_anything


def _without_every(nth: int, lines: list[str]) -> list[str]:
    return [line for number, line in enumerate(lines) if number % nth]


def test_a_companion_shows_that_a_single_line_is_missing(at_office):
    at_office.edit("reconcile.toml", 'companion = "none"', 'companion = ".ok"')
    export(at_office.hr, at_office.hr.read_bytes())
    assert at_office.night().code == 0
    at_office.lines(lambda lines: lines[:-1])
    nobody_lost_anything(at_office, at_office.night(), "people: file people.csv: ", "companion", "copied again")
    assert at_office.writes() == []


def test_without_a_companion_a_file_that_lost_a_fourth_is_not_believed(at_office):
    at_office.lines(lambda lines: _without_every(4, lines))
    night = at_office.night()
    nobody_lost_anything(at_office, night, "people: file people.csv: ", "45 rows", "60", "20 %", "raise reading.people.shrink_percent")
    assert at_office.writes() == []


def test_file_that_lost_a_few_rows_is_complete_and_the_missing_people_keep_their_access(at_office):
    whole = at_office.hr.read_bytes()
    at_office.lines(lambda lines: _without_every(20, lines))
    night = at_office.night()
    assert (night.code, night.err, at_office.lost(), at_office.writes()) == (10, "", set(), [])
    missing = [each for each in at_office.plan()["findings"] if each["kind"] == "source_missing"]
    assert {each["anchor"] for each in missing} == {Person(number).anchor for number in (0, 20, 40)}
    assert all("record the termination in the source" in each["message"] for each in missing)

    at_office.hr.write_bytes(whole)
    assert at_office.night().code == 0
    assert at_office.plan()["operations"] == []
    assert "source_missing" not in [each["kind"] for each in at_office.plan()["findings"]]


def test_raising_the_limit_as_the_sentence_says_lets_that_read_pass(at_office):
    at_office.lines(lambda lines: lines[:15])
    assert at_office.night().code == 12
    at_office.reading("people", "shrink_percent = 80")
    night = at_office.night()
    assert (night.code, night.err, at_office.lost(), at_office.writes()) == (10, "", set(), [])
    assert [each["kind"] for each in at_office.plan()["findings"]].count("source_missing") == 45
