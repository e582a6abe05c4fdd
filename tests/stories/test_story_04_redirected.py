"""An address began to answer 302. The job followed it, read zero results, and began to delete every account."""

import pytest

from .story_faults import ELSEWHERE
from .story_worlds import nobody_lost_anything


@pytest.mark.parametrize("system", ["directory", "wiki"])
def test_redirect_is_not_followed_and_plans_no_removal(at_federation, system):
    at_federation.systems[system].add_fault(ELSEWHERE)
    night = at_federation.night()
    nobody_lost_anything(at_federation, night, f"{system}: accounts: ", "redirect to https://login.example.com", "not followed", "302")
    assert at_federation.writes() == []


def test_a_target_that_redirects_while_it_is_written_to_fails_those_rows_and_no_others(at_office):
    at_office.lines(lambda lines: [line.replace("Active", "Left") if line[:5] in ("00001", "00002") else line for line in lines])
    assert at_office.run("extract").code == 0
    assert at_office.run("plan").code == 10
    at_office.systems["okta"].add_fault(ELSEWHERE)
    ended = at_office.run("apply", "--live")
    assert ended.code == 13
    assert at_office.lost() == set()
