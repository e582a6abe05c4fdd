"""After a network failure the HR file held its header and nothing else: the directory was "empty", and a second safety let it through."""

import pytest

from tests.night.night_worlds import export

from .story_worlds import nobody_lost_anything

SHUT_OFF = "shrink_percent = 100\nshrink_floor = 100000"
"""The other safety, as far open as it goes."""


@pytest.mark.parametrize(("companion", "other_safety"), [(".ok", ""), ("none", SHUT_OFF)], ids=["companion", "shrinking allowed"])
def test_file_with_a_header_alone_is_no_empty_list(at_office, companion, other_safety):
    at_office.edit("reconcile.toml", 'companion = "none"', f'companion = "{companion}"')
    at_office.reading("people", other_safety)
    export(at_office.hr, at_office.hr.read_bytes().partition(b"\n")[0] + b"\n")
    night = at_office.night()
    nobody_lost_anything(at_office, night, "people: file people.csv: ", "no rows")
    assert at_office.writes() == []
