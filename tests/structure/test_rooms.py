"""Every statement lies beside the modules that name it; what several rooms ask of the store lies with the store."""

import ast
import re
from collections import defaultdict
from pathlib import Path

from reconcile.store.statements import statements, statements_of

PACKAGES = Path(__file__).parents[2]
RECONCILE = PACKAGES / "reconcile"
STORE = RECONCILE / "store"
HEAD = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


def _homes() -> dict[str, Path]:
    """The folder of each statement."""
    return {name: file.parent for file in RECONCILE.rglob("*.sql") for name in HEAD.findall(file.read_text(encoding="utf-8"))}


def _named() -> dict[str, set[Path]]:
    """The folders whose modules name each statement."""
    found: dict[str, set[Path]] = defaultdict(set)
    for module in RECONCILE.rglob("*.py"):
        for word in re.findall(r"""["']([a-z_]+)["']""", module.read_text(encoding="utf-8")):
            found[word].add(module.parent)
    return found


def test_statement_is_named_only_from_its_own_folder():
    homes, named = _homes(), _named()
    assert homes.keys() == statements().keys()
    elsewhere = {name: named[name] - {home} for name, home in homes.items() if home != STORE}
    assert {name: folders for name, folders in elsewhere.items() if folders} == {}


def test_statement_of_the_store_is_asked_for_by_the_store_or_by_several_rooms():
    homes, named = _homes(), _named()
    alone = {name for name, home in homes.items() if home == STORE and len(named[name]) == 1 and named[name] != {STORE}}
    assert alone == set()


def test_working_table_of_a_decision_is_made_once():
    """Managers of managers are followed until nobody is left: each hop makes the table anew."""
    again = re.compile(r"^(CREATE OR REPLACE (TABLE|VIEW)|DROP )", re.MULTILINE)
    decide = {name for name, home in _homes().items() if (RECONCILE / "decide") in (home, *home.parents)}
    assert {name for name in decide if again.search(statements()[name])} == {"hop_on"}


ADDED = {
    "each rule is evaluated in a step of its own, and what it grants stays": {
        "add_named_grants", "add_computed_grants", "add_named_conditional_grants", "add_computed_conditional_grants",
        "add_named_undecided_grants", "add_computed_undecided_grants", "add_unevaluated_rule", "add_unevaluated_names", "use_computed_names",
    },
    "what a rule creates or names is known to the rules after it": {
        "add_new_entitlements", "add_entitlement_names", "use_names", "rename_entitlement", "add_pending_name",
    },
    "each target is decided in a schema of its own, and rules of later ones look at it": {
        "add_projected_members", "add_projected_source_members", "add_projected_bulk_members", "add_undecided_people", "add_working_leavers",
    },
    "each source is read in a step of its own": {"add_past", "add_excluded_rows", "add_last_stated", "add_said_before"},
    "each attribute is judged in turn": {"add_unseen"},
    "few of the wide rows of everybody change: another copy would cost more than all that is decided of them": {
        "take_cleaned", "take_choices", "take_managed_values",
    },
    "those who keep a value leave the choice before the next numbers are tried": {"keep_held"},
}  # fmt: skip
"""Statements that change a working table after it was made, by the reason why one statement does not make it."""


def test_working_table_of_a_decision_is_filled_by_the_statement_that_makes_it():
    change = re.compile(r"^(INSERT|UPDATE|DELETE)\b", re.MULTILINE)
    decide = {name for name, home in _homes().items() if (RECONCILE / "decide") in (home, *home.parents)}
    assert {name for name in decide if change.search(statements()[name])} == set().union(*ADDED.values())


def test_statement_is_named_by_a_module():
    homes, named = _homes(), _named()
    # Those that make the tables and views of the store's and the journal's files are run by their file.
    schema = {*statements_of("store/schema"), *statements_of("store/views"), *statements_of("apply/journal_schema")}
    assert [name for name in homes if not named[name] and name not in schema] == []


def test_no_module_holds_a_statement_as_text():
    """What is named can be found, counted and read beside its kind; what is glued of text cannot."""
    begins = re.compile(r"\s*(SELECT|WITH|INSERT|UPDATE \w+ SET|DELETE FROM|PRAGMA|CREATE (OR REPLACE )?(TABLE|VIEW|INDEX))\s")
    found = [
        f"{module.relative_to(PACKAGES)}:{node.lineno}"
        for package in ("reconcile", "connectors", "mappings")
        for module in sorted((PACKAGES / package).rglob("*.py"))
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and begins.match(node.value)
    ]
    assert found == []
