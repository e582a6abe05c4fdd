"""Link headers in every shape that systems send them, and names as path segments."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Rejected
from connectors.http.links import links, segment
from tests.support.examples import examples

SELF, NEXT = "https://acme.okta.com/api/v1/users?limit=1", "https://acme.okta.com/api/v1/users?after=000u%22,;x&limit=1"


@pytest.mark.parametrize(
    "lines",
    [
        [f'<{SELF}>; rel="self"', f'<{NEXT}>; rel="next"'],
        [f'<{SELF}>; rel="self", <{NEXT}>; rel="next"'],
        [f"<{NEXT}>;rel=next"],
        [f'<{NEXT}> ; title="a; rel=\\"prev\\", <x>" ; REL = "first NEXT"'],
    ],
)
def test_the_next_page_is_found_in_every_shape_of_the_header(lines):
    assert links(lines)["next"] == NEXT


@pytest.mark.parametrize(
    "lines", [[], [""], [f'<{SELF}>; rel="self"'], [f'<{NEXT}>; title="next"'], ["<unclosed; rel=next"], [f"{NEXT}; rel=next"]]
)
def test_no_next_page_is_made_up(lines):
    assert "next" not in links(lines)


@examples(60, deadline=None)
@given(st.text())
def test_any_text_is_read_without_an_error(text):
    links([text])


def test_a_long_hostile_header_is_read_at_once():
    links(["<x>" + "; a" * 50_000, '<x>; a="' + "\\" * 50_000])


@examples(60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda name: name not in (".", "..")))
def test_a_segment_never_ends_early_and_comes_back_whole(name):
    made = segment(name)
    assert not set(made) & set("/?#;% ") - {"%"}
    assert unquote(made) == name


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_step_in_the_path_is_no_name(name):
    with pytest.raises(Rejected):
        segment(name)
