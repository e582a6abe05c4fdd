"""Every attribute of the core and of the enterprise schema (RFC 7643 sections 4.1 and 4.3) is written by its name and read back."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import Value
from connectors.errors import Rejected
from connectors.scim.connector import Scim
from connectors.scim.names import place_of

SINGLE: dict[str, Value] = {
    "externalId": "E-1",
    "displayName": "Ann Lee",
    "nickName": "Annie",
    "profileUrl": "https://example.com/ann",
    "title": "Clerk",
    "userType": "Employee",
    "preferredLanguage": "de-CH",
    "locale": "de-CH",
    "timezone": "Europe/Zurich",
    "name.formatted": "Ms. Ann B. Lee, PhD",
    "name.familyName": "Lee",
    "name.givenName": "Ann",
    "name.middleName": "Bea",
    "name.honorificPrefix": "Ms.",
    "name.honorificSuffix": "PhD",
}
ENTRIES: dict[str, Value] = {
    **{f"emails.{kind}": f"ann.{kind}@example.com" for kind in ("work", "home", "other")},
    **{
        f"phoneNumbers.{kind}": f"tel:+41-31-{number}"
        for number, kind in enumerate(("work", "home", "mobile", "fax", "pager", "other"), 100)
    },
    **{f"ims.{kind}": f"ann-{kind}" for kind in ("aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo")},
    **{f"photos.{kind}": f"https://example.com/{kind}.jpg" for kind in ("photo", "thumbnail")},
    **{
        f"addresses.{kind}.{part}": f"{part} {kind}"
        for kind in ("work", "home", "other")
        for part in ("formatted", "streetAddress", "locality", "region", "postalCode")
    },
    **{f"addresses.{kind}.country": code for kind, code in (("work", "CH"), ("home", "DE"), ("other", "US"))},
}
LISTS: dict[str, Value] = {
    "entitlements": [{"value": "licence-1"}, {"value": "licence-2"}],
    "roles": [{"value": "editor"}],
    "x509Certificates": [{"value": "bm8gY2VydGlmaWNhdGU="}],
}
WORK: dict[str, Value] = {
    "enterprise.employeeNumber": "1001",
    "enterprise.costCenter": "4130",
    "enterprise.organization": "Universal Studios",
    "enterprise.division": "Theme Park",
    "enterprise.department": "Tour Operations",
    "enterprise.manager": "u1",
}
EVERYTHING = SINGLE | ENTRIES | LISTS | WORK
DIALECTS = [{}, {"path_filters": False}, {"user_update": "put"}, {"max_operations": 1}]


def other(name: str, value: Value) -> Value:
    """Another value that the attribute may have."""
    if isinstance(value, list):
        return [{"value": "b3RoZXI="}]
    if name.endswith(".country"):
        return "FR"
    return "u2" if name == "enterprise.manager" else f"{value}x"


def shown(values: dict[str, Value], names: Any) -> dict[str, Value]:
    return {name: _plain(values.get(name)) for name in names}


def _plain(value: Value) -> Value:
    """Lists by their values: a server may show more of an entry than was sent."""
    return [each["value"] if isinstance(each, dict) else each for each in value] if isinstance(value, list) else value


def test_a_new_user_has_all_of_them(app: Any) -> None:
    async def work(scim: Scim) -> dict[str, Value]:
        made = await scim.create_account({"userName": "ann@example.com", **EVERYTHING})
        seen = await scim.read_account(made.id)
        assert seen is not None
        return seen.values()

    assert shown(app.run(work), EVERYTHING) == shown(EVERYTHING, EVERYTHING)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_is_set_changed_and_cleared(app: Any, dialect: dict[str, Any]) -> None:
    changed = {name: other(name, value) for name, value in EVERYTHING.items()}

    async def work(scim: Scim) -> list[dict[str, Value]]:
        seen = await scim.read_account("u3")
        stages = []
        for wanted in (EVERYTHING, changed, dict.fromkeys(EVERYTHING)):
            assert seen is not None
            await scim.update_account("u3", wanted, seen)
            seen = await scim.read_account("u3")
            assert seen is not None
            stages.append(seen.values())
        return stages

    stages = app.run(work, dialect_overrides=dialect)
    assert shown(stages[0], EVERYTHING) == shown(EVERYTHING, EVERYTHING)
    assert shown(stages[1], EVERYTHING) == shown(changed, EVERYTHING)
    assert stages[2] == {"userName": "person3@example.com"}


def test_one_entry_changes_and_those_of_other_types_stay(app: Any) -> None:
    async def work(scim: Scim) -> dict[str, Value]:
        made = await scim.create_account({"userName": "ann@example.com", **ENTRIES})
        after = await scim.update_account(made.id, {"addresses.home.locality": "Bern", "phoneNumbers.fax": None}, made)
        return after.values()

    expected = {**ENTRIES, "addresses.home.locality": "Bern"}
    del expected["phoneNumbers.fax"]
    assert {name: value for name, value in app.run(work).items() if name != "userName"} == expected


@pytest.mark.parametrize("name", ["enterprise.manager.value", "enterprise.manager.displayName", "enterprise.manager.$ref"])
def test_the_manager_is_named_as_a_whole(name: str) -> None:
    with pytest.raises(Rejected, match=r"write enterprise\.manager"):
        place_of(name)
