"""A person who is forgotten leaves the journal: others' access, and the verification of the audit, stay."""

from contextlib import closing
from dataclasses import replace

import pytest

from reconcile.apply.audit import NO_FACTS, AuditEvent
from reconcile.apply.audit_check import AuditFault, first_problem
from reconcile.apply.forgetting import forget
from reconcile.apply.journal import EntryKind, Journal, entry
from reconcile.apply.journal_facts import facts_after

AT = "2026-03-02T00:00:00Z"


@pytest.fixture
def journal(tmp_path):
    """A journal with three audit entries, which name Zora, the person 1 and nobody."""
    with closing(Journal(tmp_path)) as opened:
        for why in ("zora asked", "1", ""):
            opened.audit.record(AuditEvent.HELD, facts={"why": why})
        opened.begin("run", "0" * 64)
        yield opened


def _add(journal, kind, detail, **more):
    journal.do("add_entry", **entry("run", kind, "app", at=AT, detail=detail, **more))


def _details(journal):
    return [each.detail for each in facts_after(journal, 0, 100)]


def test_a_person_whose_id_is_the_number_of_a_forgotten_entry_is_forgotten_too(journal):
    before = len(journal.audit.entries())
    assert forget(journal, {"zora"}, (), ["zora"], live=True).audit_entries == 1
    assert forget(journal, {"1"}, (), (), live=True).audit_entries == 1
    found = journal.audit.entries()
    assert [each.sequence for each in found if each.facts == NO_FACTS] == [1, 2]
    assert len(found) == before + 2
    assert first_problem(found) is None


def test_an_entry_that_was_changed_is_not_excused_by_a_later_one_that_lists_it(journal):
    chain = journal.audit.entries()
    changed = replace(chain[0], facts='{"why":"another"}')
    journal.audit.record(AuditEvent.FORGOTTEN, facts={"entries": {"1": changed.expected_hash()}})
    found = first_problem([changed, *journal.audit.entries()[1:]])
    assert (found.sequence, found.fault) == (1, AuditFault.CHANGED)


def test_what_is_left_of_a_forgotten_entry_is_as_it_was(journal):
    forget(journal, (), (), ["zora"], live=True)
    first, *others = journal.audit.entries()
    assert first_problem([first, *others]) is None
    found = first_problem([replace(first, who="mallory"), *others])
    assert (found.sequence, found.fault) == (1, AuditFault.CHANGED)


@pytest.mark.parametrize("facts", ["", "[]", '{"entries":["1"]}', '{"entries":{"1":7}}', "[" * 100_000])
def test_a_forged_entry_about_forgotten_people_lists_nothing(journal, facts):
    chain = journal.audit.entries()
    journal.audit.record(AuditEvent.FORGOTTEN)
    forged = replace(journal.audit.head(), facts=facts)
    forged = replace(forged, hash=forged.expected_hash())
    found = first_problem([replace(chain[0], facts=NO_FACTS), *chain[1:], *journal.audit.entries()[len(chain) : -1], forged])
    assert (found.sequence, found.fault) == (1, AuditFault.CHANGED)


def test_access_of_others_stays_known_although_a_rule_is_called_like_the_person(journal):
    _add(journal, EntryKind.INTENT, "add_member by zora-team", account="other", operation="1")
    _add(journal, EntryKind.GRANT, "zora-team", account="other", entitlement="g")
    _add(journal, EntryKind.NAMED, "group Zora's Team", entitlement="g")
    _add(journal, EntryKind.LINK, "a decision of ZORA", account="other", anchor="other")
    _add(journal, EntryKind.TAUGHT, "refused: manager zora", account="other")
    _add(journal, EntryKind.GRANT, "all", account="gone", entitlement="g")
    forget(journal, (), [("app", "gone")], ["zora"], live=True)
    assert _details(journal) == ["zora-team", "group Zora's Team", "forgotten"]


@pytest.mark.parametrize("why", ["asked by ÖSTERGAARD", "asked by östergaard"])
def test_a_reason_names_a_person_in_any_case(journal, why):
    journal.do("add_hold", anchor="other", target="", account="", until="2026-04-01", by="me", why=why, made=AT)
    journal.audit.record(AuditEvent.HELD, facts={"why": why})
    assert forget(journal, (), (), ["Östergaard"], live=True).audit_entries == 1
    assert "stergaard" not in journal.path.read_bytes().decode(errors="replace").casefold()
