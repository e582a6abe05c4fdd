"""`check` tries the mappings on the rows, of the last extract or asked for now, and says what it could not try."""

from __future__ import annotations

import json

import pytest

from connectors.sandbox.host import Fault, FaultKind
from tests.night.night_worlds import CLOCK
from tests.stories.story_worlds import Person, Story

from .test_check import check


def data(story: Story) -> dict[str, str]:
    """The problems with the data, by what was looked at."""
    return {each["what"]: each["problem"] for each in json.loads(check(story, "--json").out)["data"]}


def not_checked(story: Story) -> list[str]:
    return list(json.loads(check(story, "--json").out)["not_checked"])


def status(story: Story, word: str, *people: Person) -> None:
    anchors = {each.anchor for each in people}
    story.lines(lambda lines: [line.replace("Active", word) if line[:5] in anchors else line for line in lines])


READ = pytest.mark.parametrize("read", [True, False], ids=["read before", "never read"])


@READ
def test_unlisted_status_words_are_counted_with_examples(good_office: Story, *, read: bool) -> None:
    status(good_office, "Retired", *map(Person, range(5)))
    status(good_office, "Sabbatical", Person(7))
    if read:
        assert good_office.run("extract").code == 0
    problem = data(good_office)["people: every row can be used (60 rows)"]
    assert problem == (
        "6 of 60 rows cannot be used, and the people in them stay as they are. "
        "5 rows: has the status 'retired', which the mapping does not list (00000, 00001, 00002 and 2 more); "
        "1 row: has the status 'sabbatical', which the mapping does not list (00007). "
        "Correct the source, or let the mapping say what they mean"
    )
    assert check(good_office).code == 16


@READ
def test_anchors_that_repeat_are_counted(good_office: Story, *, read: bool) -> None:
    good_office.edit("mappings/identities.toml", 'anchor = "Number"', 'anchor = "left(Number, 4)"')
    if read:
        assert good_office.run("extract").code == 0
    problem = data(good_office)["people: every row can be used (60 rows)"]
    assert problem.startswith("60 of 60 rows cannot be used")
    assert "has the same anchor as another row" in problem


def test_group_that_is_missing_is_told_with_its_rule_once_the_target_was_read(good_office: Story) -> None:
    with (good_office.folder / "mappings" / "okta.toml").open("a", encoding="utf-8") as file:
        file.write('\n[groups.vpn]\ngroup = "Wireguard"\n')
    assert not_checked(good_office) == ["okta: the groups, apps and roles that rules name: it was never read; run `reconcile extract`"]
    assert good_office.run("extract").code == 0
    assert "there is no group 'Wireguard'" in data(good_office)["okta: what rules name is there"]
    assert not_checked(good_office) == []


@READ
def test_protected_entry_without_effect_is_a_problem(good_office: Story, *, read: bool) -> None:
    good_office.edit("reconcile.toml", '"admin@example.com"', '"admin@example.com", "svc-*@example.com", "p0001@example.com"')
    if read:
        assert good_office.run("extract").code == 0
    ended = check(good_office)
    told = [line for line in ended.out.splitlines() if line.startswith("PROBLEM")]
    assert ended.code == 16
    assert sorted(told, reverse=True) == [
        f"PROBLEM data: every entry of [protected] protects something - protected.accounts.okta: '{entry}' matches no account of okta and no "
        f"person, so it protects nothing. Correct the entry or remove it{hint}"
        for entry, hint in (("svc-*@example.com", "."), ("p0001@example.com", "."))
    ]


def test_protected_entry_is_not_checked_while_the_accounts_cannot_be_read(good_office: Story) -> None:
    good_office.edit("reconcile.toml", '"admin@example.com"', '"svc-*@example.com"')
    good_office.systems["okta"].add_fault(Fault(FaultKind.STATUS, path=r"/api/v1/users\?", status=403))
    told = not_checked(good_office)
    assert [each for each in told if each.startswith("okta: not every row could be read: page 1: ")]

    assert [each for each in told if "'svc-*@example.com' has no match so far, and that could not be checked: okta was not read" in each]
    assert not any("protected" in what for what in data(good_office))


@pytest.mark.parametrize("setting", ["people_where", "accounts_where"])
def test_condition_over_a_column_that_is_not_there_is_refused(good_office: Story, setting: str) -> None:
    assert good_office.run("extract").code == 0
    line = "people_where = \"departmnt = 'Board'\"" if setting == "people_where" else "accounts_where = { okta = \"departmnt = 'Board'\" }"
    good_office.edit("reconcile.toml", "[protected.accounts]", f"[protected]\n{line}\n[protected.accounts]")
    ended = check(good_office)
    assert ended.code == 16
    assert "there is no column 'departmnt'; did you mean 'department'" in ended.err


def test_expressions_of_a_file_that_cannot_be_read_are_not_called_checked(good_office: Story) -> None:
    good_office.hr.unlink()
    ended = check(good_office)
    assert ended.code == 16
    assert "every expression checked" not in ended.out.replace("not every expression checked", "")
    told = [line for line in ended.out.splitlines() if line.startswith("NOT CHECKED")]
    assert told[0].startswith("NOT CHECKED  people: whether the columns that 8 expressions name are there: no row of it could be read")
    assert "NOT CHECKED  mappings/okta.toml: what its expressions give: there is no row to try them on" in told


def test_age_of_the_data_is_told(good_office: Story) -> None:
    assert "the last extract" not in check(good_office).out
    assert good_office.run("extract").code == 0
    assert "\nThe data is that of the last extract: okta read " in check(good_office).out
    assert json.loads(check(good_office, "--json").out)["read"].keys() == {"people", "okta"}


def test_incomplete_read_is_not_called_checked(good_office: Story) -> None:
    good_office.systems["okta"].add_fault(Fault(FaultKind.STATUS, path=r"/api/v1/groups\?", status=503))
    assert good_office.run("extract").code == 12
    assert [each for each in not_checked(good_office) if each.startswith("okta: entitlements was not read completely: ")]


def test_system_that_never_answered_an_extract_is_asked_by_check(good_office: Story) -> None:
    good_office.systems["okta"].add_fault(Fault(FaultKind.STATUS, status=503))
    assert good_office.run("extract").code == 12
    good_office.systems["okta"].clear_faults()
    ended = check(good_office)
    assert ended.code == 0, ended.err
    assert "okta: the groups, apps and roles that rules name: it was never read; run `reconcile extract`" in ended.out


@READ
def test_condition_of_a_source_that_no_row_meets_is_a_problem(good_office: Story, *, read: bool) -> None:
    good_office.edit("mappings/identities.toml", 'anchor = "Number"', 'anchor = "Number"\nwhere = "Department = \'sales\'"')
    if read:
        assert good_office.run("extract").code == 0
    assert data(good_office)["people: some row counts"] == "its where holds for none of 60 rows, so it states no person. Correct where"


def test_connector_that_no_mapping_uses_is_told(good_office: Story) -> None:
    with (good_office.folder / "reconcile.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[connectors.agency]\ntype = "hr_csv"\npath = "hr/*.csv"\ncompanion = "none"\ncolumns = ["Number"]\nkey = ["Number"]\n'
        )
    assert "agency: no mapping uses it, so it is never read\n" in check(good_office).out


def test_guard_about_a_group_that_no_target_has_is_a_problem_once_the_target_was_read(good_office: Story) -> None:
    with (good_office.folder / "reconcile.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[guards.admins.okta]\ngroup = "Superusers"\n')
    what = "okta: the administrators whom [guards] keeps are known"
    good_office.lines(lambda rows: [each.replace(",Finance,", ",Sales,") for each in rows])
    assert what not in data(good_office)
    assert good_office.run("extract").code == 0
    said = "guards.admins names the group Superusers, which okta does not have; the administrators who would be left are unknown"
    assert data(good_office)[what].startswith(said)
    refused = good_office.run("plan", *CLOCK)
    assert (refused.code, said in " ".join(refused.out.split())) == (11, True)
    group = next(each["profile"]["name"] for each in good_office.systems["okta"].app.state()["groups"])
    good_office.edit("reconcile.toml", "Superusers", group)
    assert what not in data(good_office)
