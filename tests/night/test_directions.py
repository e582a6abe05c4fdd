"""Identities come from any system that can be read: an Okta org keeps a SCIM application in step, and the other way round."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import BASE_PATH, ScimSandbox

from .night_worlds import CLOCK, Ended, reconcile

SETTINGS = """
[project]
name = "directions"

[connectors.okta]
type = "okta"
url = "{okta}"
token = "env:OKTA_TOKEN"

[connectors.wiki]
type = "scim"
url = "{wiki}"
token = "env:WIKI_TOKEN"
empty_ok = true
"""
FROM_OKTA = """
name = "name"

[[source]]
connector = "okta"
anchor = "employeeNumber"
where = "employeeNumber is not null"

[source.attributes]
name = "concat_ws(' ', firstName, lastName)"
email = "lower(email)"
given = "firstName"
family = "lastName"
nick = "nickName"

[source.lifecycle]
status = "record_status"
active = ["ACTIVE", "PROVISIONED"]
leave = ["SUSPENDED"]
terminated = ["DEPROVISIONED"]
"""
TO_WIKI = """
target = "wiki"

[[correlate]]
account = "externalId"
identity = "anchor"
adopt = true

[attributes]
userName = { expression = "email", required = true }
externalId = "anchor"
displayName = "name"
nickName = "nick"
"name.givenName" = "given"
"name.familyName" = "family"
"""
FROM_WIKI = """
name = "name"

[[source]]
connector = "wiki"
anchor = "externalId"
where = "externalId is not null"

[source.attributes]
name = "displayName"
email = "lower(userName)"
given = '"name.givenName"'
family = '"name.familyName"'

[source.lifecycle]
status = "record_state"
active = ["active"]
terminated = ["deactivated"]
"""
TO_OKTA = """
target = "okta"

[[correlate]]
account = "employeeNumber"
identity = "anchor"
adopt = true

[attributes]
login = { expression = "email", required = true }
email = { expression = "email", required = true }
firstName = "given"
lastName = "family"
employeeNumber = "anchor"
"""


def okta_user(number: int, status: str) -> dict[str, object]:
    address = f"person{number}@example.com"
    profile = {
        "login": address,
        "email": address,
        "firstName": f"First{number}",
        "lastName": f"Last{number}",
        "employeeNumber": f"{number:04d}",
    }
    return {"status": status, "profile": profile}


def wiki_user(number: int, *, active: bool) -> dict[str, object]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": f"wiki-{number}",
        "externalId": f"{number:04d}",
        "userName": f"Person{number}@example.com",
        "displayName": f"First{number} Last{number}",
        "name": {"givenName": f"First{number}", "familyName": f"Last{number}"},
        "active": active,
    }


@contextlib.contextmanager
def project(folder: Path, okta: OktaSandbox, wiki: ScimSandbox, mappings: dict[str, str]) -> Iterator[tuple[Sandbox, Sandbox]]:
    with running(okta) as org, running(wiki) as app:
        (folder / "mappings").mkdir()
        (folder / "reconcile.toml").write_text(SETTINGS.format(okta=org.url, wiki=f"{app.url}{BASE_PATH}"))
        for name, text in mappings.items():
            (folder / "mappings" / f"{name}.toml").write_text(text)
        yield org, app


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OKTA_TOKEN", "sandbox-token")
    monkeypatch.setenv("WIKI_TOKEN", "sandbox")

    def run(*words: str) -> Ended:
        return reconcile("--project", str(tmp_path), *words)

    return run


def test_an_okta_org_is_a_source_of_identities_for_a_scim_application(tmp_path, night):
    okta = OktaSandbox(
        {"users": [okta_user(1, "ACTIVE"), okta_user(2, "DEPROVISIONED"), okta_user(3, "ACTIVE"), okta_user(4, "SUSPENDED")]}
    )
    wiki = ScimSandbox({"users": [wiki_user(2, active=True), wiki_user(3, active=False)]})
    with project(tmp_path, okta, wiki, {"identities": FROM_OKTA, "wiki": TO_WIKI}) as (org, app):
        assert night("extract").code == 0
        # The leaver's is the only account that works there: more than any guard lets pass without being asked.
        settings = tmp_path / "reconcile.toml"
        settings.write_text(settings.read_text() + "\n[guards]\ndeactivate = { percent = 100 }\n")
        assert night("run", *CLOCK, "--live").code == 0
        held = {user["externalId"]: (user["userName"], user["active"]) for user in app.app.state()["users"]}
        assert held == {
            "0001": ("person1@example.com", True),
            "0002": ("Person2@example.com", False),
            "0003": ("Person3@example.com", True),
            "0004": ("person4@example.com", True),
        }
        assert night("run", *CLOCK).code == 0
        assert not org.writes()


def test_a_scim_application_is_a_source_of_identities_for_an_okta_org(tmp_path, night):
    okta = OktaSandbox({"users": [okta_user(2, "ACTIVE"), okta_user(9, "ACTIVE")]})
    wiki = ScimSandbox({"users": [wiki_user(1, active=True), wiki_user(2, active=False)]})
    with project(tmp_path, okta, wiki, {"identities": FROM_WIKI, "okta": TO_OKTA}) as (org, app):
        assert night("run", *CLOCK, "--live").code == 0
        held = {user["profile"]["employeeNumber"]: user["status"] for user in org.app.state()["users"]}
        assert held == {"0001": "PROVISIONED", "0002": "DEPROVISIONED", "0009": "ACTIVE"}
        assert night("run", *CLOCK).code == 0
        assert not app.writes()
