"""What `why` says of thirteen kinds of person, word for word.

The golden files are what a colleague should read. `UPDATE_GOLDEN=1 pytest tests/why` writes them anew; read the difference before it is
committed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from reconcile.errors import NobodyKnownAs, SeveralKnownAs
from reconcile.plan.explanation import Explanation
from reconcile.report.formats.why import explained
from tests.support.companies.engine import lab
from tests.support.companies.explained import COMPANY, GONE, HALF_READ, JOINED
from tests.support.companies.world import World

GOLDEN = Path(__file__).parent / "golden"
KINDS = {
    "new": (COMPANY, "1001"),
    "unchanged": (COMPANY, "1002"),
    "renamed": (COMPANY, "1003"),
    "moved": (COMPANY, "1004"),
    "on_leave": (COMPANY, "1005"),
    "leaver": (COMPANY, "1006"),
    "returner": (COMPANY, "1007"),
    "twin": (COMPANY, "1008"),
    "protected": (COMPANY, "1010"),
    "ambiguous": (COMPANY, "1011"),
    "frozen": (HALF_READ, "1002"),
    "foreign": (COMPANY, "printer@x"),
    "joined": (JOINED, "C7"),
}


def why(world: World, who: str, folder: Path, *, bulk: bool = False) -> Explanation:
    """After a whole night, and where the world breaks off somewhere, after another night that does."""
    with lab(replace(world, broken=frozenset()), folder) as bench:
        bench.extract()
        if world.broken:
            bench.world = world
            bench.break_off()
            bench.extract()
        return bench.why(who, bulk=bulk)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Explanation]:
    """Explains a kind of person; each once."""
    return cache(lambda kind: why(*KINDS[kind], tmp_path_factory.mktemp(kind)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_person_is_explained_as_a_colleague_would(kind: str, usual: Callable[[str], Explanation]) -> None:
    found = explained(usual(kind), width=120, colour=False)
    text = "\n".join(line for line in found.splitlines() if not line.startswith("As of ")) + "\n"
    golden = GOLDEN / f"{kind}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_explanation_is_the_same_where_operations_are_read_from_a_file(
    kind: str, tmp_path: Path, usual: Callable[[str], Explanation]
) -> None:
    world, who = KINDS[kind]
    assert why(world, who, tmp_path / "bulk", bulk=True) == usual(kind)
    assert not list(tmp_path.glob("**/scratch"))


@pytest.mark.parametrize("who", ["1004", "milo@x", "MILO@X", "u1004", "Milo Mover"])
def test_person_is_found_by_anchor_login_address_account_or_name(who: str, tmp_path: Path) -> None:
    assert why(COMPANY, who, tmp_path).anchor == "1004"


def test_account_matched_by_key_alone_is_explained_with_its_person(tmp_path: Path) -> None:
    assert why(COMPANY, "ambi.g@x", tmp_path).who == "ambi.g@x"


def test_name_shared_by_several_people_is_not_explained_and_lists_them(tmp_path: Path) -> None:
    with pytest.raises(SeveralKnownAs, match="1008, 1009"):
        why(COMPANY, "twin@x", tmp_path)


def test_unknown_name_is_reported_as_unknown(tmp_path: Path) -> None:
    with pytest.raises(NobodyKnownAs, match="'nobody@x'"):
        why(COMPANY, "nobody@x", tmp_path)


def test_number_of_a_leaver_finds_the_leaver_and_not_the_people_they_managed(tmp_path: Path) -> None:
    assert why(GONE, "1003", tmp_path).anchor == "1003"
