"""What is known of a system belongs to that system: nothing of it is used for another one that answers in its place."""

import contextlib
import copy
import time
from collections.abc import Iterator

import pytest

from connectors.sandbox.host import Fault, FaultKind, Sandbox, running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.okta.settings import OktaSandboxSettings
from connectors.sandbox.scim import ScimSandbox
from tests.night.night_worlds import CLOCK

from .story_worlds import Person, Story, okta_holds, people, wiki_holds

LEAVER = Person(1)


@contextlib.contextmanager
def org(org_id: str, state: dict) -> Iterator[Sandbox]:
    with running(OktaSandbox(copy.deepcopy(state), settings=OktaSandboxSettings(org_id=org_id))) as sandbox:
        yield sandbox


def leaves(story: Story, person: Person) -> None:
    story.lines(lambda lines: [line.replace("Active", "Left") if line.startswith(person.anchor) else line for line in lines])


def points_to(story: Story, name: str, sandbox: Sandbox) -> None:
    story.edit("reconcile.toml", story.systems[name].url, sandbox.url)
    story.systems[name] = sandbox


def test_a_plan_is_not_applied_to_another_org(at_office):
    leaves(at_office, LEAVER)
    assert at_office.run("extract").code == 0
    assert at_office.run("plan").code == 10
    with org("00o0another0000s4x7", at_office.systems["okta"].app.state()) as other:
        points_to(at_office, "okta", other)
        for words in (("--live",), ()):
            ended = at_office.run("apply", *words)
            assert (ended.code, ended.out) == (14, "")
            assert "org 00o0another0000s4x7" in ended.err
            assert "org 00o0localorg0000s4x7" in ended.err
            assert "reconcile rebind okta" in ended.err
        assert other.writes() == []


def test_another_org_is_not_read_for_the_one_that_is_known(at_office):
    leaves(at_office, LEAVER)
    with org("00o0another0000s4x7", at_office.systems["okta"].app.state()) as other:
        points_to(at_office, "okta", other)
        ended = at_office.run("run", "--live")
        assert ended.code == 12
        assert "okta: accounts: " in ended.err
        assert "reconcile rebind okta" in ended.err
        assert not any(request.path.startswith("/api/v1/users") for request in other.requests())
        assert other.writes() == []


def test_an_interrupted_read_of_one_org_is_not_gone_on_with_in_another(at_office):
    """Not even where nothing else is known of either: before the first extract ever ended."""
    for left in (at_office.folder / "state").glob("*.*"):
        left.unlink()
    okta = at_office.systems["okta"]
    okta.add_fault(Fault(FaultKind.LATENCY, path="/api/v1/users.*after=", seconds=3600, after=1))
    process = at_office.launch("extract")
    spool = at_office.folder / "state" / "spool" / "okta.pages"
    try:
        while not (spool.exists() and spool.read_bytes().count(b'"cursor"') > 1):
            assert process.poll() is None
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    okta.clear_faults()
    with org("00o0another0000s4x7", okta.app.state()) as other:
        points_to(at_office, "okta", other)
        assert at_office.run("extract").code == 0
        users = [request.query for request in other.requests() if request.path == "/api/v1/users"]
        assert "after=" not in users[0]
        assert len(users) == 4


def test_check_says_that_another_org_answers(at_office):
    well = at_office.run("check")
    assert "okta is the system that is known: " in well.out
    with org("00o0another0000s4x7", okta_holds()) as other:
        points_to(at_office, "okta", other)
        ended = at_office.run("check")
        assert ended.code == 16
        assert "reconcile rebind okta" in ended.out + ended.err


def test_a_renamed_org_is_the_same_org(at_office):
    with org("00o0localorg0000s4x7", at_office.systems["okta"].app.state()) as renamed:
        points_to(at_office, "okta", renamed)
        night = at_office.night()
        assert (night.code, night.err, renamed.writes()) == (0, "", [])
        ended = at_office.run("rebind", "okta")
        assert ended.code == 0
        assert "It is the same system." in ended.out


def test_forgetting_an_org_begins_anew_in_the_other(at_office):
    with org("00o0another0000s4x7", okta_holds()) as other:
        points_to(at_office, "okta", other)
        looked = at_office.run("rebind", "okta")
        assert looked.code == 10
        assert "60 links" in looked.out
        done = at_office.run("rebind", "okta", "--forget")
        assert done.code == 0, done.err
        frozen = at_office.run("plan", *CLOCK, "--json")
        assert frozen.code == 12
        assert frozen.json["operations"] == []
        night = at_office.night()
        assert (night.code, night.err, other.writes()) == (0, "", [])
        links = {each["anchor"] for each in at_office.plan()["links"] if not each["forget"]}
        assert links == {person.anchor for person in people()}


def test_what_a_journal_knows_of_a_forgotten_org_does_not_come_back_with_a_new_store(at_office):
    with org("00o0another0000s4x7", okta_holds()) as other:
        points_to(at_office, "okta", other)
        assert at_office.run("rebind", "okta", "--forget").code == 0
        (at_office.folder / "state" / "store.duckdb").unlink()
        assert at_office.run("extract").code == 0
        plan = at_office.run("plan", *CLOCK, "--json").json
        assert len([each for each in plan["links"] if not each["forget"]]) == len(people())


def test_a_lost_store_does_not_lose_which_org_the_journal_belongs_to(at_office):
    (at_office.folder / "state" / "store.duckdb").unlink()
    with org("00o0another0000s4x7", okta_holds()) as other:
        points_to(at_office, "okta", other)
        ended = at_office.run("extract")
        assert ended.code == 12
        assert "reconcile rebind okta" in ended.err


def other_people(story: Story) -> dict:
    """An application whose ids are those of before and mean other people."""
    state = copy.deepcopy(story.systems["wiki"].app.state())
    logins = [user["userName"] for user in state["users"]]
    for user, login in zip(state["users"], logins[1:] + logins[:1], strict=True):
        user["userName"] = login
        user.pop("externalId", None)
        user.pop("emails", None)
    return state


def test_an_application_replaced_by_another_with_the_same_ids_is_not_believed(at_federation):
    state = other_people(at_federation)
    at_federation.systems["wiki"].app.seed(state)
    night = at_federation.night()
    assert night.code == 12
    assert "60 of the 60 accounts known by their ids carry another login" in night.err
    assert "reconcile rebind wiki --keep" in night.err
    assert at_federation.systems["wiki"].writes() == []
    assert at_federation.night().code == 12


def test_application_whose_accounts_changed_hands_is_accepted_after_confirmation(at_federation):
    at_federation.systems["wiki"].app.seed(other_people(at_federation))
    assert at_federation.run("extract").code == 12
    assert at_federation.run("rebind", "wiki", "--keep").code == 0
    assert at_federation.run("extract").code == 0
    at_federation.systems["wiki"].app.seed(wiki_holds())
    assert at_federation.run("extract").code == 12


def test_an_application_whose_accounts_all_have_new_ids_is_not_believed(at_federation):
    state = copy.deepcopy(at_federation.systems["wiki"].app.state())
    for user in state["users"]:
        user["id"] = f"new-{user['id']}"
    for group in state["groups"]:
        group["members"] = [{"value": f"new-{each['value']}"} for each in group["members"]]
    at_federation.systems["wiki"].app.seed(state)
    night = at_federation.night()
    assert night.code == 12
    assert "0 of the 60 accounts of the last read are there under their ids" in night.err
    assert at_federation.run("rebind", "wiki", "--forget").code == 0
    assert at_federation.night().code == 0
    assert at_federation.systems["wiki"].writes() == []


def test_new_domain_of_all_users_is_the_same_system(at_federation):
    state = copy.deepcopy(at_federation.systems["wiki"].app.state())
    for user in state["users"]:
        user["userName"] = user["userName"].replace("@", "@new.")
    at_federation.systems["wiki"].app.seed(state)
    assert at_federation.run("extract").code == 0


def test_application_that_moved_keeps_its_links_after_confirmation(at_federation):
    wiki = ScimSandbox(copy.deepcopy(at_federation.systems["wiki"].app.state()))
    with running(wiki) as moved:
        points_to(at_federation, "wiki", moved)
        assert at_federation.run("extract").code == 12
        looked = at_federation.run("rebind", "wiki", "--json")
        assert looked.code == 10
        assert looked.json["known"]["links"] == 60
        assert at_federation.run("rebind", "wiki", "--keep").code == 0
        night = at_federation.night()
        assert (night.code, night.err, moved.writes()) == (0, "", [])
        assert at_federation.plan()["links"] == []


def test_moving_to_another_application_is_not_kept(at_federation):
    """`--keep` says that the accounts are the same, and the next read does not bear it out."""
    with running(ScimSandbox(other_people(at_federation))) as moved:
        points_to(at_federation, "wiki", moved)
        assert at_federation.run("rebind", "wiki", "--keep").code == 0
        ended = at_federation.run("extract")
        assert ended.code == 12
        assert "carry another login" in ended.err


def test_files_belong_to_their_project(at_office):
    at_office.edit("reconcile.toml", 'name = "office"', 'name = "another"')
    ended = at_office.run("extract")
    assert ended.code == 16
    assert "belongs to the project 'office'" in ended.err
    assert at_office.run("rebind", "--journal").code == 0
    ended = at_office.run("extract")
    assert ended.code == 12
    assert "project another" in ended.err
    assert at_office.run("rebind", "people", "--keep").code == 0
    assert at_office.run("extract").code == 0


@pytest.mark.parametrize(
    "words", [("rebind",), ("rebind", "okta", "--keep", "--forget"), ("rebind", "okta", "--journal"), ("rebind", "nobody")]
)
def test_what_makes_no_sense_is_not_bound(at_office, words):
    assert at_office.run(*words).code == 2


def test_a_system_that_cannot_say_who_it_is_is_not_written_to_and_the_others_go_on(at_office):
    leaves(at_office, LEAVER)
    assert at_office.run("extract").code == 0
    assert at_office.run("plan").code == 10
    okta = at_office.systems["okta"]
    okta.add_fault(Fault(FaultKind.STATUS, path="/.well-known/", status=500))
    ended = at_office.run("apply", "--live", "--json")
    assert ended.code == 13
    assert {each["outcome"]["kind"] for each in ended.json["operations"]} == {"held"}
    assert okta.writes() == []


HOSTILE = {
    "escapes": '{"id": "00o\\u001b[2J"}',
    "endless": '{"id": "' + "0" * 5000 + '"}',
    "half a surrogate pair": '{"id": "\\ud800"}',
    "empty": '{"id": ""}',
    "no text": '{"id": 7}',
    "a page": "<html>sign in</html>",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_an_org_whose_id_is_none_is_not_read_and_what_it_says_is_not_shown(at_office, body):
    okta = at_office.systems["okta"]
    okta.add_fault(Fault(FaultKind.BODY, path="/.well-known/", body=body))
    ended = at_office.run("extract", "--json")
    assert ended.code == 12
    # Whatever is printed for a person goes through a filter where no terminal is: the program's form shows it as it is.
    assert "u001b" not in ended.out
    assert "00000000" not in ended.out
    assert not any(request.path.startswith("/api/v1/users") for request in okta.requests())
    assert okta.writes() == []


def test_what_an_application_says_of_its_documentation_is_shown_without_escapes(at_federation):
    said = '{"documentationUri": "https://docs.example.com/\\u001b[2J"}'
    at_federation.systems["wiki"].add_fault(Fault(FaultKind.BODY, path="ServiceProviderConfig", body=said))
    ended = at_federation.run("rebind", "wiki", "--json")
    assert "docs.example.com" in ended.out
    assert "u001b" not in ended.out
