"""What a fresh machine installs is decided by the lock alone: it is closed, hashed, and installed without resolving.

pip with --no-deps and --require-hashes takes what a file names, in that version and with one of those bytes, or fails: what an index
offers beside or later than that is never looked at. That is enough only where the file names everything that is needed.
"""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from .lock import Pin, environment, gaps, installed_requirements, needed, read_lock, this_environment

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
BUILD = [line for line in (ROOT / "requirements-build.in").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
RUN_ROOTS = {
    "pyproject.toml": [*PROJECT["project"]["dependencies"], *EXTRAS["sandbox"]],
    "requirements-build.in": [*BUILD, *PROJECT["build-system"]["requires"]],
}
ROOTS = {"requirements.txt": RUN_ROOTS, "requirements-dev.txt": {**RUN_ROOTS, "extra dev": EXTRAS["dev"]}}
LOCKS = {name: read_lock(ROOT / name) for name in ROOTS}
ENVIRONMENTS = {
    f"{python} {platform}": environment(python, platform)
    for python in ("3.11", "3.12", "3.13", "3.14")
    for platform in ("linux", "darwin", "win32")
}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("where", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
@pytest.mark.parametrize("name", LOCKS)
def test_lock_meets_every_requirement_of_the_project_and_of_what_it_pins(name, where):
    assert gaps(LOCKS[name], ROOTS[name], where, installed_requirements) == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_is_needed_somewhere_and_missed_where_it_is_taken_out(name):
    lock = LOCKS[name]
    found = {pin for where in ENVIRONMENTS.values() for pin in needed(lock, ROOTS[name], where, installed_requirements)}
    assert found == set(lock)
    for pin in lock:
        shorter = {other: held for other, held in lock.items() if other != pin}
        missed = (gap for where in ENVIRONMENTS.values() for gap in gaps(shorter, ROOTS[name], where, installed_requirements))
        assert any(gap.endswith(f"the lock has no {pin}") for gap in missed), pin


def test_a_pin_below_or_above_what_is_asked_is_told_with_who_asks():
    lock = LOCKS["requirements-dev.txt"]
    where = ENVIRONMENTS["3.11 linux"]
    for version in ("1.10", "3.0"):
        other = {**lock, "pydantic": Pin(Version(version), None)}
        told = gaps(other, ROOTS["requirements-dev.txt"], where, installed_requirements)
        assert f"pyproject.toml asks for pydantic<3,>=2.10, and the lock has pydantic {version}" in told


def test_what_an_extra_asks_for_is_missed():
    """`pydantic[email]` of scim2-models: without e-mail addresses in the lock pip resolved it to whatever was newest."""
    lock = {name: pin for name, pin in LOCKS["requirements.txt"].items() if name != "email-validator"}
    told = gaps(lock, RUN_ROOTS, ENVIRONMENTS["3.11 linux"], installed_requirements)
    assert [gap for gap in told if gap.startswith("pydantic[email] asks for email-validator")]


def test_a_pin_for_another_platform_does_not_count():
    where = ENVIRONMENTS["3.11 win32"]
    lock, roots = LOCKS["requirements-dev.txt"], ROOTS["requirements-dev.txt"]
    assert gaps(lock, roots, where, installed_requirements) == []
    elsewhere = {**lock, "colorama": Pin(lock["colorama"].version, Requirement("x; sys_platform == 'linux'").marker)}
    assert any(gap.endswith("the lock has no colorama") for gap in gaps(elsewhere, roots, where, installed_requirements))


def test_both_locks_pin_the_same_versions():
    dev = LOCKS["requirements-dev.txt"]
    assert {name: dev[name].version for name in LOCKS["requirements.txt"]} == {
        name: pin.version for name, pin in LOCKS["requirements.txt"].items()
    }


def test_the_environment_is_what_the_lock_says():
    """The requirements of the pins are read from what is installed, which has to be those pins."""
    here = {name: str(pin.version) for name, pin in LOCKS["requirements-dev.txt"].items() if pin.applies(this_environment())}
    assert {name: metadata.version(name) for name in here} == here


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]
    assert len(pins) == len(LOCKS[name])
    assert [pin.partition(" ")[0] for pin in pins if "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize("name", LOCKS)
def test_the_makefile_installs_each_lock_with_hashes_and_without_resolving(name):
    (command,) = [line for line in MAKEFILE.splitlines() if re.search(rf"pip install .*-r {re.escape(name)}$", line)]
    assert "--require-hashes" in command
    assert "--no-deps" in command


def test_nothing_else_is_installed_with_its_dependencies():
    commands = [line for line in MAKEFILE.splitlines() if "pip install" in line]
    assert len(commands) == 3
    assert [command for command in commands if "--no-deps" not in command] == []
    (own,) = [command for command in commands if " -e ." in command]
    assert "--no-build-isolation" in own
