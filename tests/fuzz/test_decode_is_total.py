"""No bytes make a decoder raise, and every row that it gives keeps what is so of all rows."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples

from .decoders import DECODERS
from .seeds import CORPUS, seeds

QUICK = sorted(DECODERS.keys() - {"hr_xlsx_file", "hr_xlsx_sheet", "hr_xlsx_strings", "hr_xlsx_styles", "hr_csv_file"})
SLOW = sorted(DECODERS.keys() - set(QUICK))
ODD_TEXT = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["", ".", "..", "a/b", "a?b", "%2f", "\x00", "\x1b[31m", "\u202e", "x" * 2_000, "true", "urn:x"]),
)
WORDS = (
    "id status profile login type name _rules _groups label scope Resources resources totalResults userName USERNAME active ACTIVE "
    "emails value primary meta version lastModified members displayName displayname _nested through schemas detail Errors "
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User manager nextCursor header line ids refused"
)
KEYS = st.sampled_from(WORDS.split())
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.integers(10**39, 10**41), st.floats(), ODD_TEXT, st.sampled_from(["ACTIVE", "USER"])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(KEYS, ODD_TEXT), inner, max_size=6)),
    max_leaves=25,
)


@st.composite
def mutated(draw: st.DrawFn, name: str) -> bytes:
    """A page as it should be, in a few places as it should not."""
    body = bytearray(draw(st.sampled_from(seeds()[name])))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        length = draw(st.sampled_from([0, 1, 1, 4, 40]))
        body[start : start + length] = draw(
            st.one_of(
                st.binary(max_size=6), st.sampled_from([b'"', b"\\ud800", b"\\u0000", b"NaN", b"9" * 50, b"[" * 70, b",", b"\xff", b"\r"])
            )
        )
    return bytes(body)


@pytest.mark.parametrize("name", QUICK)
@examples(60)
@given(data=st.data())
def test_a_page_that_is_damaged_is_decoded(name, data):
    DECODERS[name](data.draw(mutated(name)))


@pytest.mark.parametrize("name", SLOW)
@examples(25)
@given(data=st.data())
def test_a_file_that_is_damaged_is_read(name, data):
    DECODERS[name](data.draw(mutated(name)))


@pytest.mark.parametrize("name", QUICK)
@examples(60)
@given(value=VALUES)
def test_any_json_is_decoded(name, value):
    DECODERS[name](json.dumps(value).encode())


@pytest.mark.parametrize("name", QUICK)
@examples(20)
@given(rows=st.lists(VALUES, max_size=4))
def test_a_list_of_any_rows_is_decoded(name, rows):
    DECODERS[name](json.dumps(rows).encode())
    DECODERS[name](json.dumps({"totalResults": len(rows), "Resources": rows}).encode())


EXTREMES = {
    "a million levels": b"[" * 1_000_000,
    "a million levels in an attribute": b'[{"id":"u1","status":"ACTIVE","profile":{"a":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}}]",
    "a million levels in a SCIM attribute": b'{"Resources":[{"id":"u1","a":' + b'{"a":' * 1_000_000 + b"1" + b"}" * 1_000_000 + b"}]}",
    "500 levels": b'{"Resources":[{"id":"u1","a":' + b"[" * 500 + b"]" * 500 + b"}]}",
    "a number of 5,000 digits": b'[{"id":"u1","status":"ACTIVE","profile":{"a":' + b"9" * 5_000 + b"}}]",
    "a SCIM number of 5,000 digits": b'{"totalResults":' + b"9" * 5_000 + b',"Resources":[{"id":' + b"9" * 5_000 + b"}]}",
    "an id of a million characters": b'{"Resources":[{"id":"' + b"u" * 1_000_000 + b'"}]}',
    "an error of a thousand lists": b'{"detail":' + b"[" * 900 + b'"x"' + b"]" * 900 + b"}",
    "schemas of a thousand lists": b'{"schemas":' + b"[" * 900 + b"]" * 900 + b"}",
}


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("body", EXTREMES.values(), ids=EXTREMES.keys())
def test_what_is_far_beyond_the_limits_is_decoded(name, body):
    DECODERS[name](body)


@pytest.mark.parametrize("name", sorted(DECODERS))
def test_what_fuzzing_found_is_decoded(name):
    files = sorted((CORPUS / name).iterdir())
    assert files
    for file in files:
        DECODERS[name](file.read_bytes())
