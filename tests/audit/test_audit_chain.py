"""The audit shows every way in which somebody may have edited it, and names the first bad entry."""

import contextlib
import hashlib
import json
import random
import sqlite3
from dataclasses import replace

import pytest

from connectors.cleaning import MARK, remember
from reconcile.apply.audit import GENESIS, MOST_FACTS, AuditEvent
from reconcile.apply.audit_check import AuditFault, first_problem
from reconcile.apply.journal import Journal
from reconcile.apply.journal_file import FILE
from reconcile.caller import user_name

COUNT = 7


@pytest.fixture
def kept(tmp_path):
    """A state folder with an audit of COUNT entries."""
    with contextlib.closing(Journal(tmp_path)) as journal:
        for number, event in zip(range(COUNT), [*AuditEvent, *AuditEvent], strict=False):
            journal.audit.record(event, plan=f"{number:064x}", run=f"run {number}", facts={"why": f"because {number}", "ä": [number, None]})
    return tmp_path


def entries(state):
    with contextlib.closing(Journal(state)) as journal:
        return journal.audit.entries()


def rehashed(chain, start):
    """The entries with hashes made anew from a place on, as an attacker would who knows how they are made."""
    made, before = chain[:start], chain[start - 1].hash if start else GENESIS
    for number, entry in enumerate(chain[start:], start + 1):
        said = [number, entry.at, entry.event, entry.who, entry.plan, entry.run, entry.facts, before]
        text = json.dumps(said, separators=(",", ":"), ensure_ascii=True)
        before = hashlib.sha256(text.encode()).hexdigest()
        made.append(replace(entry, sequence=number, previous=said[-1], hash=before))
    return made


def test_entries_as_recorded_are_intact_and_their_hashes_are_sha256_over_what_they_say(kept):
    chain = entries(kept)
    assert first_problem(chain, [each.hash for each in chain]) is None
    assert chain == rehashed(chain, 0)
    assert {each.who for each in chain} == {user_name()}


@pytest.mark.parametrize("place", range(COUNT))
@pytest.mark.parametrize("part", ["at", "event", "who", "plan", "run", "facts"])
def test_changed_entry_is_named(kept, place, part):
    chain = entries(kept)
    chain[place] = replace(chain[place], **{part: f"{getattr(chain[place], part)} "})
    found = first_problem(chain)
    assert (found.sequence, found.fault) == (place + 1, AuditFault.CHANGED)


@pytest.mark.parametrize("place", range(COUNT - 1))
def test_changed_entry_with_a_hash_made_anew_is_named_by_the_one_that_followed_it(kept, place):
    chain = entries(kept)
    other = rehashed([*chain[:place], replace(chain[place], who="mallory")], place)[place]
    chain[place] = other
    found = first_problem(chain)
    assert (found.sequence, found.fault) == (place + 2, AuditFault.OUT_OF_CHAIN)


@pytest.mark.parametrize("place", range(COUNT))
def test_removed_entry_is_named_and_at_the_end_by_its_head_alone(kept, place):
    chain = entries(kept)
    head = chain[-1].hash
    del chain[place]
    if place == COUNT - 1:
        assert first_problem(chain) is None
    found = first_problem(chain, [head])
    assert (found.sequence, found.fault) == (place + 1, AuditFault.HEAD_MISSING if place == COUNT - 1 else AuditFault.MISSING)


@pytest.mark.parametrize("place", range(COUNT))
def test_inserted_entry_is_named_or_the_one_that_followed(kept, place):
    chain = entries(kept)
    guest = rehashed([*chain[:place], replace(chain[0], who="mallory")], place)[place]
    moved = [replace(each, sequence=each.sequence + 1) for each in chain[place:]]
    found = first_problem([*chain[:place], guest, *moved])
    assert (found.sequence, found.fault) == (place + 2, AuditFault.OUT_OF_CHAIN)


def test_order_that_was_changed_is_named_at_the_first_entry_that_moved(kept):
    chain, generator = entries(kept), random.Random(5)
    for _ in range(50):
        order = generator.sample(range(COUNT), COUNT)
        if order == sorted(order):
            continue
        mixed = [replace(chain[was], sequence=now + 1) for now, was in enumerate(order)]
        found = first_problem(mixed)
        assert (found.sequence, found.fault) == (next(n for n, was in enumerate(order) if n != was) + 1, AuditFault.OUT_OF_CHAIN)


@pytest.mark.parametrize("place", range(COUNT))
def test_chain_made_anew_from_any_entry_on_lacks_the_head_that_was_kept(kept, place):
    chain = entries(kept)
    forged = rehashed([*chain[:place], replace(chain[place], who="mallory"), *chain[place + 1 :]], place)
    assert first_problem(forged) is None
    assert first_problem(forged, [chain[-1].hash]).fault is AuditFault.HEAD_MISSING


def test_entry_is_neither_changed_nor_removed_by_accident(kept):
    with contextlib.closing(sqlite3.connect(kept / FILE)) as file:
        for statement in ("UPDATE audit SET who = 'mallory' WHERE sequence = 3", "DELETE FROM audit WHERE sequence = 7"):
            with pytest.raises(sqlite3.IntegrityError, match=r"audit_(changed|removed)"):
                file.execute(statement)


def test_entry_of_what_is_rolled_back_is_rolled_back_with_it(kept):
    with contextlib.closing(Journal(kept)) as journal:
        with contextlib.suppress(ZeroDivisionError), journal.transaction():
            journal.audit.record(AuditEvent.HELD)
            raise ZeroDivisionError
        assert len(journal.audit.entries()) == COUNT


def test_facts_are_bounded_and_hold_no_secret_of_this_process(kept):
    remember("s3cret-of-the-audit")
    with contextlib.closing(Journal(kept)) as journal:
        short = journal.audit.record(AuditEvent.HELD, facts={"why": "it is s3cret-of-the-audit"})
        long = journal.audit.record(AuditEvent.HELD, facts={"why": "x" * MOST_FACTS})
    assert (json.loads(short.facts)["why"], set(json.loads(long.facts))) == (f"it is {MARK}", {"characters", "sha256"})
    assert first_problem(entries(kept)) is None
