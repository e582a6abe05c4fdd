"""A live run links nobody to an account that was there before, also where the application overwrites it with the new person."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import duckdb

from connectors.sandbox.host import WireApp
from connectors.sandbox.wire import WireAnswer, WireRequest


class Upserting:
    """An application that carries out each creation as a change of one user of before."""

    def __init__(self, app: WireApp, user_id: str) -> None:
        self._app, self._user_id = app, user_id

    async def answer(self, request: WireRequest) -> WireAnswer:
        if (request.method, request.path) == ("POST", "/v2/Users"):
            request = replace(request, method="PUT", path=f"/v2/Users/{self._user_id}")
        return await self._app.answer(request)

    def state(self) -> Any:
        return self._app.state()

    def seed(self, state: object) -> None:
        self._app.seed(state)


def test_account_that_an_upsert_overwrites_stays_with_the_person_whom_it_is_linked_to(calm) -> None:
    held = calm()
    assert held.run("extract").code == 0
    planned = held.plan()
    (creation, *_) = (each for each in planned["operations"] if (each["verb"], each["target"]) == ("create", "wiki"))
    owner, account = next((each["anchor"], each["account_id"]) for each in planned["links"] if each["target"] == "wiki")
    held.wiki.app = Upserting(held.wiki.app, account)
    applied = held.run("apply", planned["plan"]["digest"], "--live", "--json").json["operations"]
    (outcome,) = (each["outcome"] for each in applied if each["id"] == creation["id"])
    assert outcome["kind"] == "failed"
    assert (
        f"answered the creation with the account {account}, which is linked to {owner}: it is not linked to this person"
        in outcome["detail"]
    )
    with contextlib.closing(duckdb.connect(held.folder / "state" / "store.duckdb", read_only=True)) as store:
        linked = store.execute("SELECT anchor FROM link WHERE target = 'wiki' AND account_id = $account", {"account": account}).fetchall()
    assert linked == [(owner,)]
