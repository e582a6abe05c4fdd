"""One system answers its list of users in an odd way: the other one's night is whole, and the message says whose answer it was.

Each way is read by a command of its own. A plan is a function of what was read (`tests/laws/test_laws_of_the_plan.py`): where the accounts of the
system that answers oddly are not believed, the rest of the night is carried out once for all ways that leave the same in the store.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
import zlib
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.sandbox.host import WireApp
from connectors.sandbox.wire import WireAnswer, WireRequest

from .conftest import FirstNight, Undisturbed, calm_world
from .hr_oracle import Holdings, holdings
from .night_worlds import Ended, World

Odd = Callable[[WireAnswer, WireRequest], WireAnswer]
Change = Callable[[dict[str, Any]], str]
"""The text that stands in the place of a user's."""
LISTS = {"okta": "/api/v1/users", "wiki": "/v2/Users"}
MEGABYTE = 1 << 20


def body(text: bytes | str, status: int = 200, **headers: str) -> Odd:
    """Another body, with the headers that were there unless they are given."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(usual: WireAnswer, _request: WireRequest) -> WireAnswer:
        kept = [each for each in usual.headers if each[0].lower() not in {name.lower() for name in given}]
        return WireAnswer(status=status, headers=[*kept, *given.items()], body=text.encode() if isinstance(text, str) else text)

    return answer


def header(name: str, value: str) -> Odd:
    """The usual answer with one more header."""
    return lambda usual, _request: replace(
        usual, headers=[*(each for each in usual.headers if each[0].lower() != name.lower()), (name, value)]
    )


def users(*changes: Change) -> Odd:
    """The usual answer with the texts of its first users replaced, one by each change."""

    def answer(usual: WireAnswer, _request: WireRequest) -> WireAnswer:
        page = json.loads(usual.body)
        rows = page if isinstance(page, list) else page["Resources"]
        if len(rows) < len(changes):
            return usual
        texts = [change(row) for change, row in zip(changes, rows, strict=False)]
        rows[: len(changes)] = [f"HERE{number}" for number in range(len(changes))]
        body = json.dumps(page)
        for number, text in enumerate(texts):
            body = body.replace(f'"HERE{number}"', text)
        return replace(usual, body=body.encode())

    return answer


def more(text: str) -> Change:
    """A user with one attribute more, of this text, in either protocol."""

    def changed(row: dict[str, Any]) -> str:
        odd = row | {"profile": row["profile"] | {"more": "ODD"}} if "profile" in row else row | {"more": "ODD"}
        return json.dumps(odd).replace('"ODD"', text)

    return changed


def with_id(found: object) -> Odd:
    return users(lambda row: json.dumps(row | {"id": found}))


def twice(row: dict[str, Any]) -> str:
    """A user who states a login twice: by one name, or in two spellings."""
    text = json.dumps(row).replace('"login":', '"login": "other@example.com", "login":')
    return text.replace('"userName":', '"USERNAME": "other@example.com", "userName":')


def bomb(times: int) -> bytes:
    stream = zlib.compressobj(wbits=31)
    packed = b"".join(stream.compress(bytes(MEGABYTE)) for _ in range(100)) + stream.flush()
    return packed if times == 1 else gzip.compress(packed)


def endless(_usual: WireAnswer, request: WireRequest) -> WireAnswer:
    """Page after page of new users."""
    number = sum(map(ord, request.query)) + len(request.query)
    row = {
        "id": f"new{number}-{request.query[-40:]}",
        "userName": f"{number}@example.com",
        "status": "ACTIVE",
        "profile": {"login": f"{number}@example.com"},
    }
    if request.path == LISTS["okta"]:
        following = f'<{request.base_url}{request.path}?{request.query}x>; rel="next"'
        return WireAnswer(status=200, headers=[("Link", following)], body=json.dumps([row]).encode())
    return WireAnswer(status=200, headers=[], body=json.dumps({"totalResults": 1_000_000, "Resources": [row]}).encode())


def one_page(usual: WireAnswer, request: WireRequest) -> WireAnswer:
    """The same page, whatever is asked for."""
    if request.path == LISTS["okta"]:
        following = f'<{request.base_url}{request.path}?again={len(request.query)}{request.query[-20:]}>; rel="next"'
        return replace(usual, headers=[("Link", following)])
    rows = [{"id": f"same{number}", "userName": f"same{number}@example.com"} for number in range(3)]
    return replace(usual, body=json.dumps({"totalResults": 1_000, "Resources": rows}).encode())


RECORDS: dict[str, Change] = {
    "an attribute 500 levels deep": more("[" * 500 + "]" * 500),
    "a number of 5,000 digits": more("9" * 5_000),
    "half a character": more('"\\ud800"'),
    "an attribute of two megabytes": more('"' + "x" * 2 * MEGABYTE + '"'),
    "one attribute twice": twice,
}
WAYS: dict[str, Odd] = {
    "JSON a million levels deep": body(b"[" * MEGABYTE),
    "an attribute a million levels deep": users(more("[" * MEGABYTE + "]" * MEGABYTE)),
    "an id that is two dots": with_id(".."),
    "an id with a line break": with_id("a\nb"),
    "an id of a megabyte": with_id("x" * MEGABYTE),
    "an id that is null": with_id(None),
    "a bomb in gzip": body(bomb(1), Content_Encoding="gzip"),
    "a bomb in gzip in gzip": body(bomb(2), Content_Encoding="gzip, gzip"),
    "a coding that was not asked for": body(zlib.compress(b"[]"), Content_Encoding="deflate"),
    "what is called gzip and is none": body(b"[]", Content_Encoding="gzip"),
    "gzip that is cut off": body(gzip.compress(bytes(range(250)))[:-20], Content_Encoding="gzip"),
    "a header of a megabyte": header("X-More", "x" * MEGABYTE),
    "a link of 60,000 brackets": header("Link", "<" * 60_000),
    "a redirect to itself": body(b"", 302, Location="http://127.0.0.1:9/v2/Users"),
    "200 with a page of HTML": body("<html>sign in</html>", Content_Type="text/html"),
    "200 with nothing": body(b""),
    "200 with half of it": lambda usual, _request: replace(usual, body=usual.body[: len(usual.body) // 2]),
    "200 with null": body("null"),
    "200 with bytes that are no text": body(b"\xff\xfe\x00" * 100),
    "a wait of a year": body("{}", 429, Retry_After="31536000"),
    "a status that does not exist": body("{}", 299 + 400),
    "page after page of new users": endless,
    "one page for ever": one_page,
}
DATES = ("Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -2300", "yesterday", "9" * 5_000)
HARMLESS = {"Retry-After": "-5", "ETag": "\u00fc\u20ac", "Content-Type": "image/png", "X-Rate-Limit-Reset": "9" * 300}


class Misbehaving:
    """A system that answers its list of users in an odd way, and everything else as it should."""

    def __init__(self, app: WireApp, path: str, odd: Odd) -> None:
        self._app, self._path, self._odd = app, path, odd

    async def answer(self, request: WireRequest) -> WireAnswer:
        usual = await self._app.answer(request)
        return self._odd(usual, request) if (request.method, request.path) == ("GET", self._path) else usual

    def state(self) -> Any:
        return self._app.state()

    def seed(self, state: object) -> None:
        self._app.seed(state)


@dataclass(frozen=True)
class Outcome:
    """How a night ended, and what both systems held then."""

    night: Ended
    holds: dict[str, Holdings]


BELIEVED = """
SELECT 'record', system, id, state || ' ' || status, attributes FROM record_version WHERE valid_to IS NULL UNION ALL
SELECT 'group', system, id, kind, name || ' ' || attributes FROM entitlement_version WHERE valid_to IS NULL UNION ALL
SELECT 'member', system, account_id, entitlement_id, via FROM membership_version WHERE valid_to IS NULL UNION ALL
SELECT 'scope', system, kind, name, complete || ' ' || partial FROM scope_read WHERE (system, number) IN (SELECT (system, max(number)) FROM snapshot GROUP BY system) UNION ALL
SELECT 'quarantined', system, kind, id, reason FROM quarantined WHERE (system, number) IN (SELECT (system, max(number)) FROM snapshot GROUP BY system)
"""
"""What a plan is made of: the rows that are believed now, and which scopes of the latest reads are complete."""


@dataclass
class Stage:
    """One calm world, set back before each night."""

    world: World
    folder: Path
    states: dict[str, Any]
    nights: dict[Hashable, Outcome] = field(default_factory=dict)
    """Nights of the systems whose accounts are not believed, by what was read."""

    def night(self, folder: Path, system: str, odd: Odd) -> Outcome:
        """A whole night."""
        with self._answering(folder, system, odd):
            night = self.world.night()
        return Outcome(night, holdings(self.world.state))

    def read(self, folder: Path, system: str, odd: Odd) -> Ended:
        with self._answering(folder, system, odd):
            return self.world.run("extract")

    def night_after(self, read: Ended, folder: Path, system: str, odd: Odd) -> Outcome:
        """The night of what was read in a folder: carried out, or one that began with the same, where the message of the read says whose answer it was."""
        if f"NOT COMPLETE  {system}: accounts: " not in read.err:
            return self.night(folder, system, odd)
        with contextlib.closing(duckdb.connect(self.world.folder / "state" / "store.duckdb", read_only=True)) as store:
            believed = (system, frozenset(store.execute(BELIEVED).fetchall()))
        if believed not in self.nights:
            self.nights[believed] = self.night(folder, system, odd)
        return self.nights[believed]

    @contextlib.contextmanager
    def _answering(self, folder: Path, system: str, odd: Odd) -> Iterator[None]:
        """The calm world in a folder, with a system that answers oddly."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        self.world.folder = folder
        sandboxes = {"okta": self.world.okta, "wiki": self.world.wiki}
        for name, sandbox in sandboxes.items():
            sandbox.app.seed(json.loads(json.dumps(self.states[name])))
            sandbox.forget_requests()
        misbehaving = sandboxes[system]
        usual = misbehaving.app
        misbehaving.app = Misbehaving(usual, LISTS[system], odd)
        try:
            yield
        finally:
            misbehaving.app = usual


@pytest.fixture(scope="module")
def stage(first_night: FirstNight, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("odd") / "project"
    with calm_world(first_night, folder) as held:
        held.edit("reconcile.toml", 'type = "scim"\n', 'type = "scim"\nmax_pages = 30\n')
        assert held.run("extract").code == 0
        yield Stage(held, folder, json.loads(json.dumps(held.state)))


@pytest.fixture(autouse=True)
def _few_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that does not end is given up soon."""
    monkeypatch.setattr("connectors.okta.client.MOST_PAGES", 30)
    monkeypatch.setattr("connectors.http.retry.Retries._wait", lambda _self, _state: 0.0)


@pytest.mark.parametrize("system", LISTS)
@pytest.mark.parametrize("way", WAYS)
def test_one_system_that_answers_oddly_leaves_the_other_ones_night_whole(stage: Stage, undisturbed: Undisturbed, tmp_path, way, system):
    read = stage.read(tmp_path / "project", system, WAYS[way])
    assert "Traceback" not in read.err
    outcome = stage.night_after(read, tmp_path / "project", system, WAYS[way])
    assert outcome.night.code in (12, 13), outcome.night.err
    assert f"{system}: " in outcome.night.err
    assert "Traceback" not in outcome.night.err
    other = "wiki" if system == "okta" else "okta"
    assert outcome.holds[other] == undisturbed.after[other]
    lost, may_be_lost = (
        undisturbed.before[system].accounts.keys() - after.keys()
        for after in (outcome.holds[system].accounts, undisturbed.after[system].accounts)
    )
    assert lost <= may_be_lost


@pytest.mark.parametrize("system", LISTS)
def test_odd_records_are_reported_and_remove_nothing(stage: Stage, undisturbed: Undisturbed, tmp_path, system):
    outcome = stage.night(tmp_path / "project", system, users(*RECORDS.values()))
    assert (outcome.night.code, outcome.night.err) == (10, "")
    assert outcome.holds == undisturbed.after
    told = [each["message"] for each in stage.world.run("show", "--json").json["findings"] if each["kind"] == "quarantined"]
    assert len(told) == len(RECORDS)


@pytest.mark.parametrize("system", LISTS)
@pytest.mark.parametrize("date", DATES, ids=("9999", "9999 of another zone", "none", "5,000 digits"))
def test_odd_headers_without_effect_on_records_change_nothing(stage: Stage, undisturbed: Undisturbed, tmp_path, date, system):
    def odd(usual: WireAnswer, _request: WireRequest) -> WireAnswer:
        added = {"Date": date, **HARMLESS}
        kept = [each for each in usual.headers if each[0] not in added]
        return replace(usual, headers=[*kept, *added.items()])

    outcome = stage.night(tmp_path / "project", system, odd)
    assert (outcome.night.code, outcome.night.err) == (10, "")
    assert outcome.holds == undisturbed.after
