"""A reviewer approves a plan row by row: exactly the approved rows are applied, and a rejected row stays out of later plans."""

import csv
import io
from datetime import date, timedelta

import pytest

from .night_morning import cells
from .night_worlds import DAY

BY = ("--by", "Ana Lind", "--why", "compared with HR")
NEXT_DAY = DAY + timedelta(1)


def always(held, *more):
    """Makes every plan need approval."""
    held.edit("reconcile.toml", "[guards]", "\n".join(["[approval]", 'needed = "always"', *more, "", "[guards]"]))


def planned(held):
    plan = held.plan()
    return plan["plan"]["digest"], {each["id"]: each for each in plan["operations"]}


def outcomes(held, digest):
    return {each["id"]: each["outcome"]["kind"] for each in held.run("show", digest, "--json").json["operations"]}


def logins(held, target):
    """The logins of a target, each with whether it can be used."""
    if target == "okta":
        return {each["profile"]["login"]: each["status"] == "ACTIVE" for each in held.state["okta"]["users"]}
    return {each["userName"]: each["active"] for each in held.state["wiki"]["users"]}


def one(operations, verb, **more):
    return next(
        id_ for id_, each in operations.items() if each["verb"] == verb and all(each[name] == value for name, value in more.items())
    )


def depending(operations, *stopped):
    """What depends on some operations, by an own walk over the plan."""
    found, before = set(stopped), set()
    while found != before:
        before = set(found)
        found |= {id_ for id_, each in operations.items() if found & set(each["depends_on"])}
    return found - set(stopped)


def test_exactly_the_rows_that_a_reviewer_left_are_applied(calm):
    held = calm()
    always(held)
    digest, operations = planned(held)
    refused = held.run("apply", digest, "--live")
    assert (refused.code, held.writes) == (10, 0)
    assert "needs the approval of 1 person" in refused.err
    # A leaver who holds something.
    removals = {(each["target"], each["account_id"]) for each in operations.values() if each["verb"] == "remove_member"}
    created = one(operations, "create")
    leaver = next(
        id_ for id_, each in operations.items() if each["verb"] == "deactivate" and (each["target"], each["account_id"]) in removals
    )
    approved = held.run("approve", digest[:12], *BY, "--hold", created, "--reject", leaver, "--json")
    assert approved.code == 0, approved.err
    steps = {
        id_
        for id_, each in operations.items()
        if each["verb"] == "remove_member"
        and (each["target"], each["account_id"]) == (operations[leaver]["target"], operations[leaver]["account_id"])
    }
    with_it = depending(operations, created, leaver) | steps
    assert steps < with_it
    assert approved.json["depending"] == len(with_it - steps)
    assert approved.json["rejected"] == 1 + len(steps)
    looked = held.run("apply", digest, "--json").json
    assert {each["id"] for each in looked["operations"] if each["outcome"] and each["outcome"]["kind"] == "not_approved"} == {
        created,
        leaver,
    } | with_it
    applied = held.run("apply", digest, "--live")
    assert applied.code == 10, applied.err
    ended = outcomes(held, digest)
    assert {id_ for id_, kind in ended.items() if kind == "not_approved"} == {created, leaver} | with_it
    assert {kind for id_, kind in ended.items() if id_ not in {created, leaver} | with_it} == {"done"}
    target, kept = operations[created]["target"], operations[leaver]
    assert operations[created]["who"] not in logins(held, target)
    assert logins(held, kept["target"])[kept["who"]]
    # The next plan has the held row again, and not the rejected one, which it names.
    again, left = planned(held)
    assert again != digest
    assert created in left
    assert not {leaver, *steps, *depending(operations, leaver)} & left.keys()
    said = held.run("show", again, "--json").json["findings"]
    assert [each["severity"] for each in said if each["kind"] == "rejected" and f"--withdraw {leaver}" in each["message"]] == ["attention"]


def test_rejected_row_is_planned_again_when_it_changes_or_the_rejection_is_withdrawn(calm):
    held = calm()
    digest, operations = planned(held)
    row = one(operations, "update", target="okta")
    assert held.run("approve", digest, *BY, "--reject", row).code == 0
    assert row not in planned(held)[1]
    listed = held.run("rejections")
    assert row in listed.out
    assert "rejected on 2026-03-02 by Ana Lind: compared with HR" in listed.out
    # Another value of the same attribute.
    (name, value), *_ = operations[row]["after"].items()
    anchor = operations[row]["anchor"]
    held.rewrite_hr(lambda rows: [each.replace(str(value), f"{value} two") if anchor in each else each for each in rows])
    changed = planned(held)[1]
    assert changed[row]["after"][name] == f"{value} two"
    held.rewrite_hr(lambda rows: [each.replace(f"{value} two", str(value)) if anchor in each else each for each in rows])
    assert row not in planned(held)[1]
    assert held.run("rejections", "--withdraw", row).out == "No rejections are in force.\n"
    assert row in planned(held)[1]
    assert held.run("rejections", "--withdraw", row).code == 2


def test_decisions_file_is_a_csv_report_that_a_spreadsheet_saved(calm, tmp_path):
    held = calm()
    digest, operations = planned(held)
    report = tmp_path / "report.csv"
    assert held.run("report", digest, "--format", "csv", "--output", str(report)).code == 0
    rows = list(csv.DictReader(io.StringIO(report.read_text(encoding="utf-8-sig"), newline="")))
    updates = [id_ for id_, each in operations.items() if each["verb"] == "update"]
    words = dict(zip(updates, ("hold", "REJECT ", "approve", ""), strict=False))
    for row in rows:
        row["decision"] = words.get(row["id"], "")
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    # A spreadsheet of another country: semicolons, and the code page of its machine.
    report.write_bytes(text.getvalue().encode("cp1252", "replace"))
    done = held.run("approve", digest, *BY, "--decisions", str(report), "--json")
    assert done.code == 0, done.err
    assert done.json["approval"]["rows"] == {updates[0]: "hold", updates[1]: "reject"}


def test_rows_of_a_redacted_report_are_approved_by_its_own_ids(calm, tmp_path):
    held = calm()
    digest, operations = planned(held)
    shown = []
    for name in ("one.csv", "two.csv"):
        assert held.run("report", digest, "--format", "csv", "--redact", "--output", str(tmp_path / name)).code == 0
        shown.append((tmp_path / name).read_bytes())
    assert shown[0] == shown[1]
    rows = [each for each in csv.DictReader(io.StringIO(shown[0].decode("utf-8-sig"), newline="")) if each["id"]]
    assert len({row["id"] for row in rows}) == len(operations)
    assert not {row["id"] for row in rows} & operations.keys()
    key = held.folder / "state" / "redaction.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_text(encoding="ascii").strip() not in shown[0].decode("utf-8-sig")

    (tmp_path / "decisions.csv").write_text(f"id,decision\n{rows[0]['id']},hold\n", encoding="utf-8")
    done = held.run("approve", digest, *BY, "--decisions", str(tmp_path / "decisions.csv"), "--reject", rows[1]["id"], "--json")
    assert done.code == 0, done.err
    ids = list(operations)
    assert done.json["approval"]["rows"] == {ids[0]: "hold", ids[1]: "reject"}

    key.unlink()
    assert "it has no operation" in held.run("approve", digest, *BY, "--hold", rows[0]["id"]).err
    key.write_text("no key", encoding="ascii")
    broken = held.run("report", digest, "--format", "csv", "--redact")
    assert (broken.code, "no key of redacted reports" in broken.err) == (1, True)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("id,decision\n{id},maybe\n", "line 2: 'maybe' is not a decision"),
        ("id,decision\n{id},hold\n{id},reject\n", "line 3: {id} is to reject, and line 2 says hold"),
        ("id,decision\n0123456789ab,hold\n", "it has no operation 0123456789ab"),
        ("id,note\n{id},hold\n", "it has no column decision"),
        ("decision,id\nhold\n", "line 2: has 1 cells where the header has 2"),
        ("id,decision\n,hold\n", "line 2: hold for a row without an id"),
    ],
)
def test_decisions_file_with_a_mistake_approves_nothing(calm, tmp_path, lines, told):
    held = calm()
    digest, operations = planned(held)
    row = one(operations, "update")
    file = tmp_path / "decisions.csv"
    file.write_text(lines.format(id=row), encoding="utf-8")
    ended = held.run("approve", digest, *BY, "--decisions", str(file))
    assert ended.code == 2
    assert told.format(id=row) in ended.err
    assert "Nothing was approved" in ended.err
    assert held.run("show", digest, "--json").json["approvals"] == []


def test_predicate_holds_the_rows_it_is_true_for_and_is_refused_where_it_is_none(calm):
    held = calm()
    digest, operations = planned(held)
    done = held.run("approve", digest, *BY, "--hold-where", "target = 'wiki' AND verb IN ('add_member', 'remove_member')", "--json")
    expected = {id_ for id_, each in operations.items() if each["target"] == "wiki" and each["verb"] in ("add_member", "remove_member")}
    assert expected
    assert done.json["approval"]["rows"] == dict.fromkeys(sorted(expected), "hold")
    for text in ("verbs = 'update'", "verb", "(SELECT true)", "true; DROP TABLE operation", "read_text('/etc/passwd') <> ''", "1 = 'x'"):
        ended = held.run("approve", digest, *BY, "--reject-where", text)
        assert ended.code == 2, text
        assert "Nothing was approved" in ended.err, text
    assert len(held.run("show", digest, "--json").json["approvals"]) == 1


@pytest.mark.parametrize("option", ["--hold-where", "--reject-where"])
def test_predicate_that_is_true_for_no_row_approves_nothing(calm, option):
    """Verbs are written in lower case: the slip would have every deactivation approved that it was to keep back."""
    held = calm()
    digest, operations = planned(held)
    assert any(each["verb"] == "deactivate" for each in operations.values())
    ended = held.run("approve", digest, *BY, option, "verb = 'update'", option, "verb = 'DEACTIVATE'")
    assert (ended.code, ended.out) == (2, "")
    assert f"{option} \"verb = 'DEACTIVATE'\" is true for none of its rows. Nothing was approved." in ended.err
    assert held.run("show", digest, "--json").json["approvals"] == []
    assert held.run("rejections", "--json").json["rejections"] == []


def test_a_row_is_not_held_and_rejected_at_once(calm):
    held = calm()
    digest, operations = planned(held)
    row = one(operations, "deactivate")
    refused = held.run("approve", digest, *BY, "--hold", row.upper(), "--reject", row)
    assert (refused.code, refused.out) == (2, "")
    assert f"The row {row.upper()}: it is named with --hold and with --reject. Nothing was approved." in refused.err
    assert held.run("rejections", "--json").json["rejections"] == []
    said = held.run("approve", digest, *BY, "--hold-where", "verb = 'deactivate'", "--reject", row, "--json").json
    assert (said["rejected"] > 0, row in {each["operation_id"] for each in held.run("rejections", "--json").json["rejections"]}) == (
        True,
        True,
    )


def test_approval_counts_for_no_other_plan(calm):
    held = calm()
    always(held)
    first, _ = planned(held)
    assert held.run("approve", first, *BY, "--hours", "30").code == 0
    later = held.run("plan", "--json", today=NEXT_DAY).json["plan"]["digest"]
    assert later != first
    ended = held.run("apply", later, "--live", today=NEXT_DAY)
    assert (ended.code, held.writes) == (10, 0)


def test_approval_expires_and_its_holds_do_not(calm):
    held = calm()
    always(held)
    digest, operations = planned(held)
    row = one(operations, "update")
    assert held.run("approve", digest, *BY, "--hours", "1", "--hold", row).code == 0
    late = held.run("apply", digest, "--live", hour=14)
    assert (late.code, held.writes) == (10, 0)
    assert "the approval of Ana Lind expired at 2026-03-02T13:00" in late.err
    assert held.run("approve", digest, "--by", "Bo Chen", "--why", "looked at the rest", hour=14).code == 0
    assert held.run("apply", digest, "--live", hour=14).code == 10
    assert [id_ for id_, kind in outcomes(held, digest).items() if kind == "not_approved"] == [row]


def test_plan_that_is_outdated_or_altered_is_not_approved(calm):
    held = calm()
    digest, _ = planned(held)
    assert held.run("approve", digest, *BY, today=date(2026, 3, 3)).code == 14
    file = held.folder / "state" / "plans" / digest / "operation.parquet"
    file.write_bytes(file.read_bytes()[:-1])
    ended = held.run("approve", digest, *BY)
    assert ended.code == 1
    assert "cannot be read" in ended.err or "digest" in ended.err


def test_as_many_people_as_the_policy_wants_approve_and_each_may_hold(calm):
    held = calm()
    always(held, "people = 2")
    digest, operations = planned(held)
    first, second = [id_ for id_, each in operations.items() if each["verb"] == "update"][:2]
    half = held.run("approve", digest, *BY, "--hold", first)
    assert half.code == 10
    assert "1 of 2 approved (Ana Lind)" in half.out
    # The same person in another writing is no second one, and says all of it anew.
    assert held.run("approve", digest, "--by", "ana  LIND", "--why", "again", "--hold", first).code == 10
    assert held.run("apply", digest, "--live").code == 10
    assert held.writes == 0
    assert held.run("approve", digest, "--by", "Bo Chen", "--why", "looked too", "--hold", second).code == 0
    assert held.run("apply", digest, "--live").code == 10
    assert [id_ for id_, kind in outcomes(held, digest).items() if kind == "not_approved" and id_ in (first, second)] == [first, second]


def test_approval_says_which_rows_it_no_longer_keeps_back_and_counts_what_depends_on_those_of_others(calm):
    held = calm()
    digest, operations = planned(held)
    new = next(id_ for id_, each in operations.items() if each["verb"] == "create" and depending(operations, id_))
    kept = one(operations, "update")
    assert "before" not in held.run("approve", digest, *BY, "--hold", new, "--hold", kept).out
    other = held.run("approve", digest, "--by", "Bo Chen", "--why", "read it", "--json").json
    assert other["approved"] == len(operations) - 2 - len(depending(operations, new))
    again = held.run("approve", digest, *BY, "--hold", kept)
    assert "1 row that Ana Lind held or rejected before: not kept back any more." in again.out
    assert held.run("approve", digest, *BY, "--hold", kept, "--json").json["released"] == 0


def test_night_waits_for_approval_and_says_so_with_10(calm):
    held = calm()
    always(held)
    ended = held.night()
    assert ended.code == 10
    assert held.writes == 0
    assert "needs the approval of 1 person" in ended.err
    assert "reconcile approve" in ended.err


def test_configuration_that_was_changed_needs_another_pair_of_eyes_until_a_plan_of_it_is_applied(calm, monkeypatch):
    held = calm()
    monkeypatch.setattr("reconcile.usecases.plan_making.user_name", lambda: "ana")
    held.edit("reconcile.toml", "[guards]", "[approval]\nfour_eyes = true\n\n[guards]")
    digest, _ = planned(held)
    own = held.run("approve", digest, "--by", "Ana", "--why", "my own change")
    assert own.code == 10
    assert "no other person than ana" in own.out
    assert held.run("apply", digest, "--live").code == 10
    assert held.writes == 0
    assert held.run("approve", digest, "--by", "Bo Chen", "--why", "read the change").code == 0
    assert held.run("apply", digest, "--live").code == 10
    assert held.writes > 0
    # The configuration was applied: the next plan of it needs nobody.
    held.rewrite_hr(lambda rows: [each.replace("Engineering", "Sales") if number == 3 else each for number, each in enumerate(rows)])
    later, _ = planned(held)
    assert held.run("apply", later, "--live").code == 10
    assert "needs" not in held.run("show", later).out


def test_action_is_approved_by_who_asks_for_it(calm):
    held = calm()
    always(held)
    assert held.run("extract").code == 0
    login = held.state["wiki"]["users"][0]["userName"]
    ended = held.run("act", "deactivate", login, "--target", "wiki", *BY, "--live", "--json")
    assert ended.code == 0, ended.err
    assert ended.json["approvals"][0]["by"] == "Ana Lind"


def test_a_rejected_end_is_over_once_hr_takes_it_back_and_a_later_one_is_planned(calm):
    held = calm()
    digest, operations = planned(held)
    leaver = one(operations, "deactivate", target="okta")
    anchor = operations[leaver]["anchor"]
    assert held.run("approve", digest, *BY, "--reject", leaver).code == 0
    assert leaver not in planned(held)[1]
    assert leaver in held.run("rejections").out
    held.rewrite_hr(lambda rows: [_stands(row, "Active", "") if anchor in row else row for row in rows])
    planned(held)
    assert leaver not in held.run("rejections").out
    assert held.run("audit", "--json").json["entries"][-1]["facts"].get("why") == "its cause is gone"
    held.rewrite_hr(lambda rows: [_stands(row, "Terminated", "2026-03-02") if anchor in row else row for row in rows])
    assert leaver in planned(held)[1]


def test_rejected_end_keeps_the_memberships_that_go_with_it_until_it_is_withdrawn(calm):
    held = calm()
    digest, operations = planned(held)
    taken = {each["account_id"] for each in operations.values() if each["verb"] == "remove_member"}
    leaver = next(id_ for id_, each in operations.items() if each["verb"] == "deactivate" and each["account_id"] in taken)
    account = operations[leaver]["account_id"]
    steps = {id_ for id_, each in operations.items() if each["verb"] == "remove_member" and each["account_id"] == account}
    assert held.run("approve", digest, *BY, "--reject", leaver).code == 0
    # The second plan goes by what the first one left of the rejections.
    assert [sorted({leaver, *steps} & planned(held)[1].keys()) for _ in range(2)] == [[], []]
    assert [each["operation_id"] for each in held.run("rejections", "--json").json["rejections"]] == [leaver]
    assert held.run("rejections", "--withdraw", leaver).code == 0
    assert {leaver, *steps} <= planned(held)[1].keys()


def _stands(line, status, end):
    row = cells(line)
    row[17], row[20] = status, end
    return ",".join(f'"{each}"' for each in row) + "\n"
