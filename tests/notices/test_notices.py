"""A notice says how a run ended and names no person; whatever its receiver does, the run is not affected and the address stays secret."""

import json
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from reconcile.errors import ExitCode
from reconcile.project.config import ProjectFile
from reconcile.project.reporting import FIELDS, Notices, load_reporting
from reconcile.report.night_facts import Findings, FrozenScope, Guarded, NightFacts, Operations, Requests
from reconcile.report.notice_text import body, fields, filled
from reconcile.run_outcome import RAN, RunOutcome, run_outcome
from reconcile.usecases.notify import EXTRA, notify
from reconcile.usecases.reporting_checks import reporting_checks
from tests.support.receiver import receiving

SECRET = "/hooks/T0k3n-of-the-receiver"
PERSON = "ada.lovelace@example.com"


@pytest.fixture
def receiver():
    with receiving() as held:
        yield held


@pytest.fixture
def facts():
    return NightFacts(
        project="harbour",
        live=True,
        started="2026-03-02T01:00:00.000+00:00",
        ended="2026-03-02T01:10:00.000+00:00",
        outcome=RunOutcome.PARTLY,
        exit_code=13,
        seconds={"extract": 2.5, "plan": 1.0, "apply": 9.0},
        requests={"okta": Requests(requests=40, waits=2, waited_seconds=1.5)},
        incomplete_reads={"people": (f"people: row 5 of {PERSON} is cut off",)},
        audit_head="a" * 64,
        plan="b" * 64,
        run="r1",
        operations=(
            Operations(target="okta", verb="create", outcome="done", operations=3),
            Operations(target="wiki", verb="create", outcome="failed", operations=2),
        ),
        guards=(Guarded(guard="okta.deactivate", refuses=True, overridden_by=""), Guarded(guard="x", refuses=False, overridden_by=PERSON)),
        frozen_scopes=(FrozenScope(system="wiki", scope="accounts", reason=f"lost {PERSON}"),),
        findings=(Findings(kind="ambiguous", findings=1, attention=1),),
        waiting_findings=1,
        missing_approval=f"{PERSON} alone approved it",
    )


def notices(receiver, tmp_path, kind="webhook", path=SECRET, **more):
    (tmp_path / "url").write_text(f"{receiver.url}{path}\n", encoding="utf-8")
    return Notices.model_validate({kind: {"ops": {"url": "file:url", **more}}, "seconds": 60})


def test_webhook_gets_the_numbers_of_the_run_and_no_person(receiver, tmp_path, facts):
    (sent,) = notify(notices(receiver, tmp_path), facts, tmp_path)
    assert (sent.name, sent.problem) == ("webhook ops", "")
    assert receiver.paths == [("POST", SECRET)]
    told = receiver.json()
    assert (told["format"], told["outcome"], told["exit_code"], told["run"], told["audit_head"]) == (1, "partly", 13, "r1", "a" * 64)
    assert told["operations"][1] == {"target": "wiki", "verb": "create", "outcome": "failed", "operations": 2}
    assert told["approval_missing"] is True
    assert (told["frozen"], told["guards"][0]) == (["people", "wiki"], {"guard": "okta.deactivate", "refuses": True})
    assert told["text"] == (
        "harbour: partly (exit code 13). 5 operations: 3 done, 2 failed. refused by okta.deactivate. waits for approval. not read completely: people, wiki. "
        "1 finding waits for a decision."
    )
    assert PERSON not in receiver.came[0][2].decode()
    assert not [value for value in fields(facts).values() if PERSON in value]


@pytest.mark.parametrize("outcome", RunOutcome)
def test_only_the_chosen_outcomes_are_told_and_a_sign_of_life_is_always_sent(receiver, tmp_path, facts, outcome):
    (tmp_path / "url").write_text(f"{receiver.url}/w", encoding="utf-8")
    (tmp_path / "life").write_text(f"{receiver.url}/life/uuid/?create=1", encoding="utf-8")
    settings = Notices.model_validate(
        {
            "webhook": {"usual": {"url": "file:url"}, "picky": {"url": "file:url", "on": ["locked"]}},
            "ping": {"hc": {"url": "file:life"}},
            "seconds": 60,
        }
    )
    told = {each.name for each in notify(settings, replace(facts, outcome=outcome), tmp_path) if not each.problem}
    usual = {"webhook usual"} if outcome is not RunOutcome.DONE else set()
    picky = {"webhook picky"} if outcome is RunOutcome.LOCKED else set()
    assert told == {"ping hc"} | usual | picky
    path = "/life/uuid/?create=1" if outcome in RAN else "/life/uuid/fail?create=1"
    assert [each for each in receiver.paths if each[0] == "GET"] == [("GET", path)]


@pytest.mark.parametrize("answer", [(200, {}, b"x" * 70_000), (200, {"Content-Encoding": "gzip"}, b"no gzip"), (204, {}, b"")])
def test_status_says_that_a_notice_was_taken_whatever_the_body_is(receiver, tmp_path, facts, answer):
    receiver.status, receiver.headers, receiver.body = answer
    (sent,) = notify(notices(receiver, tmp_path), facts, tmp_path)
    assert sent.problem == ""


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((500, {}, b"no"), "answered 500"),
        ((404, {}, b"no"), "answered 404"),
        ((302, {"Location": "http://127.0.0.1:1/elsewhere"}, b""), "answered 302"),
    ],
)
def test_answer_that_is_no_success_is_a_notice_that_was_not_sent(receiver, tmp_path, facts, answer, said):
    receiver.status, receiver.headers, receiver.body = answer
    (sent,) = notify(notices(receiver, tmp_path), facts, tmp_path)
    assert said in sent.problem
    assert len(receiver.came) == 1
    assert "T0k3n" not in sent.problem


def test_receiver_that_does_not_answer_is_left_after_a_bounded_time(receiver, tmp_path, facts):
    receiver.silent = threading.Event()
    settings = notices(receiver, tmp_path).model_copy(update={"seconds": 0.2})
    (sent,) = notify(settings, facts, tmp_path)
    assert sent.problem
    assert "T0k3n" not in sent.problem


@pytest.mark.parametrize(
    "place",
    [
        "http://example.com/T0k3n-of-the-receiver",
        "https://u:T0k3n-of-the-receiver@example.com/",
        "T0k3n-of-the-receiver",
        "ftp://x/",
        "https://[x/",
    ],
)
def test_address_that_would_not_keep_the_secret_is_not_used_and_not_said(tmp_path, facts, place):
    (tmp_path / "url").write_text(place, encoding="utf-8")
    (sent,) = notify(Notices.model_validate({"webhook": {"ops": {"url": "file:url"}}}), facts, tmp_path)
    assert sent.problem.startswith("the address must begin with https://")
    assert "T0k3n" not in sent.problem


def test_receiver_whose_certificate_nobody_vouches_for_is_sent_nothing(tmp_path, facts, receiver):
    (tmp_path / "url").write_text(f"{receiver.url.replace('http:', 'https:')}{SECRET}", encoding="utf-8")
    (sent,) = notify(Notices.model_validate({"webhook": {"ops": {"url": "file:url"}}}), facts, tmp_path)
    assert sent.problem.startswith("the receiver cannot be reached: ")
    assert receiver.came == []


def test_secret_that_is_not_there_is_said_by_its_place(tmp_path, facts, monkeypatch):
    monkeypatch.delenv("OPS_URL", raising=False)
    settings = Notices.model_validate({"webhook": {"ops": {"url": "env:OPS_URL"}}, "ping": {"hc": {"url": "file:gone"}}})
    assert ["OPS_URL" in each.problem or "gone" in each.problem for each in notify(settings, facts, tmp_path)] == [True, True]


def test_apprise_that_is_not_installed_is_named_with_the_extra(tmp_path, facts, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    (tmp_path / "url").write_text("json://127.0.0.1", encoding="utf-8")
    (sent,) = notify(Notices.model_validate({"apprise": {"chat": {"url": "file:url"}}}), facts, tmp_path)
    assert (sent.name, sent.problem) == ("apprise chat", EXTRA)


def test_templates_have_every_field_and_no_other(facts):
    assert tuple(fields(facts)) == FIELDS
    assert filled(" ".join(f"${name}" for name in FIELDS), facts) == " ".join(fields(facts).values())
    for wrong, said in (("$outcom", "did you mean 'outcome'"), ("costs 5 $", "write $$"), ("${who}", "there is no field 'who'")):
        with pytest.raises(ValidationError, match=said.replace("$", r"\$")):
            Notices.model_validate({"apprise": {"chat": {"url": "env:X", "body": wrong}}})


def test_address_itself_in_the_settings_is_refused():
    with pytest.raises(ValidationError, match="expected env:NAME or file:PATH") as raised:
        Notices.model_validate({"webhook": {"ops": {"url": "https://example.com/T0k3n"}}})
    assert "a secret itself never stands in a file" in str(raised.value)


def test_settings_count_where_other_parts_of_the_file_are_wrong_and_wrong_ones_count_as_none(tmp_path):
    path = tmp_path / "reconcile.toml"
    path.write_text(
        '[project]\nname = "x"\nnonsense = 1\n[notices.webhook.ops]\nurl = "env:X"\n[metrics]\ntextfil = "y"\n', encoding="utf-8"
    )
    found = load_reporting(tmp_path, path.name)
    assert (list(found.notices.webhook), found.metrics.textfile, found.project) == (["ops"], "", "x")
    path.write_text("[", encoding="utf-8")
    assert not load_reporting(tmp_path, path.name).notices.webhook


def test_every_exit_code_is_an_outcome_and_what_is_not_foreseen_is_a_failure():
    found = {code: run_outcome(code) for code in ExitCode}
    assert {code for code, outcome in found.items() if outcome is RunOutcome.FAILED} == {1, 2, 16, 130}
    assert set(found.values()) == set(RunOutcome)


def test_body_is_json_whatever_the_names_hold(facts):
    odd = replace(facts, project="a\ud800\x00", error="\x1b[31m" + "x" * 5000)
    assert len(json.dumps(body(odd))) < 6000
    assert "\x1b" not in str(body(odd)["error"])


def test_what_cannot_be_told_is_a_problem_of_check_before_any_night(tmp_path, receiver):
    (tmp_path / "url").write_text(f"{receiver.url}{SECRET}", encoding="utf-8")
    settings = ProjectFile.model_validate(
        {
            "project": {"name": "x"},
            "connectors": {},
            "notices": {
                "webhook": {"good": {"url": "file:url"}, "gone": {"url": "file:no"}, "ca": {"url": "file:url", "ca_file": "ca.pem"}},
                "ping": {"good": {"url": "file:url"}},
                "apprise": {"chat": {"url": "file:no"}},
            },
            "metrics": {"textfile": "gone/x.prom"},
            "log": {"file": "steps.jsonl"},
        }
    )
    found = reporting_checks(SimpleNamespace(file=settings, folder=tmp_path))
    bad = {(table, each.what) for table, checks in found.items() for each in checks if each.problem}
    assert bad == {
        ("[notices]", "the address of webhook gone"),
        ("[notices]", "the address of webhook ca"),
        ("[notices]", "the address of apprise chat"),
        ("[metrics]", "the folder of the metrics file"),
    }
    assert sum(map(len, found.values())) == 7
    assert receiver.came == []
    assert "T0k3n" not in str(found)
    assert (
        reporting_checks(SimpleNamespace(file=ProjectFile.model_validate({"project": {"name": "x"}, "connectors": {}}), folder=tmp_path))
        == {}
    )
