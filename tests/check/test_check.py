"""What `reconcile check` answers: nothing where all is well, else the cause and the way out; and it writes nothing anywhere."""

import json
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.sandbox.host import running
from connectors.sandbox.okta import OktaSandbox, OktaSandboxSettings
from tests.night.night_worlds import Ended
from tests.stories.story_worlds import ADMIN, Person, Story, okta_holds

from .false_certificate import self_signed


@contextmanager
def another_org(story: Story, **switches: object) -> Iterator[None]:
    """The project with an Okta org that differs in some way."""
    with running(OktaSandbox(okta_holds(), settings=OktaSandboxSettings(**switches))) as org:
        _elsewhere(story, org.url)
        yield
        assert org.writes() == []


def _elsewhere(story: Story, url: str) -> None:
    """The project with another address of the org."""
    story.edit("reconcile.toml", story.systems["okta"].url, url)


def check(story: Story, *words: str) -> Ended:
    """Runs `check`, which leaves every file and every system as it was, and tells no secret."""
    before = _files(story.folder)
    ended = story.run("check", *words)
    assert _files(story.folder) == before
    assert story.writes() == []
    for secret in story.folder.glob("*.token"):
        assert secret.read_text(encoding="utf-8") not in (ended.out + ended.err)
    return ended


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _problem(ended: Ended) -> str:
    """The one problem that was told."""
    assert ended.code == 16
    assert ended.err == "1 problem; nothing was changed anywhere.\n"
    (sentence,) = [line for line in ended.out.splitlines() if line.startswith("PROBLEM")]
    return sentence


@pytest.mark.parametrize("world", ["good_office", "good_federation"])
def test_a_project_that_is_well_passes(world, request):
    story = request.getfixturevalue(world)
    ended = check(story)
    assert (ended.code, ended.err) == (0, "")
    assert "PROBLEM" not in ended.out
    for name in ("people", "okta") if world == "good_office" else ("directory", "wiki"):
        assert f"ok      {name}: " in ended.out


def test_the_answer_can_be_read_by_a_program(good_office):
    _token(good_office, "a-wrong-token")
    ended = check(good_office, "--json")
    assert ended.code == 16
    assert [each["problem"] for each in json.loads(ended.out)["systems"]["people"]] == [""] * 4
    assert [bool(each["problem"]) for each in json.loads(ended.out)["systems"]["okta"]].count(True) == 1


@pytest.mark.parametrize("read", [True, False], ids=["read before", "never read"])
def test_every_expression_is_shown_with_its_type_on_three_people(good_office, read, monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")
    if read:
        assert good_office.run("extract").code == 0
    ended = check(good_office)
    assert ended.code == 0
    assert "mappings/okta.toml, for 00000, 00001, 00002\n" in ended.out
    assert re.search(
        r"^  attributes\.email +VARCHAR  mail +-> 'p00000@example.com' \| 'p00001@example.com' \| 'p0", ended.out, re.MULTILINE
    )
    assert re.search(r"^  groups\.departments\.group_expression +VARCHAR  lower\(department\) +-> 'sales' \| 'eng", ended.out, re.MULTILINE)
    told = {each["key"]: each for each in json.loads(check(good_office, "--json").out)["expressions"] if each["file"] == "okta.toml"}
    assert told["who"]["kind"] == "BOOLEAN"
    assert told["attributes.department"]["values"] == ["Sales", "Engineering", "Finance"]


def test_no_line_is_longer_than_the_terminal(good_office, monkeypatch):
    monkeypatch.setenv("COLUMNS", "72")
    good_office.edit("mappings/okta.toml", 'department = "department"', f'department = "coalesce(department, {"mail, " * 40}mail)"')
    expressions = check(good_office).out.partition("\n\n")[2].partition("\n\nNOT CHECKED")[0]
    assert 60 < max(map(len, expressions.splitlines())) <= 72


@pytest.mark.parametrize("read", [True, False], ids=["read before", "never read"])
def test_a_row_that_has_no_result_is_told_and_stops_the_plan(good_office, read):
    if read:
        assert good_office.run("extract").code == 0
    good_office.lines(lambda lines: [line.replace("p00017@", "nobody@") for line in lines])
    if read:
        assert good_office.run("extract").code == 0
    good_office.edit(
        "mappings/identities.toml", 'department = "Department"', "department = \"CAST(replace(Mail, 'p', '')[:5] AS INTEGER)\""
    )
    sentence = _problem(check(good_office))
    for word in ("mappings/identities.toml: source.0.attributes.department", "the row 00017 of people", "'nobod'"):
        assert word in sentence
    assert good_office.run("extract").code == 0
    plan = good_office.run("plan")
    assert plan.code == 16
    assert "cannot be computed for some row" in plan.err


def _token(story: Story, text: str) -> None:
    (story.folder / "okta.token").write_text(text, encoding="utf-8")


def test_a_wrong_token(good_office):
    _token(good_office, "a-wrong-token")
    sentence = _problem(check(good_office))
    for word in ("okta: ", "401", "Invalid token", "token"):
        assert word in sentence


def test_a_token_without_a_role(good_office):
    with another_org(good_office, role_missing=True):
        ended = check(good_office)
    assert ended.code == 16
    sentences = [line for line in ended.out.splitlines() if line.startswith("PROBLEM")]
    assert "the list of users is empty, although every org has an admin" in sentences[0]
    assert all("role" in sentence for sentence in sentences)


def test_a_token_that_may_not_see_groups(good_office):
    with another_org(good_office, missing_scopes=frozenset({"okta.groups.read"})):
        ended = check(good_office)
    sentences = [line for line in ended.out.splitlines() if line.startswith("PROBLEM")]
    assert ended.code == 16
    assert sentences
    for sentence in sentences:
        assert sentence.startswith("PROBLEM okta: ")
        assert "group" in sentence
        assert "403" in sentence
        assert "grant the app the scope" in sentence or "API Scopes" in sentence
    assert "ok      okta: users can be read" in ended.out


def test_a_host_that_is_not_there(good_office):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    _elsewhere(good_office, url)
    sentence = _problem(check(good_office))
    for word in ("okta: ", url, "cannot be reached", "proxy or firewall"):
        assert word in sentence


def test_untrusted_certificate_is_refused(good_office, tmp_path):
    with self_signed(tmp_path) as url:
        _elsewhere(good_office, url)
        sentence = _problem(check(good_office))
    for word in ("okta: ", url, "CERTIFICATE_VERIFY_FAILED", "ca_file", "do not go on"):
        assert word in sentence


def test_a_base_path_that_is_not_the_one_of_scim(good_federation):
    good_federation.edit("reconcile.toml", '/v2"', '/scim"')
    sentence = _problem(check(good_federation))
    for word in ("wiki: ", "404", "/scim/Users", "Is url what /Users follows"):
        assert word in sentence


def test_a_wrong_token_of_an_application(good_federation):
    (good_federation.folder / "wiki.token").write_text("another-wrong-token", encoding="utf-8")
    sentence = _problem(check(good_federation))
    for word in ("wiki: ", "401", "does not accept the sign-in", "Make a new token"):
        assert word in sentence


def test_an_attribute_that_the_org_does_not_have(good_office):
    good_office.edit("mappings/okta.toml", 'department = "department"', 'department = "department"\ncostCentre = "department"')
    sentence = _problem(check(good_office))
    for word in ("okta: ", "attributes.costCentre", "has no attribute 'costCentre'", "did you mean 'costCenter'"):
        assert word in sentence


@pytest.mark.parametrize("extra_columns", ["allow", "refuse"])
def test_a_misspelt_column(good_office, extra_columns):
    good_office.edit("mappings/identities.toml", '"Department"', '"Departmnt"')
    good_office.edit("reconcile.toml", 'key = ["Number"]', f'key = ["Number"]\nextra_columns = "{extra_columns}"')
    ended = check(good_office)
    assert ended.code == 16
    for word in ("identities.toml:", "department", "Departmnt", "did you mean 'Department'"):
        assert word in ended.err


@pytest.mark.parametrize(("system", "here", "name"), [("okta", ADMIN, "nobody.at.all@example.com"), ("people", Person(7).anchor, "77777")])
def test_missing_sentinel_is_reported(good_office, system, here, name):
    good_office.reading(system, f'always_there = ["{here}", "{name}"]')
    sentence = _problem(check(good_office))
    for word in (f"{system}: ", f"{name} is not", f"correct reading.{system}.always_there"):
        assert word in sentence
    assert here not in sentence
    good_office.edit("reconcile.toml", f', "{name}"', "")
    assert check(good_office).code == 0


def test_yesterdays_file(good_office):
    good_office.edit("reconcile.toml", 'companion = "none"', 'companion = "none"\nmax_age_hours = 36')
    assert check(good_office).code == 0
    three_days_ago = time.time() - 72 * 3600
    os.utime(good_office.hr, (three_days_ago, three_days_ago))
    sentence = _problem(check(good_office))
    for word in ("people: ", "people.csv", "72 hours old", "max_age_hours = 36", "export did not arrive"):
        assert word in sentence


def test_several_mistakes_are_told_at_once(good_office):
    _token(good_office, "a-wrong-token")
    good_office.hr.unlink()
    ended = check(good_office)
    assert (ended.code, ended.err) == (16, "2 problems; nothing was changed anywhere.\n")
    assert {line.split(":")[0] for line in ended.out.splitlines() if line.startswith("PROBLEM")} == {"PROBLEM okta", "PROBLEM people"}


def test_check_says_which_memberships_leavers_keep(good_office):
    said = check(good_office).out
    assert 'they keep every other membership (leavers_lose = "managed")' in " ".join(said.split())
