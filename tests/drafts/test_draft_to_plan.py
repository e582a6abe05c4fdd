"""From an export and the address of an org to a first plan: the schema is the target's, and the plan that of a mapping written by hand."""

import json

import pytest

from tests.drafts.conftest import ASKED, answer
from tests.night.night_worlds import reconcile, world

OF_ACCOUNTS = {"create", "update", "deactivate", "reactivate"}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """The shipped project over a local org and a local application."""
    with world(tmp_path_factory.mktemp("shipped")) as started:
        yield started


@pytest.fixture
def drafted(shipped, tmp_path, monkeypatch):
    """A project drafted from the same file, with the schemas of the same systems."""
    for system in ("okta", "wiki"):
        monkeypatch.setenv({"okta": "OKTA_TOKEN", "wiki": "SCIM_TOKEN"}[system], (shipped.folder / f"{system}.token").read_text())
    (workers,) = shipped.hr.parent.glob("workers_*.csv")
    urls = ("--okta", shipped.okta.url, "--scim", f"{shipped.wiki.url}/v2")
    ended = reconcile("init", str(tmp_path), "--from", str(workers), *urls)
    assert (ended.code, ended.err) == (0, "")
    assert "okta: its schema was not read" not in ended.out
    answer(tmp_path, shipped.staff.protected)
    return tmp_path


def operations(plan):
    """The operations on accounts of employees in Okta."""
    return {
        (each["verb"], each["anchor"], json.dumps(each["after"], sort_keys=True))
        for each in plan["operations"]
        if each["target"] == "okta" and each["verb"] in OF_ACCOUNTS and each["anchor"].isdecimal()
    }


def test_the_plan_of_a_draft_is_that_of_the_mapping_written_by_hand(drafted, shipped):
    checked = reconcile("--project", str(drafted), "check")
    assert (checked.code, checked.err) == (0, ""), checked.out
    assert reconcile("--project", str(drafted), "extract").code == 0
    planned = reconcile("--project", str(drafted), "plan", "--json")
    assert planned.code == 10
    assert shipped.run("extract").code == 0
    assert operations(planned.json) == operations(shipped.run("plan", "--json").json)
    assert {verb for verb, *_ in operations(planned.json)} == OF_ACCOUNTS


def test_a_draft_names_only_attributes_that_the_target_has(drafted):
    text = (drafted / "mappings/okta.toml").read_text(encoding="utf-8")
    rules = [line for line in text.partition("[attributes]")[2].splitlines() if " = " in line and not line.startswith("#")]
    checked = reconcile("--project", str(drafted), "check").out
    assert f"okta: mappings: all {len(rules)} attributes are there" in " ".join(checked.split())
    assert ASKED not in text.replace(f"# {ASKED}", "")


def test_an_address_that_does_not_answer_leaves_the_draft_without_a_schema(tmp_path, monkeypatch):
    monkeypatch.delenv("OKTA_TOKEN", raising=False)
    (tmp_path / "export.csv").write_text("Employee ID,Work Email\n1,a@example.com\n2,b@example.com\n", encoding="utf-8")
    ended = reconcile("init", str(tmp_path), "--from", str(tmp_path / "export.csv"), "--okta", "http://127.0.0.1:9")
    assert ended.code == 0
    assert "okta: its schema was not read: " in ended.out
    assert "The schema was not read" in (tmp_path / "mappings/okta.toml").read_text(encoding="utf-8")
