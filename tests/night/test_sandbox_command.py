"""What the command that starts local systems says of a port or a file that it cannot use."""

import itertools
import json
import signal
import socket
import stat
import subprocess
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from .night_worlds import reconcile

SEEDS = {
    "not JSON": b"{users:",
    "not UTF-8": b"\xff\xfe\x00",
    "a list": b"[1, 2]",
    "users that are a number": json.dumps({"users": 5}).encode(),
    "nested too deeply": b"[" * 200_000,
}


@pytest.mark.parametrize("option", ["--okta-seed", "--scim-seed"])
@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
def test_a_seed_that_cannot_be_used_is_named_with_its_file(tmp_path, seed, option):
    path = tmp_path / "seed.json"
    path.write_bytes(seed)
    ended = reconcile("sandbox", "--okta-port", "0", "--scim-port", "0", option, str(path))
    assert ended.code == 2
    assert ended.err.startswith(f"{path}: not a seed (")
    assert len(ended.err) < 500


def test_a_dialect_that_no_application_has_is_named_with_those_that_there_are():
    ended = reconcile("sandbox", "--okta-port", "0", "--scim-port", "0", "--scim-dialect", "slak")
    assert ended.code == 2
    assert "'slak' is none of atlassian, aws-iam-identity-center," in ended.err


@pytest.mark.parametrize("option", ["--okta-port", "--scim-port"])
def test_a_port_that_is_taken_is_named_with_its_option(option):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        other = "--scim-port" if option == "--okta-port" else "--okta-port"
        ended = reconcile("sandbox", option, str(port), other, "0")
    assert ended.code == 2
    assert ended.err.startswith(f"127.0.0.1:{port}: cannot be listened on (")
    assert f"give another port with {option}" in ended.err


def test_a_sandbox_with_a_company_writes_a_project_that_check_accepts(tmp_path):
    """In a process of its own, as a person starts it: it says where it listens, and ends at a signal."""
    folder = tmp_path / "people"
    words = ("sandbox", "--company", "40", "--write", str(folder), "--okta-port", "0", "--scim-port", "0")
    command = [sys.executable, "-u", "-m", "reconcile", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        said = list(itertools.takewhile(lambda line: not line.startswith("Ctrl-C"), started.stdout))
        try:
            assert said[-1] == f"  reconcile --project {folder} check\n"
            today = datetime.now(ZoneInfo("Europe/Berlin")).date()
            checked = reconcile("--project", str(folder), "check", today=today)
            assert (checked.code, checked.err) == (0, ""), checked.out
        finally:
            started.send_signal(signal.SIGINT)
    assert started.returncode == 0
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder / "secrets").iterdir()} == {"okta": 0o600, "wiki": 0o600}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--company", "39"), "39 is not in the range"),
        (("--write", "people"), "give --company 40, too"),
        (("--company", "40", "--scim-dialect", "slack"), "without --okta-seed, --scim-seed and --scim-dialect"),
    ],
)
def test_options_that_contradict_each_other_are_named(words, said):
    ended = reconcile("sandbox", *words)
    assert ended.code == 2
    assert said in ended.err


def test_a_folder_that_holds_something_is_not_written_into(tmp_path):
    (tmp_path / "mine").write_text("", encoding="utf-8")
    ended = reconcile("sandbox", "--company", "40", "--write", str(tmp_path))
    assert ended.code == 2
    assert "is not empty; nothing was overwritten" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
