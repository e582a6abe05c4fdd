"""The table of `check`: what each target can do here and now, and for everything else the reason that rules it out."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from connectors.abilities import Ability, Limited, abilities
from connectors.actions import Action
from connectors.contract import Target, Traits
from connectors.memory.connector import MemoryTarget
from connectors.okta.auth.scopes import REQUIRED_SCOPES, Feature
from connectors.okta.limits import NEEDED
from connectors.sandbox.host import running
from connectors.sandbox.okta import OAuthClient, OktaSandbox, OktaSandboxSettings
from connectors.sandbox.scim import BASE_PATH, ScimSandbox, ScimSandboxSettings
from connectors.scim.abilities import NO_PATCH
from connectors.scim.connector import Scim
from connectors.scim.dialect import presets
from connectors.scim.limits import NOT_IN_SCIM
from connectors.scim.settings import ScimSettings
from reconcile.usecases.abilities import NOT_OFFERED, AbilityHere, abilities_here, judged
from tests.night.night_worlds import Ended
from tests.stories.story_worlds import Story, okta_holds

KEY = ECKey.generate_key("P-256")
NO_SCIM = {Ability.SUSPEND, Ability.ACTIVATION_MAIL, Ability.DESCRIBE_GROUPS, Ability.APPS, *Action}


def tables(ended: Ended) -> dict[str, str]:
    """The table of each target, its lines joined."""
    blocks = [block for block in ended.out.split("\n\n") if block.startswith("What ")]
    return {block.split()[1]: " ".join(block.split("\n", 1)[1].split()) for block in blocks}


def told(story: Story, target: str) -> dict[str, str]:
    """The reason by ability, empty where it is possible, as a program reads it."""
    rows: Sequence[dict[str, str]] = json.loads(story.run("check", "--json").out)["abilities"][target]
    assert all(bool(row["possible"]) is not bool(row["reason"]) for row in rows)
    return {row["ability"]: row["reason"] for row in rows}


def test_an_org_can_everything_but_what_its_settings_and_its_users_lack(good_office: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ended = good_office.run("check")
    assert (ended.code, good_office.writes()) == (0, [])
    table = tables(ended)["okta"]
    assert table.startswith("yes create, create staged, activation mail, update, rename logins, deactivate, reactivate, suspend, delete, ")
    assert "no apps: apps are not read (apps = false) no roles: Okta's users have no attribute of roles" in table
    lines = ended.out.partition("What okta can")[2].partition("\n\n")[0].splitlines()
    assert max(map(len, lines)) <= 80
    assert list(told(good_office, "okta")) == [*Ability, *Action]


def test_an_app_without_a_scope_cannot_do_what_needs_it(good_office: Story) -> None:
    (good_office.folder / "key.pem").write_bytes(KEY.as_pem(private=True))
    granted = frozenset(REQUIRED_SCOPES.values()) - {"okta.groups.manage"}
    client = OAuthClient(client_id="app1", keys=(KEY.as_dict(private=False),), scopes=granted)
    with running(OktaSandbox(okta_holds(), settings=OktaSandboxSettings(clients=(client,)))) as org:
        good_office.edit("reconcile.toml", good_office.systems["okta"].url, org.url)
        good_office.edit("reconcile.toml", 'token = "file:okta.token"', 'oauth = { client_id = "app1", private_key = "file:key.pem" }')
        lacks = told(good_office, "okta")
        assert {lacks[each] for each in NEEDED[Feature.WRITE_MEMBERSHIPS]} == {"the scope okta.groups.manage is not granted"}
        assert not any(lacks[each] for each in NEEDED[Feature.WRITE_USERS])
        reading = 'private_key = "file:key.pem", scopes = ["okta.users.read", "okta.groups.read", "okta.schemas.read"]'
        good_office.edit("reconcile.toml", 'private_key = "file:key.pem"', reading)
        table = tables(good_office.run("check"))["okta"]
        assert "yes" not in table.split()
        assert "expire password, resend activation: the scope okta.users.manage is missing in oauth.scopes" in table
        assert org.writes() == []


def test_an_application_can_what_scim_and_its_dialect_have(good_federation: Story) -> None:
    assert {ability for ability, reason in told(good_federation, "wiki").items() if reason} == NO_SCIM
    forbid = 'dialect_overrides = { deprovision = "delete", group_rename = false, group_delete = false, immutable = ["userName"] }'
    good_federation.edit("reconcile.toml", 'token = "file:wiki.token"', f'token = "file:wiki.token"\n{forbid}')
    table = tables(good_federation.run("check"))["wiki"]
    for line in (
        "no rename logins: the dialect says that userName is immutable",
        'no create staged, reactivate, delete: the dialect says deprovision = "delete"',
        "no rename groups: the dialect says group_rename = false",
        "no delete groups: the dialect says group_delete = false",
        f"resend activation: {NOT_IN_SCIM}",
    ):
        assert line in table or line.removeprefix("no ") in table


def test_what_an_application_says_that_it_lacks_is_its_own_word(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("sandbox", encoding="utf-8")
    with running(ScimSandbox({"users": [], "groups": []}, settings=ScimSandboxSettings(patch=False))) as server:
        settings = {"url": server.url + BASE_PATH, "token": "file:token"}

        async def look() -> Sequence[AbilityHere]:
            app = Scim("app", ScimSettings.model_validate(settings), tmp_path)
            found = await abilities_here(app)
            await app.close()
            return found

        found = asyncio.run(look())
    own = {each.ability for each in found if each.reason == NO_PATCH}
    changing = {Ability.UPDATE, Ability.RENAME_LOGINS, Ability.REACTIVATE, Ability.ROLES}
    assert own == {*changing, Ability.MEMBERSHIPS, Ability.RENAME_GROUPS}


def test_every_dialect_gives_a_reason_for_what_it_lacks(tmp_path: Path) -> None:
    forbidding = ({"deprovision": "never"}, {"afterwards": "gone"}, {"afterwards": "hidden"}, {"deletes": False}, {"groups": False})
    for dialect in (*({"dialect": name} for name in presets()), *({"dialect_overrides": each} for each in forbidding)):
        settings = {"url": "http://127.0.0.1:1/v2", "headers": {"X-Key": "env:KEY"}, **dialect}
        app = Scim("app", ScimSettings.model_validate(settings), tmp_path)
        reasons, has = asyncio.run(app.limits()), abilities(app.traits)
        asyncio.run(app.close())
        assert {ability for ability, able in has.items() if not able} == reasons.keys()


def test_a_target_that_gives_no_reason_has_one_all_the_same() -> None:
    target: Target = MemoryTarget("app", Traits(login="login", email="email"))
    assert not isinstance(target, Limited)
    assert {each.reason for each in judged(target.traits, {}, {}) if not each.possible} == {NOT_OFFERED}


def test_a_target_that_lets_no_request_in_has_no_table(good_office: Story) -> None:
    (good_office.folder / "okta.token").write_text("a-wrong-token", encoding="utf-8")
    assert tables(good_office.run("check")) == {}
