"""Reads that fail, or do not end, in ways that no connector should let through, and spools that are damaged."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace

import pytest

from connectors.contract import AccountState, Quarantined, RawPage, ReadRequest, Record, Rows, Scope, ScopeEnd, ScopeKind, SystemIdentity
from connectors.errors import BadResponse
from reconcile.project.config import Reading
from reconcile.snapshot.decoding import ReadLimits, checks_of, decoded, read_within
from reconcile.snapshot.extract import Extract
from reconcile.snapshot.spool import Spool
from reconcile.store.connection import Store

ACCOUNTS = Scope(ScopeKind.ACCOUNTS)
FINE = [RawPage(ACCOUNTS, 1, b"1", "c1"), RawPage(ACCOUNTS, 2, b"2"), ScopeEnd(ACCOUNTS)]


class System:
    """A system of two accounts, which fails as it is told to."""

    def __init__(self, name: str, **fails) -> None:
        self.name = name
        self._fails = fails

    async def identity(self) -> SystemIdentity:
        self._fail("identity")
        return SystemIdentity(self.name)

    async def pages(self, _request=None) -> AsyncIterator[RawPage | ScopeEnd]:
        yield FINE[0]
        self._fail("pages")
        if self._fails.get("endless"):
            number = 2
            while True:
                yield RawPage(ACCOUNTS, number, b"%d" % number, "c")
                number += 1
        if self._fails.get("silent"):
            await asyncio.Event().wait()
        for item in FINE[1:]:
            yield item

    def decode(self, page: RawPage) -> Rows:
        if page.number == 2:
            self._fail("decode")
        if page.number == 2 and (unusable := self._fails.get("unusable")):
            return Rows(
                quarantined=[
                    Quarantined(f"record {number}", f"u{number}", "it has no userName.", "{}") for number in range(2, 2 + unusable)
                ]
            )
        return Rows(records=[Record(f"u{page.body.decode()}", AccountState.ACTIVE, "", '{"userName":"a"}')])

    async def attribute_names(self):
        self._fail("attribute_names")

    async def check(self):
        self._fail("check")
        return []

    async def close(self) -> None:
        """Nothing is open."""

    def _fail(self, where: str) -> None:
        if where in self._fails:
            raise self._fails[where]


ERRORS = [
    ValueError("odd"),
    RecursionError(),
    OverflowError("date"),
    KeyError("id"),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "no"),
    OSError(5, "I/O error"),
]


def extract(folder, *systems, **limits):
    with Store.open(folder, write=True) as store:
        reading = Extract(store, folder, lambda _name: Reading(**limits), lambda _name, _pages: None)
        ended = asyncio.run(reading.read({system.name: system for system in systems}))
        return {each.system: each for each in ended}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("where", ["identity", "pages", "decode"])
def test_an_error_that_a_connector_does_not_know_is_only_its_own_systems_problem(tmp_path, where, error):
    ended = extract(tmp_path, System("odd", **{where: error}), System("fine"))
    assert (ended["fine"].records, ended["fine"].incomplete) == (2, ())
    (sentence,) = ended["odd"].incomplete
    assert sentence.startswith("odd: ")
    assert type(error).__name__ in sentence or "I/O error" in sentence


def test_attributes_that_cannot_be_asked_for_leave_the_read_whole(tmp_path):
    ended = extract(tmp_path, System("odd", attribute_names=ValueError("odd")))
    assert (ended["odd"].records, ended["odd"].incomplete) == (2, ())


def test_a_check_that_fails_is_a_problem_of_its_system():
    (check,) = asyncio.run(checks_of(System("odd", check=OverflowError("a secret of its"))))
    assert "OverflowError in " in check.problem
    assert "secret" not in check.problem


def test_a_page_that_cannot_be_decoded_is_quarantined():
    (odd,) = decoded(System("odd", decode=KeyError("id")), replace(FINE[1], body=b"x" * 5_000)).quarantined
    assert (odd.position, odd.id, odd.reason) == ("page 2", "", "the page cannot be read (KeyError)")
    assert len(odd.raw) == 1_000


STAY = "The people whom they are about stay as they are."


@pytest.mark.parametrize(
    ("unusable", "told"),
    [
        (0, ()),
        (1, ("odd: accounts: 1 record cannot be used: record 2: it has no userName. The person whom it is about stays as they are.",)),
        (
            5,
            (
                f"odd: accounts: 5 records cannot be used: {'; '.join(f'record {each}: it has no userName' for each in (2, 3, 4))}; and 2 more. {STAY}",
            ),
        ),
    ],
)
def test_records_that_cannot_be_used_are_counted_and_the_first_are_placed(tmp_path, unusable, told):
    read = extract(tmp_path, System("odd", unusable=unusable))["odd"]
    assert (read.incomplete, read.notes) == ((), told)


@pytest.mark.parametrize(("pages", "size", "came"), [(5, 1 << 30, 5), (1 << 30, 7, 7)])
def test_a_read_that_does_not_end_is_given_up(pages, size, came):
    taken = []
    with pytest.raises(BadResponse, match="did not end within"):
        asyncio.run(read_within(System("odd", endless=True), ReadRequest(), ReadLimits(1, pages, size), taken.append))
    assert len(taken) == came


def test_a_read_that_takes_too_long_is_given_up_and_the_others_are_whole(tmp_path):
    ended = extract(tmp_path, System("odd", silent=True), System("fine"), longest_hours=1e-9)
    assert "the read took more than 1e-09 hours" in ended["odd"].incomplete[0]
    assert "set longest_hours under [reading.odd]" in ended["odd"].incomplete[0]


def opened(path):
    return closing(Spool.open(path, system="odd"))


def spooled(folder, *items):
    with opened(folder / "odd.pages") as spool:
        for item in items:
            spool.add(item)
    return folder / "odd.pages"


def test_what_was_spooled_comes_back(tmp_path):
    with opened(spooled(tmp_path, FINE[0])) as again:
        assert again.request.held[ACCOUNTS] == (1, "c1")
        again.add(FINE[1])
        again.add(FINE[2])
        assert list(again.items()) == FINE


def head(**changes) -> bytes:
    usual = {"kind": "accounts", "name": "", "number": 2, "cursor": "c2", "declared_total": None, "bytes": 1, "crc": 2212294583}
    return json.dumps({**usual, **changes}).encode() + b"\n"


@pytest.mark.parametrize(
    "tail",
    [
        b"garbage\n",
        b"\x00\xff\xfe\n",
        b"null\n",
        b"[1]\n",
        b"{}\n",
        b"[" * 100_000 + b"\n",
        head(kind="planets") + b"1\n",
        head(number="2") + b"1\n",
        head(number=0) + b"1\n",
        head(bytes=-5) + b"1\n",
        head(bytes="9" * 5_000) + b"1\n",
        head(bytes=None) + b"1\n",
        head(more=1) + b"1\n",
        head() + b"2\n",
        head() + b"1x",
        b'{"kind":"accounts"}\n',
        b'{"kind":"accounts","name":"","problem":5}\n',
    ],
)
def test_a_spool_that_is_damaged_is_read_again_from_the_beginning(tmp_path, tail):
    path = spooled(tmp_path, FINE[0])
    path.write_bytes(path.read_bytes() + tail)
    with opened(path) as again:
        assert again.request.held == {}
        assert list(again.items()) == []


@pytest.mark.parametrize("tail", [b'{"kind":', head(), head(bytes=50) + b"1\n"])
def test_a_page_that_was_half_written_is_cut_off(tmp_path, tail):
    path = spooled(tmp_path, FINE[0])
    path.write_bytes(path.read_bytes() + tail)
    with opened(path) as again:
        assert again.request.held == {ACCOUNTS: (1, "c1")}


@pytest.mark.parametrize(
    "first", [b"", b"\n", b"garbage\n", b'{"since": "", "system": "odd"}\n', b'{"format": 3, "since": "", "system": "odd"}\n']
)
def test_a_spool_of_another_version_is_read_again_from_the_beginning(tmp_path, first):
    path = spooled(tmp_path, FINE[0])
    path.write_bytes(first + path.read_bytes().partition(b"\n")[2])
    with opened(path) as again:
        assert again.request.held == {}


def test_halves_of_characters_in_names_and_problems_are_kept_as_escapes(tmp_path):
    with opened(tmp_path / "odd.pages") as spool:
        spool.add(ScopeEnd(Scope(ScopeKind.MEMBERS, "g\ud800"), "odd \udfff"))
        assert list(spool.items()) == [ScopeEnd(Scope(ScopeKind.MEMBERS, "g\\ud800"), "odd \\udfff")]
