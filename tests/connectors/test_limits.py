"""What one answer, one record and one date may be, and what becomes of what is more."""

import gzip
import json
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bounds import DEEPEST, LONGEST_ID, LONGEST_RECORD, MOST_DIGITS, object_text, usable_id, usable_rows
from connectors.contract import AccountState, Entitlement, EntitlementKind, Membership, Record, Rows
from connectors.http.answer import Headers, http_date
from connectors.http.body import LONGEST_HEADER, Unpacking, UnusableAnswer, refuse_long_headers
from connectors.http.budget import StatedLimit
from connectors.http.retry import stated_wait

MEGABYTE = 1 << 20


def unpacked(body: bytes, *codings: str, longest: int = MEGABYTE, piece: int = 1_000) -> bytes:
    unpacking = Unpacking(codings, longest)
    for start in range(0, len(body), piece):
        unpacking.add(body[start : start + piece])
    return unpacking.whole()


@given(body=st.binary(max_size=3_000), piece=st.integers(1, 500))
def test_a_body_is_unpacked_whatever_pieces_it_comes_in(body, piece):
    assert unpacked(body, piece=piece) == body
    assert unpacked(body, "identity", piece=piece) == body
    assert unpacked(gzip.compress(body), "gzip", piece=piece) == body
    assert unpacked(gzip.compress(body) + gzip.compress(b"more"), " GZIP ", piece=piece) == body + b"more"


@pytest.mark.parametrize("codings", [("gzip", "gzip"), ("deflate",), ("br",), ("zstd",), ("gzip", "identity", "br"), ("nonsense",)])
def test_a_coding_that_was_not_asked_for_is_refused(codings):
    with pytest.raises(UnusableAnswer, match="which was not asked for"):
        Unpacking(codings, MEGABYTE)


def test_a_body_that_unpacks_to_more_than_allowed_is_never_held():
    stream = zlib.compressobj(wbits=31)
    bomb = b"".join(stream.compress(bytes(MEGABYTE)) for _ in range(200)) + stream.flush()
    assert len(bomb) < MEGABYTE / 4
    tracemalloc.start()
    try:
        with pytest.raises(UnusableAnswer, match="longer than 1048576 bytes"):
            unpacked(bomb, "gzip", piece=len(bomb))
        assert tracemalloc.get_traced_memory()[1] < 4 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_packed_data_that_unpacks_to_nothing_ends_at_the_limit():
    with pytest.raises(UnusableAnswer, match="longer than"):
        unpacked(gzip.compress(b"") * 60_000, "gzip", piece=1 << 16)


@pytest.mark.parametrize("cut", [1, 10, 30])
def test_packed_data_that_is_cut_off_is_refused(cut):
    with pytest.raises(UnusableAnswer, match="ends in the middle"):
        unpacked(gzip.compress(bytes(range(200)))[:-cut], "gzip")
    with pytest.raises(UnusableAnswer, match="is not the gzip data"):
        unpacked(b"<html>" * cut, "gzip")


def test_a_header_longer_than_allowed_is_refused():
    refuse_long_headers([("Link", "x" * (LONGEST_HEADER - 4))])
    with pytest.raises(UnusableAnswer, match="its header Link has"):
        refuse_long_headers([("Date", ""), ("Link", "x" * LONGEST_HEADER)])


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 31 Dec 9999 23:59:59 -2300",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 99999 00:00:00 GMT",
        "9" * 5_000,
        "Mon, " + "9" * 5_000 + " Jan 2024 00:00:00 GMT",
        "",
        " ",
        "-5",
        "0",
        "Mon, 01 Jan 2024 00:00:00 +999999",
        "\x00",
    ],
)
def test_a_date_that_no_clock_shows_is_none(text):
    assert http_date(text) is None
    headers = Headers((("Date", text), ("Retry-After", text), ("X-Rate-Limit-Limit", "5"), ("X-Rate-Limit-Remaining", "0")))
    assert stated_wait(headers) in (None, 0.0, float("inf"))
    assert headers.date().tzinfo is not None


@given(text=st.text(max_size=40), digits=st.integers(0, 10**20))
def test_no_header_about_time_raises(text, digits):
    http_date(text)
    pairs = [("Date", text), ("Retry-After", str(digits)), ("X-Rate-Limit-Limit", "5"), ("X-Rate-Limit-Remaining", "0")]
    headers = Headers((*pairs, ("X-Rate-Limit-Reset", str(digits))))
    stated_wait(headers)
    stated = StatedLimit.read(headers)
    assert stated is None or 0 <= stated.seconds_to_reset <= 3600


@pytest.mark.parametrize("text", ["", ".", "..", "a\x00", "a\nb", "\u202eb", "\ud800", "x" * (LONGEST_ID + 1)])
def test_what_cannot_be_an_id_is_refused(text):
    with pytest.raises(ValueError, match="the id"):
        usable_id(text)


@pytest.mark.parametrize("text", ["a", "...", "a/b", "a?b#c", "%2e%2e", "..%2f", "é", "x" * LONGEST_ID])
def test_an_id_may_hold_what_a_path_can_quote(text):
    assert usable_id(text) == text


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=12,
)


@given(value=st.dictionaries(st.text(max_size=4), JSON, max_size=5), spaced=st.booleans(), escaped=st.booleans())
def test_a_sound_object_keeps_its_text(value, spaced, escaped):
    text = json.dumps(value, separators=(", ", " : ") if spaced else (",", ":"), ensure_ascii=escaped)
    assert object_text(text.encode()) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a":1,"a":2}', "states a twice"),
        ('{"b":{"a":"x","a" : "y"}}', "states a twice"),
        ('{"a":' + "9" * (MOST_DIGITS + 1) + "}", "digits"),
        ('{"a":[ ' + "9" * (MOST_DIGITS + 1) + "]}", "digits"),
        ('{"a":' + "[" * DEEPEST + "]" * DEEPEST + "}", "levels deep"),
        ('{"a":' + '{"a":' * 400 + "1" + "}" * 401, "levels deep"),
        ('{"a":' + "[" * 100_000, "levels deep"),
        ("[1]", "Expected `object`"),
        ('{"a":"\\ud800"}', "truncated|surrogate|malformed"),
        ('{"a":NaN}', "malformed"),
        ('{"a":1', "truncated"),
    ],
)
def test_an_object_that_readers_would_read_differently_or_not_at_all_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        object_text(text.encode())


def test_a_name_that_is_stated_twice_alike_is_taken_once():
    assert object_text(b'{"a":"x", "a":"x","b":1}') == '{"a":"x","b":1}'


def test_long_digits_in_a_text_are_no_number():
    text = '{"a":"' + "9" * 60 + '","b":0.' + "1" * 60 + "}"
    assert object_text(text.encode()) == text


def test_rows_outside_of_the_limits_are_quarantined_and_the_others_kept():
    def record(id_: str, attributes: str = "{}") -> Record:
        return Record(id_, AccountState.ACTIVE, "", attributes)

    rows = usable_rows(
        Rows(
            records=[record("a"), record("b" * 2_000), record("c", "x" * (LONGEST_RECORD + 1)), record("d", "\ud800"), record("")],
            entitlements=[Entitlement("g", EntitlementKind.GROUP, "G" * 20_000), Entitlement("h", EntitlementKind.GROUP, "H")],
            memberships=[Membership("a", "\udfff"), Membership("a", "h")],
            repeated=3,
        ),
        "page 4",
    )
    assert [each.id for each in rows.records] == ["a"]
    assert [each.id for each in rows.entitlements] == ["h"]
    assert rows.memberships == [("a", "h", "")]
    assert rows.repeated == 3
    assert [each.id for each in rows.quarantined] == ["", "c", "d", "", "g", "a"]
    assert {each.position for each in rows.quarantined} == {"page 4"}
    assert all(len(each.raw) <= 4_000 for each in rows.quarantined)
