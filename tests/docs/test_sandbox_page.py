"""Whether docs/sandbox.md is true, and whether the places of secrets are the same in every page, template and draft."""

import json
import re
import tomllib
import urllib.request
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import pytest

from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.host import running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import ScimSandbox
from reconcile.cli import group
from reconcile.usecases.draft.settings import token_place
from reconcile.usecases.draft.target import Kind

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/sandbox.md").read_text(encoding="utf-8")
SECRET = re.compile(r"\b(?:env:\w+|file:secrets/[\w.]+|secrets/\w+)")


def block(name):
    return re.search(rf"```json {name}\n(.*?)```", PAGE, re.DOTALL)[1]


def test_every_kind_and_every_field_of_a_fault_is_described():
    assert set(re.findall(r"^\| `(\w+)` \| ", PAGE, re.MULTILINE)) - {"kind"} == {kind.value for kind in FaultKind}
    assert {each.name for each in fields(Fault)} - set(re.findall(r"`(\w+)`", PAGE)) == set()


def test_every_option_of_the_sandbox_is_described():
    options = {name for each in group.get_command(None, "sandbox").params for name in each.opts}
    assert options - set(re.findall(r"--[a-z-]+", PAGE)) == set()


def test_the_seeds_of_the_page_are_what_the_systems_then_hold():
    org, app = OktaSandbox(json.loads(block("okta-seed"))), ScimSandbox(json.loads(block("scim-seed")))
    assert [user["profile"]["login"] for user in org.state()["users"]] == ["ada@example.com", "bo@example.com"]
    assert [len(members) for members in org.state()["members"].values()] == [1]
    assert [each["displayName"] for each in app.state()["groups"]] == ["wiki-readers"]


def test_every_request_of_the_page_is_taken():
    requests = re.findall(r"^curl -X (\w+) http://127\.0\.0\.1:(\d+)(\S+)(?: -d '(.*)')?$", PAGE, re.MULTILINE)
    assert len(requests) == 4
    with running(OktaSandbox({})) as okta, running(ScimSandbox({})) as scim:
        for method, port, path, body in requests:
            url = {"8201": okta.url, "8202": scim.url}[port] + path
            asked = urllib.request.Request(url, body.encode() or None, {"Content-Type": "application/json"}, method=method)
            with urllib.request.urlopen(asked) as answer:
                assert answer.status == 204


@pytest.mark.parametrize("kind", list(Kind))
def test_the_place_of_a_token_is_the_same_everywhere(kind, monkeypatch):
    """In the README, in the shipped project and in a draft a token lies in `secrets/` under the connector's name."""
    monkeypatch.delenv(f"{kind.name}_TOKEN", raising=False)
    assert token_place(kind) == f"file:secrets/{kind.value}"


def test_the_shipped_project_and_the_readme_name_the_same_secrets():
    shipped = tomllib.loads((files("mappings") / "reconcile.toml").read_text(encoding="utf-8"))["connectors"]
    places = {name: each["token"] for name, each in shipped.items() if "token" in each}
    assert places == {name: f"file:secrets/{name}" for name in places}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = {found.removeprefix("file:") for found in SECRET.findall(readme) if found.removeprefix("file:").startswith("secrets/")}
    assert named == {"secrets/okta"}
    assert "env:OKTA_TOKEN" not in readme
