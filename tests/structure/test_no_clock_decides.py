"""No test's verdict hangs on how fast the machine is: a test waits for an event, and one generous limit ends what hangs."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
MAY_MEASURE = {
    "support/waiting.py": "the limit itself",
    "mutation/__main__.py": "prints how long a fault took to be found",
    "sandbox/test_host.py": "a delay is at least as long as it was asked for",
}
"""The files that may look at a clock that measures, and why."""
MAY_GIVE_UP = {
    "connectors/test_http_exchange.py": "the client's own time-out is what is tested, against a server that never answers",
    "structure/test_no_clock_decides.py": "examples of what is found",
}
"""The files that may state a time-out as a number, and why."""
CLOCKS = {"monotonic", "perf_counter", "process_time", "thread_time"}
WAITS = {"wait", "join", "settimeout", "result", "wait_for", "timeout"}


def clocks(tree: ast.AST) -> Iterator[int]:
    """The lines that read a clock that measures."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            yield node.lineno


def limits(tree: ast.AST) -> Iterator[int]:
    """The lines that give up after a number of seconds of their own."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = [keyword.value for keyword in node.keywords if keyword.arg == "timeout"]
        given += node.args[-1:] if name in WAITS else []
        if any(isinstance(each, ast.Constant) and isinstance(each.value, int | float) for each in given):
            yield node.lineno


def _found(look, allowed):
    for path in sorted(TESTS.rglob("*.py")):
        name = path.relative_to(TESTS).as_posix()
        if name not in allowed:
            yield from (f"tests/{name}:{line}" for line in look(ast.parse(path.read_text(encoding="utf-8"))))


def test_no_test_reads_a_clock_that_measures():
    assert list(_found(clocks, MAY_MEASURE)) == []


def test_no_test_gives_up_after_a_number_of_seconds_of_its_own():
    assert list(_found(limits, MAY_GIVE_UP)) == []


@pytest.mark.parametrize(
    ("text", "look"),
    [
        ("began = time.monotonic()", clocks),
        ("assert time.perf_counter() - began < 2", clocks),
        ("process.wait(30)", limits),
        ("process.wait(timeout=30)", limits),
        ("httpx.get(url, timeout=5)", limits),
        ("await asyncio.wait_for(work(), 5)", limits),
        ("thread.join(5)", limits),
    ],
)
def test_such_a_line_is_found(text, look):
    assert list(look(ast.parse(f"async def one():\n    {text}"))) == [2]
