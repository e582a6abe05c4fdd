"""What `reconcile decisions` and `reconcile decide` say to the shell, and that the next plan knows."""

from __future__ import annotations

from .night_worlds import World

WORDS = ("--by", "Rae", "--why", "asked her")


def test_a_pair_is_decided_by_whatever_names_it_has_and_counts_from_the_next_plan_on(drifted: World) -> None:
    before = drifted.plan()
    operation = next(each for each in before["operations"] if each["verb"] == "update" and each["target"] == "okta")
    said = drifted.run("decide", "okta", operation["anchor"], operation["who"].upper(), "different", *WORDS, "--json")
    assert said.code == 0, said.err
    assert (said.json["anchor"], said.json["account_id"]) == (operation["anchor"], operation["account_id"])
    (entry,) = [each for each in drifted.run("audit", "--json").json["entries"] if each["event"] == "decided"]
    assert entry["facts"] == {"date": "2026-03-02", **said.json}
    after = drifted.plan()
    assert after["plan"]["digest"] != before["plan"]["digest"]
    assert operation["id"] not in {each["id"] for each in after["operations"]}
    contrary = drifted.run("decide", "okta", operation["anchor"], operation["account_id"], "same", *WORDS)
    assert contrary.code == 16
    assert "contradicts line 2" in contrary.err
    listed = drifted.run("decisions", "--json").json["decisions"]
    assert (listed[0]["account_id"], listed[0]["decision"], listed[0]["why"]) == (operation["account_id"], "different", "asked her")


def test_the_table_is_written_where_only_its_owner_reads_it(drifted: World) -> None:
    file = drifted.folder / "questions.csv"
    assert drifted.run("decisions", "--output", str(file)).out.strip() == str(file)
    assert file.stat().st_mode & 0o777 == 0o600
    printed = drifted.run("decisions").out
    assert file.read_text(encoding="utf-8-sig").splitlines() == printed.splitlines()
    assert printed.splitlines()[0].startswith('"target","anchor","account_id","decision"')


def test_unknown_people_and_accounts_are_usage_errors(drifted: World) -> None:
    for words, sentence in (
        (("nowhere", "1", "1"), "No mapping file has the target 'nowhere'; there is okta, wiki."),
        (("okta", "nobody", "1"), "known as 'nobody'"),
        (("okta", "nobody", ""), "must not be empty"),
        (("okta", " ", "1"), "must not be empty"),
    ):
        ended = drifted.run("decide", *words, "same", *WORDS)
        assert (ended.code, sentence in ended.err) == (2, True)
