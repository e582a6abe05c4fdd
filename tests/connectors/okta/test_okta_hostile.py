"""No list, however it misbehaves, keeps a read from ending, and no scope that lost a row is called complete."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import RawPage
from connectors.sandbox.host import running
from connectors.sandbox.wire import WireAnswer, WireRequest
from tests.support.examples import examples

from .okta_worlds import ACCOUNTS, tell, user, user_id

BUDGET = 30
PEOPLE = 7

misdeeds = st.lists(
    st.sampled_from(
        [
            "none",
            "repeat_page",
            "no_next",
            "same_cursor",
            "first_cursor",
            "new_cursor",
            "odd_row",
            "changed_row",
            "empty",
            "html",
            "elsewhere",
        ]
    ),
    max_size=8,
)


class Hostile:
    """Lists seven users, one a page, and gets wrong at each page what it is told to; the lists of everything else are empty."""

    def __init__(self, misdeeds: list[str], *, endless: bool) -> None:
        self._misdeeds, self._endless = misdeeds, endless
        self.asked = 0

    async def answer(self, request: WireRequest) -> WireAnswer:
        if request.path != "/api/v1/users":
            return WireAnswer(status=200, headers=[], body=b"[]")
        self.asked += 1
        place = int((re.search(r"after=(\d+)", request.query) or [0, "0"])[1])
        misdeed = self._misdeeds[self.asked - 1] if self.asked <= len(self._misdeeds) else "none"
        return self._page(request.base_url, place, misdeed)

    def _page(self, base: str, place: int, misdeed: str) -> WireAnswer:
        shown = [user(place)] if place < PEOPLE else []
        following = place + 1 if place < PEOPLE - 1 or self._endless else None
        match misdeed:
            case "repeat_page":
                shown = [user(max(place - 1, 0))]
            case "no_next":
                following = None
            case "same_cursor":
                following = place
            case "first_cursor":
                following = 0
            case "new_cursor":
                following = place + 100
            case "odd_row":
                shown = [{"id": user_id(place), "status": "?"}]
            case "changed_row":
                shown = [{**user(place, "SUSPENDED")}]
            case "empty":
                shown = []
        link = f'<{"https://evil.example.com" if misdeed == "elsewhere" else base}/api/v1/users?after={following}>; rel="next"'
        body = b"<html>" if misdeed == "html" else json.dumps(shown).encode()
        return WireAnswer(status=200, headers=[("Link", link)] if following is not None else [], body=body)

    def state(self) -> object:
        return {}

    def seed(self, _state: object) -> None:
        raise ValueError


@examples(60, deadline=None)
@given(misdeeds, st.booleans())
def test_a_read_of_a_hostile_list_ends_within_its_page_budget(tmp_path_factory, wrong, endless):
    base = tmp_path_factory.getbasetemp()
    (base / "token").write_text("a-token")
    hostile = Hostile(wrong, endless=endless)

    async def story(okta):
        okta._org.most_pages = BUDGET
        found, end = [], None
        async for item in okta.pages():
            if item.scope == ACCOUNTS and isinstance(item, RawPage):
                rows = okta.decode(item)
                found += [row.id for row in (*rows.records, *rows.quarantined)]
            elif item.scope == ACCOUNTS:
                end = item
        assert hostile.asked <= BUDGET + 1
        assert end is not None
        trusted = not end.problem and len(set(found)) == len(found)
        told_lies = {"no_next", "new_cursor", "empty"} & set(wrong[: hostile.asked])
        assert not (trusted and endless) or told_lies
        # A list that leaves rows out and says that it ended cannot be told from a shorter one; nothing else may look whole.
        assert not trusted or told_lies or set(found) == {user_id(n) for n in range(PEOPLE)}

    with running(hostile) as server:
        tell(server.url, base, story)
