"""The first night of a company with managers: one run sets them all, under the usual guards, over real sockets."""

from pathlib import Path

import pytest

from connectors.sandbox.host import running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import BASE_PATH, ScimSandbox

from .night_worlds import CLOCK, reconcile

PEOPLE = 60
SETTINGS = """
[project]
name = "managers"

[connectors.hr]
type = "hr_csv"
path = "hr/people.csv"
columns = ["id", "first", "last", "boss", "status"]
key = ["id"]
null_spellings = [""]

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
IDENTITIES = """
name = "name"

[[source]]
connector = "hr"
anchor = "id"

[source.attributes]
name = "first || ' ' || last"
given = "first"
family = "last"
mail = "lower(first || '.' || last || '@firm.example')"
boss = "boss"

[source.lifecycle]
status = "status"
active = ["Active"]
terminated = ["Left"]

[[manager]]
names = "boss"
"""
OKTA = """
target = "okta"

[[correlate]]
account = "employeeNumber"
identity = "anchor"
adopt = true

[attributes]
login = { expression = "mail", required = true }
email = "mail"
firstName = "given"
lastName = "family"
employeeNumber = "anchor"
manager = "manager_login"
managerId = "manager_account_id"
"""
WIKI = """
target = "wiki"

[[correlate]]
account = "externalId"
identity = "anchor"
adopt = true

[attributes]
userName = { expression = "mail", required = true }
externalId = "anchor"
displayName = "name"
"enterprise.manager" = "manager_account_id"
"""
BOSSES = {number: number // 6 for number in range(2, PEOPLE + 1) if number // 6} | {1: 2, 2: 1}
"""Two lead each other; three of the others have nobody."""
KEEPER = {
    "status": "ACTIVE",
    "profile": {"login": "keeper@firm.example", "email": "keeper@firm.example", "firstName": "Kay", "lastName": "Keeper"},
}
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def write_project(folder: Path, okta: str, wiki: str) -> None:
    rows = [f"{number},Given{number},Family{number},{BOSSES.get(number, '')},Active" for number in range(1, PEOPLE + 1)]
    files = {
        "reconcile.toml": SETTINGS.format(okta=okta, wiki=wiki),
        "hr/people.csv": "\n".join(["id,first,last,boss,status", *rows, ""]),
        "mappings/identities.toml": IDENTITIES,
        "mappings/okta.toml": OKTA,
        "mappings/wiki.toml": WIKI,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def test_first_night_sets_every_manager_and_the_second_finds_nothing_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_TOKEN", "sandbox-token")
    monkeypatch.setenv("WIKI_TOKEN", "sandbox")
    with running(OktaSandbox({"users": [KEEPER]})) as org, running(ScimSandbox({"users": []})) as app:
        write_project(tmp_path, org.url, f"{app.url}{BASE_PATH}")
        first = reconcile("--project", str(tmp_path), "run", *CLOCK, "--live", "--json")
        assert first.code == 0, first.err
        users = {row["profile"]["employeeNumber"]: row for row in org.app.state()["users"] if "employeeNumber" in row["profile"]}
        told = {number: row["profile"].get("managerId") for number, row in users.items()}
        expected = {str(number): BOSSES.get(number) for number in range(1, PEOPLE + 1)}
        assert told == {number: users[str(boss)]["id"] if boss else None for number, boss in expected.items()}
        wiki = {row["externalId"]: row for row in app.app.state()["users"]}
        managers = {number: row.get(ENTERPRISE, {}).get("manager", {}).get("value") for number, row in wiki.items()}
        assert managers == {number: wiki[str(boss)]["id"] if boss else None for number, boss in expected.items()}
        written = len(org.writes()) + len(app.writes())
        second = reconcile("--project", str(tmp_path), "run", *CLOCK, "--live", "--json")
        assert (second.code, second.json["operations"]) == (0, [])
        assert len(org.writes()) + len(app.writes()) == written
