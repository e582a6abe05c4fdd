"""Groups that decide something, over real sockets: one that is renamed keeps its members, and one whose members alone have accounts."""

import json
from urllib.request import Request, urlopen

from connectors.sandbox.host import Fault, FaultKind

from .story_worlds import TAKING, Person

SALES = [Person(number) for number in range(0, 60, 3)]


def ask(story, system, method, path, body=None):
    """A request of somebody who is not this job."""
    told = json.dumps(body).encode() if body is not None else None
    headers = {"Authorization": "SSWS sandbox-token", "Content-Type": "application/json"}
    with urlopen(Request(f"{story.systems[system].url}/api/v1/{path}", told, headers, method=method)) as answer:
        return answer.status


def planned(story):
    return [(each["verb"], each["who"]) for each in story.plan()["operations"]]


def findings(story, kind):
    return [each["message"] for each in story.plan()["findings"] if each["kind"] == kind]


def test_group_that_is_renamed_in_the_org_keeps_its_members_and_gets_the_next_one(at_office):
    ask(at_office, "okta", "PUT", "groups/00gsales", {"profile": {"name": "Sales EMEA"}})
    engineer = Person(1)
    at_office.lines(lambda lines: [line.replace("Engineering", "Sales") if line.startswith(engineer.anchor) else line for line in lines])
    night = at_office.night()
    assert night.code == 0, night.err
    assert sorted(planned(at_office)) == [("add_member", engineer.login), ("update", engineer.login)]
    (sentence,) = findings(at_office, "entitlement_name")
    assert "The group 'sales' of okta is named 'Sales EMEA' by now (00gsales)." in sentence
    assert at_office.lost() == {("okta", person.login, "sales") for person in SALES}
    assert {("okta", person.login, "Sales EMEA") for person in (*SALES, engineer)} <= at_office.holdings()
    assert at_office.night().code == 0
    assert planned(at_office) == []


def test_only_members_of_a_group_of_the_directory_have_accounts(at_federation):
    at_federation.edit("mappings/wiki.toml", 'target = "wiki"', 'target = "wiki"\nif_member_of = { directory = ["staff"] }')
    assert at_federation.night().code == 0
    assert planned(at_federation) == []
    leaves = Person(7)
    (user,) = [each for each in at_federation.systems["directory"].app.state()["users"] if each["profile"]["login"] == leaves.login]
    ask(at_federation, "directory", "DELETE", f"groups/00gstaff/users/{user['id']}")
    at_federation.systems["directory"].add_fault(Fault(FaultKind.STATUS, path="groups/00gstaff/users", status=403))
    doubtful = at_federation.night()
    assert doubtful.code == 12
    assert [each for each in planned(at_federation) if each[0] in TAKING] == []
    assert any(
        "Who has an account in wiki cannot be said" in each and "60 people are frozen" in each for each in findings(at_federation, "frozen")
    )
    at_federation.systems["directory"].clear_faults()
    assert at_federation.night().code == 0
    assert ("deactivate", leaves.login) in planned(at_federation)
    assert ("wiki", leaves.login) in at_federation.lost()
    assert {each[1] for each in at_federation.lost()} == {leaves.login}
