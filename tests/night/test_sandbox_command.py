"""What the command that starts local systems says of a port or a file that it cannot use."""

import json
import socket

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
