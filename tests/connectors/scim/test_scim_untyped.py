"""Applications that keep no type of an e-mail address: it is recognised, changed in place, and never added a second time."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.scim.connector import Scim
from tests.support.scim_habits import Habit, HabitServer


def server(*habits: Habit, **more: Any) -> HabitServer:
    made = HabitServer(frozenset({Habit.NO_TYPES, *habits}))
    user = {"id": "u1", "userName": "mara@hill.example", "emails": [{"value": "mara@hill.example"}], **more}
    made.seed({"users": [user], "groups": []})
    return made


def update(app: Any, changes: dict[str, Any], **settings: Any) -> Any:
    async def work(scim: Scim) -> Any:
        seen = await scim.read_account("u1")
        assert seen is not None
        return (await scim.update_account("u1", changes, seen)).values()

    return app.run(work, **settings)


@pytest.mark.parametrize("dialect", ["generic-rfc", "slack", "okta-like", "hcp-terraform"])
def test_the_primary_address_is_the_work_address_and_is_changed_in_place(serve: Any, dialect: str) -> None:
    app = serve(server())
    assert app.read(dialect=dialect).rows[0].records[0].values()["emails.work"] == "mara@hill.example"
    after = update(app, {"emails.work": "mara@dale.example"}, dialect=dialect)
    assert (after["emails.work"], after["emails.primary"]) == ("mara@dale.example", "mara@dale.example")
    assert app.held("users", "u1")["emails"] == [{"value": "mara@dale.example", "primary": True}]


def test_a_new_account_has_one_address_under_both_names(serve: Any) -> None:
    app = serve(server())
    made = app.run(lambda scim: scim.create_account({"userName": "ivo@hill.example", "emails.work": "ivo@hill.example"}))
    assert made.values()["emails.work"] == "ivo@hill.example"


def test_the_address_is_cleared_under_either_name(serve: Any) -> None:
    for name in ("emails.work", "emails.primary"):
        app = serve(server())
        assert "emails.work" not in update(app, {name: None})
        assert not app.held("users", "u1").get("emails")


def test_a_type_that_is_not_kept_adds_one_entry_and_no_copy(serve: Any) -> None:
    app = serve(server())
    for sentence in ("emails.home is kept without its type", "emails.home is kept without its type"):
        with pytest.raises(Rejected, match=sentence):
            update(app, {"emails.home": "mara@home.example"})
    assert [entry["value"] for entry in app.held("users", "u1")["emails"]] == ["mara@hill.example", "mara@home.example"]
    assert len(app.sandbox.writes()) == 1


def test_a_typed_entry_is_never_taken_for_another(serve: Any) -> None:
    made = HabitServer()
    entries = [{"value": "mara@home.example", "type": "home", "primary": True}]
    made.seed({"users": [{"id": "u1", "userName": "mara@hill.example", "emails": entries}], "groups": []})
    app = serve(made)
    assert "emails.work" not in app.read().rows[0].records[0].values()
    update(app, {"emails.work": "mara@hill.example"})
    assert len(app.held("users", "u1")["emails"]) == 2


def test_numbers_and_addresses_without_type_are_recognised_too(serve: Any) -> None:
    app = serve(server(phoneNumbers=[{"value": "+49 30 1234"}], addresses=[{"locality": "Berlin", "primary": "True"}]))
    values = app.read().rows[0].records[0].values()
    assert (values["phoneNumbers.work"], values["addresses.work.locality"]) == ("+49 30 1234", "Berlin")


def test_check_names_what_has_no_type_and_its_own_name(serve: Any) -> None:
    async def said(scim: Scim) -> list[str]:
        return [check.what for check in await scim.check() if "have no type" in check.what]

    [sentence] = serve(server()).run(said)
    assert "emails.work is the primary or only one, whose own name is emails.primary" in sentence
