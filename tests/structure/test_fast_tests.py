"""Which tests are fast follows from what they import, and a test without the mark `sockets` cannot open one."""

import asyncio
import importlib.util
import re
from types import SimpleNamespace

import pytest

from tests.support.effort import choose_fast
from tests.support.examples import FAST_EXAMPLES, examples
from tests.support.imports import GENERATORS, PLANNERS, ROOT, SERVERS, reached
from tests.support.sealed import SealBroken, sealed
from tests.support.selection import LONG, fast, left_out, longest_first


def written(root, **files):
    """A tree of tests: the text of each module."""
    for name, text in files.items():
        path = root.joinpath("tests", *name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_imports_are_followed_through_other_files_of_tests_and_into_functions(tmp_path):
    written(
        tmp_path,
        a__test_it="from .worlds import office\nfrom tests import b\n",
        a__worlds="def office():\n    from connectors.sandbox import host\n",
        b="import reconcile.decide.planner as planner\n",
    )
    assert {"connectors.sandbox.host", "reconcile.decide.planner"} <= reached("tests.a.test_it", tmp_path)
    assert reached("tests.b", tmp_path) == {"reconcile.decide.planner"}


def test_files_that_import_each_other_end(tmp_path):
    written(tmp_path, a="from tests import b\n", b="from tests import a\nimport socket\n")
    assert "socket" in reached("tests.a", tmp_path)


@pytest.mark.parametrize("module", sorted(SERVERS | PLANNERS | GENERATORS))
def test_module_that_decides_about_a_mark_exists(module):
    assert importlib.util.find_spec(module)


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("tests.night.test_undo", True),
        ("tests.stories.test_deltas", True),
        ("tests.laws.test_laws_of_the_night", True),
        ("tests.deciding.test_renames", False),
        ("tests.connectors.hr_csv.test_hr_csv_roundtrip", False),
    ],
)
def test_file_is_left_out_for_its_servers_and_for_plans_of_generated_companies(module, without):
    assert left_out(module) is without


class Planner:
    """Something with a method that a test would plan by."""

    @staticmethod
    def plan(given):
        return given


class Item:
    """What is asked of a collected test."""

    def __init__(self, module, function, *marks):
        self.module, self.function, self._marks = SimpleNamespace(__name__=module), function, marks

    def iter_markers(self):
        return [SimpleNamespace(name=each) for each in self._marks]


def short():
    return 1


def longer():
    one = 1
    return one + 1


def two_plans():
    return Planner.plan(Planner.plan(1))


def one_plan():
    company = 1
    first = company
    return Planner.plan(first)


def test_the_test_with_the_fewest_plans_is_fast_before_a_shorter_one():
    story, plan = Item("tests.x", two_plans, "plans"), Item("tests.x", one_plan, "plans")
    assert fast([story, plan]) == ([plan], [story])


def test_the_shortest_test_of_each_file_that_plans_is_fast_and_every_test_that_does_not():
    plain, again = Item("tests.x", short), Item("tests.x", longer)
    story, plan, other = Item("tests.y", longer, "plans"), Item("tests.y", short, "plans"), Item("tests.z", longer, "plans")
    server, slow = Item("tests.x", short, "sockets", "plans"), Item("tests.x", short, "slow")
    kept, others = fast([plain, story, server, plan, other, slow, again])
    assert kept == [plain, again, plan, other]
    assert set(others) == {story, server, slow}


def test_examples_are_few_only_in_fast_tests(monkeypatch):
    monkeypatch.delenv("RECONCILE_TESTS_FAST", raising=False)
    assert examples(60).max_examples == 60
    monkeypatch.setenv("RECONCILE_TESTS_FAST", "")
    choose_fast()
    assert (examples(60).max_examples, examples(2).max_examples) == (FAST_EXAMPLES, 2)


def test_every_number_of_examples_is_given_through_examples():
    """Numbers of their own would be those of `make test` in `make test-fast`, too; the laws are in none of its tests."""
    own = {"tests/support/examples.py", "tests/conftest.py", "tests/laws/effort.py"}
    files = {str(each.relative_to(ROOT)): each.read_text(encoding="utf-8") for each in (ROOT / "tests").rglob("*.py")}
    assert [name for name, text in files.items() if re.search(r"\bmax_examples=", text) and name not in own] == []


def test_a_test_that_imports_no_server_is_sealed():
    with sealed() as attempts, pytest.raises(SealBroken):
        asyncio.run(asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0))
    assert attempts == ["socket.bind"]


def test_process_is_refused():
    async def start():
        await asyncio.create_subprocess_exec("true")

    with sealed() as attempts, pytest.raises(SealBroken):
        asyncio.run(start())
    assert attempts == ["subprocess.Popen"]


def test_files_of_folders_that_take_long_begin_before_all_others():
    folders = ["report", *reversed(LONG), "docs"]
    assert all((ROOT / "tests" / each).is_dir() for each in folders)
    items = [SimpleNamespace(path=ROOT / "tests" / each / "test_some.py") for each in folders]
    assert [each.path.parent.name for each in longest_first(items)] == [*LONG, "report", "docs"]
