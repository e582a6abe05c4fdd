"""Logins under review in a real org over real requests: a night changes none, a person may, and undo gives them back."""

import pytest

from connectors.sandbox.host import running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import BASE_PATH, ScimSandbox

from .night_worlds import reconcile

SETTINGS = """
[project]
name = "theatre"

[connectors.people]
type = "hr_csv"
path = "people.csv"
companion = "none"
columns = ["no", "name", "mail", "status"]
key = ["no"]

[connectors.okta]
type = "okta"
url = "{okta}"
token = "file:token"

[connectors.wiki]
type = "scim"
url = "{wiki}"
empty_ok = true
token = "file:wiki.token"
"""
IDENTITIES = """
name = "name"
[[source]]
connector = "people"
anchor = "no"
[source.attributes]
name = "name"
mail = "mail"
[source.lifecycle]
status = "status"
active = ["active"]
terminated = ["left"]
"""
OKTA = """
target = "okta"
[[correlate]]
account = "login"
identity = "mail"
adopt = true
[attributes]
login = { expression = "mail", rename = "review" }
email = "mail"
firstName = "name"
lastName = "name"
"""
WIKI = """
target = "wiki"
[attributes]
userName = { expression = "mail", immutable = true, rename = "review" }
externalId = "anchor"
displayName = "name"
"""
STAFF = ("lea", "max", "nia")


class Theatre:
    """A project of three people, an org and an application."""

    def __init__(self, folder, okta, wiki):
        self.folder, self.okta, self.wiki = folder, okta, wiki

    def hr(self, **mails):
        lines = [f"{name},{name.title()},{mails.get(name, name)}@example.com,active" for name in STAFF]
        (self.folder / "people.csv").write_text("\n".join(["no,name,mail,status", *lines]) + "\n", encoding="utf-8")

    def run(self, *words):
        return reconcile("--project", str(self.folder), *words)

    @property
    def logins(self):
        """The logins in the org, and the user names in the application."""
        okta = sorted(user["profile"]["login"] for user in self.okta.app.state()["users"])
        return okta, sorted(user["userName"] for user in self.wiki.app.state()["users"])


@pytest.fixture
def theatre(tmp_path):
    """Everybody has an account in both, made or adopted by a first night."""
    users = [
        {
            "profile": {"login": f"{name}@example.com", "email": f"{name}@example.com", "firstName": name, "lastName": name},
            "status": "ACTIVE",
        }
        for name in ("owner", *STAFF)
    ]
    with running(OktaSandbox({"users": users})) as okta, running(ScimSandbox({})) as wiki:
        (tmp_path / "mappings").mkdir()
        (tmp_path / "reconcile.toml").write_text(SETTINGS.format(okta=okta.url, wiki=wiki.url + BASE_PATH), encoding="utf-8")
        (tmp_path / "token").write_text("sandbox-token", encoding="utf-8")
        (tmp_path / "wiki.token").write_text("sandbox", encoding="utf-8")
        for name, text in (("identities", IDENTITIES), ("okta", OKTA), ("wiki", WIKI)):
            (tmp_path / f"mappings/{name}.toml").write_text(text, encoding="utf-8")
        held = Theatre(tmp_path, okta, wiki)
        held.hr()
        first = held.run("run", "--live")
        assert first.code == 0, first
        yield held


def test_renames_are_in_a_reviewed_plan_and_not_in_a_night_and_undo_restores_the_login(theatre):
    before = theatre.logins
    theatre.hr(lea="lea.berg", nia="lea")
    assert theatre.run("run", "--live").code == 10
    assert theatre.logins == before
    assert theatre.run("extract").code == 0
    waiting = theatre.run("plan")
    assert (waiting.code, "`reconcile plan --renames`" in waiting.out) == (10, True)
    planned = theatre.run("plan", "--renames", "--json")
    assert sorted((each["target"], each["verb"]) for each in planned.json["operations"]) == [
        (name, "rename") for name in ("okta", "okta", "wiki", "wiki")
    ]
    assert theatre.run("apply", planned.json["plan"]["digest"]).code == 10
    assert theatre.logins == before
    applied = theatre.run("apply", planned.json["plan"]["digest"], "--live")
    # By its login of before, the account of one seems to be the other's until the renames are applied.
    assert applied.code == 10, applied
    changed = ["lea.berg@example.com", "lea@example.com", "max@example.com"]
    assert theatre.logins == ([*changed, "owner@example.com"], changed)
    assert theatre.run("run", "--live").code == 0
    assert theatre.run("extract").code == 0
    assert theatre.run("plan", "--renames").code == 0
    run = theatre.run("show", planned.json["plan"]["digest"], "--json").json["run"]["id"]
    back = theatre.run("undo", run, "--json")
    assert {each["verb"] for each in back.json["operations"]} == {"rename"}
    assert theatre.run("apply", back.json["plan"]["digest"], "--live").code == 0
    assert theatre.logins == before


def test_check_refuses_the_review_of_a_login_that_the_application_never_changes(theatre):
    settings = theatre.folder / "reconcile.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + 'dialect_overrides = { immutable = ["userName"] }\n', encoding="utf-8")
    assert theatre.run("extract").code == 0
    for command in ("check", "plan"):
        ended = theatre.run(command)
        assert (ended.code, "never changes userName" in ended.out + ended.err) == (16, True), ended
