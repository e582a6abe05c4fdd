"""The metrics of a run are text that Prometheus reads: stable names, each once, labels escaped, numbers as they were."""

import re
from dataclasses import replace
from datetime import datetime

import pytest

from reconcile.report.metrics import SUCCESS, metrics
from reconcile.report.night_facts import Findings, FrozenScope, NightFacts, Operations, Requests
from reconcile.run_outcome import RAN, RunOutcome

ENDED = "2026-03-02T01:10:00.250+00:00"
LABEL = r'[a-z_]+="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
SAMPLE = re.compile(rf"([a-z_]+)\{{({LABEL}(?:,{LABEL})*)\}} (-?[0-9.e+]+)")


def samples(text):
    """The samples of a text in the format of Prometheus, by name and labels; fails on a line that is none."""
    found, described = {}, []
    for line in text.splitlines():
        if header := re.fullmatch(r"# HELP ([a-z_]+) \S.*|# TYPE ([a-z_]+) gauge", line):
            described.append(header[1] or header[2])
            continue
        name, labels, value = SAMPLE.fullmatch(line).groups()
        pairs = [
            (key, re.sub(r"\\(.)", lambda one: "\n" if one[1] == "n" else one[1], text))
            for key, text in re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', labels)
        ]
        assert described[-2:] == [name, name]
        assert (name, tuple(pairs)) not in found
        found[name, tuple(pairs)] = float(value)
    assert len(described) == 2 * len(set(described))
    return found


@pytest.fixture
def facts():
    return NightFacts(
        project="harbour",
        live=True,
        started=ENDED,
        ended=ENDED,
        outcome=RunOutcome.DONE,
        exit_code=0,
        seconds={"extract": 2.5, "apply": 0.125},
        requests={"okta": Requests(requests=1_234_567, waits=2, waited_seconds=1.5)},
        operations=(Operations(target="okta", verb="create", outcome="done", operations=3),),
        frozen_scopes=(FrozenScope(system="wiki", scope="accounts", reason="ada@example.com"),),
        findings=(Findings(kind="ambiguous", findings=4, attention=1),),
        waiting_findings=1,
        frozen_people=7,
    )


def test_every_number_of_the_run_is_a_metric(facts):
    here, ended = ("project", "harbour"), datetime.fromisoformat(ENDED).timestamp()
    assert samples(metrics(facts)) == {
        ("reconcile_last_run_timestamp_seconds", (here,)): ended,
        (SUCCESS, (here,)): ended,
        ("reconcile_last_run_exit_code", (here,)): 0,
        ("reconcile_last_run_live", (here,)): 1,
        ("reconcile_last_run_duration_seconds", (here,)): 2.625,
        ("reconcile_last_run_stage_seconds", (here, ("stage", "extract"))): 2.5,
        ("reconcile_last_run_stage_seconds", (here, ("stage", "apply"))): 0.125,
        ("reconcile_last_run_operations", (here, ("target", "okta"), ("verb", "create"), ("outcome", "done"))): 3,
        ("reconcile_last_run_findings", (here, ("kind", "ambiguous"))): 4,
        ("reconcile_last_run_findings_waiting", (here,)): 1,
        ("reconcile_last_run_frozen_scopes", (here,)): 1,
        ("reconcile_last_run_frozen_people", (here,)): 7,
        ("reconcile_last_run_requests", (here, ("system", "okta"))): 1_234_567,
        ("reconcile_last_run_waits", (here, ("system", "okta"))): 2,
        ("reconcile_last_run_waited_seconds", (here, ("system", "okta"))): 1.5,
    }
    assert "ada" not in metrics(facts)


@pytest.mark.parametrize("outcome", RunOutcome)
def test_run_without_success_keeps_the_moment_of_the_last_one(facts, outcome):
    night = replace(facts, outcome=outcome, ended="2026-03-03T01:10:00.000+00:00")
    earlier = metrics(facts)
    again = metrics(night, metrics(night, earlier))
    found = [value for (name, _), value in samples(again).items() if name == SUCCESS]
    assert found == [datetime.fromisoformat(night.ended if outcome in RAN else ENDED).timestamp()]


@pytest.mark.parametrize("earlier", ["", "reconcile_last_success_timestamp_seconds{} x", f"{SUCCESS}{{}} 1\n{SUCCESS}", "\x00\ufffd" * 9])
def test_file_that_was_not_ours_is_not_believed(facts, earlier):
    failed = replace(facts, outcome=RunOutcome.FAILED)
    found = [value for (name, _), value in samples(metrics(failed, earlier)).items() if name == SUCCESS]
    assert found == ([1.0] if f"{SUCCESS}{{}} 1\n" in earlier else [])


@pytest.mark.parametrize("name", ['a"b', "a\\", "a\nb", '\\"\n\\', "ä\ud800"])
def test_label_is_escaped(facts, name):
    odd = replace(facts, project=name, requests={name: Requests(requests=1, waits=0, waited_seconds=0)})
    plain = name.replace("\ud800", "?")
    assert {dict(labels)["project"] for _, labels in samples(metrics(odd))} == {plain}
    assert ("reconcile_last_run_requests", (("project", plain), ("system", plain))) in samples(metrics(odd))
