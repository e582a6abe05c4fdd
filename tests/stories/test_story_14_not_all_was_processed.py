"""A platform was upgraded, and from then on processed a part of its users; the rest were marked deleted, and restored from a backup."""

import json

from connectors.sandbox.host import Fault, FaultKind

from .story_worlds import PEOPLE, nobody_lost_anything


def test_a_list_that_declares_more_than_it_gives_is_not_believed(at_federation):
    nothing_more = json.dumps({"totalResults": PEOPLE, "startIndex": 41, "itemsPerPage": 0, "Resources": []})
    at_federation.systems["wiki"].add_fault(Fault(FaultKind.BODY, path="/Users.*startIndex=41", body=nothing_more))
    night = at_federation.night()
    nobody_lost_anything(at_federation, night, "wiki: accounts: ", f"there are {PEOPLE} records and gave 40")
    assert at_federation.writes() == []


def test_a_list_that_shrank_by_a_third_is_not_believed(at_federation):
    directory = at_federation.systems["directory"].app
    state = directory.state()
    kept = state["users"][:40]
    ids = {user["id"] for user in kept}
    members = {group: [each for each in held if each in ids] for group, held in state["members"].items()}
    directory.seed({**state, "users": kept, "members": members})
    at_federation.had = {each for each in at_federation.had if each[0] == "wiki"}
    night = at_federation.night()
    nobody_lost_anything(at_federation, night, "directory: accounts: ", "40 rows", "60", "reading.directory.shrink_percent")
    assert at_federation.writes() == []
