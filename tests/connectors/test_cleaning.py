"""A secret is taken out of a text in whatever way a server has written it, whole, and before anything is cut off."""

import base64
import html
import json
from collections import deque
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import cleaning
from connectors.cleaning import MARK, cleaned, cleaned_data, remember, remember_for_a_while
from connectors.errors import LONGEST_CODE, LONGEST_DETAIL, LONGEST_REQUEST_ID, LONGEST_SENTENCE, BadResponse
from connectors.secrets import SecretRef

TOKEN = '00tQ/v+w=R s&"<y>\\z.x-9_k~é'
WRITINGS = {
    "plain": str,
    "upper case": str.upper,
    "JSON": json.dumps,
    "JSON without escapes": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "JSON with slashes escaped": lambda text: json.dumps(text).replace("/", "\\/"),
    "every letter as JSON": lambda text: "".join(f"\\u{ord(letter):04X}" for letter in text),
    "HTML": html.escape,
    "HTML twice": lambda text: html.escape(html.escape(text)),
    "decimal HTML": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "hexadecimal HTML": lambda text: "".join(f"&#x00{ord(letter):X};" for letter in text),
    "URL": lambda text: quote(text, safe=""),
    "URL in lower case": lambda text: quote(text, safe="").lower(),
    "URL twice": lambda text: quote(quote(text, safe=""), safe=""),
    "form": quote_plus,
    "every letter as URL": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "hexadecimal": lambda text: text.encode().hex(),
}


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch):
    monkeypatch.setattr(cleaning, "_lasting", {})
    monkeypatch.setattr(cleaning, "_temporary", deque(maxlen=64))


@pytest.mark.parametrize("written", WRITINGS.values(), ids=WRITINGS.keys())
@pytest.mark.parametrize("known", [remember, remember_for_a_while])
def test_a_secret_is_found_however_it_is_written(written, known):
    known(TOKEN)
    text = f"the header was [{written(TOKEN)}], and {written('harmless')}"
    clean = cleaned(text)
    assert clean.count(MARK) == 1
    assert clean.startswith("the header was [")
    assert clean.endswith(f"], and {written('harmless')}")
    assert cleaned_data(text.encode()) == clean.encode()


@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_is_found_in_base64_wherever_it_stands(before, encode):
    remember(TOKEN)
    packed = encode(f"{before}{TOKEN}:more".encode()).decode()
    clean = cleaned(f"Basic {packed}.")
    assert MARK in clean
    assert not any(packed[at : at + 8] in clean for at in range(6, len(packed) - 14))


@given(
    secret=st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=8, max_size=30),
    ways=st.lists(st.sampled_from(list(WRITINGS.values())[:-1]), min_size=1, max_size=30),
)
def test_a_secret_of_any_letters_is_found_with_its_letters_written_in_any_ways(secret, ways):
    cleaning._lasting.clear()
    remember(secret)
    quoted = {WRITINGS["JSON"], WRITINGS["JSON without escapes"], WRITINGS["JSON in JSON"], WRITINGS["JSON with slashes escaped"]}
    letters = [
        letter if way in quoted or way is str.upper else way(letter) for letter, way in zip(secret, ways * len(secret), strict=False)
    ]
    assert MARK in cleaned(f"<{''.join(letters)}>")


def test_a_short_secret_stays_in_data_and_goes_from_sentences():
    remember("Sales")
    assert cleaned("in Sales") == f"in {MARK}"
    assert cleaned_data(b"in Sales") == b"in Sales"
    remember("abc")
    assert cleaned("abcd") == "abcd"


def test_the_longer_of_two_secrets_is_taken_first():
    remember("password1")
    remember("password1-and-more")
    assert cleaned("password1-and-more, password1") == f"{MARK}, {MARK}"


def test_the_lines_of_a_key_are_secret_each():
    remember("-----BEGIN PRIVATE KEY-----\nMIIBVwIBADANBgkqhkiG9w0\nAQEFAASCAT8wggE7\n-----END PRIVATE KEY-----")
    assert cleaned("x MIIBVwIBADANBgkqhkiG9w0 y -----END PRIVATE KEY-----") == f"x {MARK} y -----END PRIVATE KEY-----"


def test_unknown_tokens_are_removed_by_their_form():
    assert cleaned("a eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def b") == f"a {MARK} b"


def test_only_the_last_tokens_are_remembered():
    for number in range(200):
        remember_for_a_while(f"token-number-{number:05}")
    assert cleaned("token-number-00000") == "token-number-00000"
    assert cleaned("token-number-00199") == MARK


def test_a_secret_that_is_read_is_known_from_then_on(monkeypatch, tmp_path):
    monkeypatch.setenv("W_TOKEN", f" {TOKEN}\n")
    assert SecretRef("env:W_TOKEN").reveal() == TOKEN
    (tmp_path / "token").write_text("another-secret\n")
    assert SecretRef("file:token").reveal(tmp_path) == "another-secret"
    assert str(BadResponse("said", detail=f"{TOKEN} another-secret")) == f"said: {MARK} {MARK}"


@pytest.mark.parametrize("into", range(1, len(TOKEN)))
def test_no_half_of_a_secret_stays_where_an_error_is_cut(into):
    remember(TOKEN)
    error = BadResponse(
        "w" * (LONGEST_SENTENCE - into) + TOKEN,
        detail="d" * (LONGEST_DETAIL - into) + TOKEN,
        request_id="r" * (LONGEST_REQUEST_ID - into) + TOKEN,
        code="c" * (LONGEST_CODE - into) + TOKEN,
    ).with_way_out("o" * (LONGEST_DETAIL - into) + TOKEN)
    for text in (error.what, error.detail, error.request_id, error.code, error.way_out, str(error), repr(error)):
        assert TOKEN[: min(into, 4)] not in text
    assert len(error.detail) <= LONGEST_DETAIL
