"""What an edit of the mappings alone changes is told before it is applied: `plan --mapping-from` plans the same snapshots twice."""

import json
import shutil
from pathlib import Path

import pytest

from tests.night.night_worlds import CLOCK

from .story_worlds import Person, Story


@pytest.fixture
def before_the_edit(at_office: Story, tmp_path: Path) -> Path:
    """Yesterday's checkout: HR has news since, of one who left and one who is called otherwise; and the mapping was edited."""
    shutil.copytree(at_office.folder / "mappings", tmp_path / "yesterday" / "mappings")
    at_office.lines(lambda lines: [lines[0].replace("Active", "Left"), lines[1].replace("Pat", "Patricia"), *lines[2:]])
    assert at_office.run("extract").code == 0
    at_office.edit("mappings/okta.toml", 'firstName = { expression = "first_name"', 'firstName = { expression = "upper(first_name)"')
    at_office.edit("mappings/okta.toml", "who = \"department <> 'Nowhere'\"", f"who = \"anchor <> '{Person(5).anchor}'\"")
    return tmp_path / "yesterday"


@pytest.mark.parametrize("folder", [".", "mappings"], ids=["a project", "its mappings"])
def test_the_cause_of_every_row_is_known(at_office, before_the_edit, folder):
    ended = at_office.run("plan", *CLOCK, "--mapping-from", str(before_the_edit / folder), "--json")
    assert ended.code == 11
    assert ended.err == ""
    told = json.loads(ended.out)
    # The leaver's deactivation, and what the leaver loses in two groups.
    assert told["both"] == 3
    (here_and_there,) = told["different"]
    assert (here_and_there["here"]["after"], here_and_there["there"]["after"]) == ({"firstName": "PATRICIA"}, {"firstName": "Patricia"})
    assert {each["who"] for each in told["only_here"] if each["verb"] == "deactivate"} == {Person(5).login}
    assert [each["verb"] for each in told["only_here"]].count("update") == 57
    assert told["only_there"] == []
    assert told["here"]["mapping"] != told["there"]["mapping"]
    assert (told["here"]["refused"], told["there"]["refused"]) == (True, False)


def test_the_text_names_the_folder_and_the_cause(at_office, before_the_edit):
    ended = at_office.run("plan", *CLOCK, "--mapping-from", str(before_the_edit))
    assert f"there with those of {before_the_edit}." in ended.out
    assert "Caused by the data: 3 changes that both plans have.\n" in ended.out
    assert 'there  firstName: "Pat" -> "Patricia"\n' in ended.out


def test_only_the_plan_of_this_project_is_kept_and_it_does_not_become_the_newest(at_office, before_the_edit):
    newest = at_office.plan()["plan"]["digest"]
    digest = json.loads(at_office.run("plan", *CLOCK, "--mapping-from", str(before_the_edit), "--json").out)["here"]["digest"]
    assert at_office.plan()["plan"]["digest"] == newest != digest
    assert at_office.run("show", digest).code == 0
    assert {path.stem for path in (at_office.folder / "state" / "plans").iterdir()} >= {digest}
    there = json.loads(at_office.run("plan", *CLOCK, "--mapping-from", str(before_the_edit), "--json").out)["there"]["digest"]
    assert not (at_office.folder / "state" / "plans" / there).exists()


def test_the_same_mappings_make_no_difference(at_office):
    ended = at_office.run("plan", *CLOCK, "--mapping-from", str(at_office.folder))
    assert (ended.code, ended.err) == (0, "")
    assert "Caused by the mappings: nothing." in ended.out


def test_a_mistake_there_is_told_with_its_file(at_office, before_the_edit):
    path = before_the_edit / "mappings" / "okta.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"mail"', '"mial"'), encoding="utf-8")
    ended = at_office.run("plan", *CLOCK, "--mapping-from", str(before_the_edit))
    assert ended.code == 16
    assert f"{path}:" in ended.err
    assert "did you mean 'mail'" in ended.err


def test_a_folder_without_mappings_is_refused(at_office, tmp_path):
    (tmp_path / "empty").mkdir()
    ended = at_office.run("plan", *CLOCK, "--mapping-from", str(tmp_path / "empty"))
    assert ended.code == 16
    assert f"{tmp_path / 'empty' / 'identities.toml'}: is not there" in ended.err
