"""What holds for every sandboxed system: recording, faults, control by another process, and an end."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from connectors.sandbox.host import Fault, FaultKind, Sandbox, WireAnswer, WireRequest, running
from connectors.sandbox.recorder import RequestOutcome
from tests.support.waiting import LIMIT, until


class Counter:
    """The smallest system: POST counts, GET tells."""

    def __init__(self) -> None:
        self.count = 0

    async def answer(self, request: WireRequest) -> WireAnswer:
        if request.method == "POST":
            self.count += 1
        content = {
            "count": self.count,
            "path": request.path,
            "segments": request.segments,
            "params": request.params,
            "base": request.base_url,
        }
        headers = [("Content-Type", "application/json"), ("Link", "<a>"), ("Link", "<b>")]
        return WireAnswer(status=200, headers=headers, body=json.dumps(content).encode())

    def state(self) -> object:
        return {"count": self.count}

    def seed(self, state: object) -> None:
        if not isinstance(state, dict):
            raise ValueError("a counter's state is an object")  # noqa: TRY004 - what WireApp.seed promises
        self.count = state["count"]


@pytest.fixture
def sandbox():
    with running(Counter()) as sandbox:
        yield sandbox


def get(sandbox: Sandbox, path: str = "/x", method: str = "GET", **kwargs) -> httpx.Response:
    return httpx.request(method, sandbox.url + path, timeout=LIMIT, **kwargs)


def test_repeated_headers_arrive_as_separate_lines(sandbox):
    assert get(sandbox).headers.get_list("link") == ["<a>", "<b>"]


def test_the_path_and_the_query_arrive_as_they_were_sent(sandbox):
    answer = get(sandbox, "/users/a%2Fb%40x?q=a+b&q=%2B&e=").json()
    assert answer["path"] == "/users/a%2Fb%40x"
    assert answer["segments"] == ["users", "a/b@x"]
    assert answer["params"] == [["q", "a b"], ["q", "+"], ["e", ""]]
    assert answer["base"] == sandbox.url


def test_requests_are_recorded_without_secret_headers(sandbox):
    get(sandbox, "/x?y=1", "POST", content=b"body", headers={"Authorization": "SSWS geheim", "If-Match": "tag"})
    (recorded,) = sandbox.requests()
    assert (recorded.method, recorded.path, recorded.query, recorded.body, recorded.status) == ("POST", "/x", "y=1", "body", 200)
    assert recorded.headers["if-match"] == "tag"
    assert "geheim" not in repr(recorded)
    sandbox.forget_requests()
    assert sandbox.requests() == []


def test_reading_and_fetching_a_token_are_no_writes(sandbox):
    for method, path in [("GET", "/x"), ("HEAD", "/x"), ("POST", "/oauth2/v1/token"), ("POST", "/x"), ("DELETE", "/x")]:
        get(sandbox, path, method)
    assert [(write.method, write.path) for write in sandbox.writes()] == [("POST", "/x"), ("DELETE", "/x")]


def test_a_fault_strikes_after_so_many_matches_so_many_times(sandbox):
    sandbox.add_fault(Fault(FaultKind.STATUS, method="POST", path=r"x\?a", after=1, times=2, status=500, body="no"))
    statuses = [get(sandbox, "/x?a=1", "POST").status_code for _ in range(4)]
    assert statuses == [200, 500, 500, 200]
    assert get(sandbox, "/x?b=1", "POST").status_code == 200
    assert sandbox.app.state() == {"count": 3}


def test_cleared_faults_strike_no_more(sandbox):
    sandbox.add_fault(Fault(FaultKind.STATUS))
    assert get(sandbox).status_code == 503
    sandbox.clear_faults()
    assert get(sandbox).status_code == 200


def test_a_status_after_executing_hides_that_the_write_happened(sandbox):
    sandbox.add_fault(Fault(FaultKind.STATUS_AFTER, status=502))
    assert get(sandbox, method="POST").status_code == 502
    assert sandbox.app.state() == {"count": 1}


@pytest.mark.parametrize(("kind", "count", "status"), [(FaultKind.DROP_BEFORE, 0, None), (FaultKind.DROP_AFTER, 1, 200)])
def test_a_dropped_connection_ends_without_an_answer(sandbox, kind, count, status):
    sandbox.add_fault(Fault(kind, times=1))
    with pytest.raises(httpx.TransportError):
        get(sandbox, method="POST")
    assert sandbox.app.state() == {"count": count}
    (recorded,) = sandbox.requests()
    assert (recorded.outcome, recorded.status) == (RequestOutcome.DROPPED, status)
    assert get(sandbox).status_code == 200


def test_latency_waits_and_other_faults_still_apply(sandbox):
    sandbox.add_fault(Fault(FaultKind.LATENCY, seconds=0.05))
    sandbox.add_fault(Fault(FaultKind.STATUS, status=500))
    started = time.monotonic()
    assert get(sandbox).status_code == 500
    assert time.monotonic() - started >= 0.04


@pytest.mark.parametrize("kind", [FaultKind.LATENCY, FaultKind.DROP_AFTER])
def test_a_delayed_request_goes_on_when_the_faults_are_cleared(sandbox, kind):
    sandbox.add_fault(Fault(kind, seconds=LIMIT))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(get, sandbox, method="POST")
        until(lambda: sandbox._in_flight)
        assert sandbox.requests() == []
        sandbox.clear_faults()
        dropped = isinstance(answer.exception(), httpx.TransportError)
    assert dropped is (kind is FaultKind.DROP_AFTER)
    assert sandbox.app.state() == {"count": 1}


def test_a_replaced_body_keeps_the_other_headers(sandbox):
    sandbox.add_fault(Fault(FaultKind.BODY, body="<html>", headers={"content-type": "text/html"}))
    answer = get(sandbox)
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, "<html>", "text/html")
    assert answer.headers.get_list("link") == ["<a>", "<b>"]


def test_a_redirect_is_answered_without_executing(sandbox):
    sandbox.add_fault(Fault(FaultKind.REDIRECT, headers={"Location": "http://elsewhere.example/"}))
    answer = get(sandbox, method="POST")
    assert (answer.status_code, answer.headers["location"]) == (302, "http://elsewhere.example/")
    assert sandbox.app.state() == {"count": 0}


def test_a_fault_whose_path_is_no_regular_expression_is_refused():
    with pytest.raises(ValueError, match="regular expression"):
        Fault(FaultKind.STATUS, path="(")


def test_another_process_can_steer_it_and_leaves_no_trace(sandbox):
    assert get(sandbox, "/_sandbox/state", "PUT", json={"count": 7}).status_code == 204
    assert get(sandbox, "/_sandbox/state").json() == {"count": 7}
    assert get(sandbox, "/_sandbox/faults", "POST", json={"kind": "status", "status": 418}).status_code == 204
    assert get(sandbox, "/x").status_code == 418
    assert get(sandbox, "/_sandbox/faults", "DELETE").status_code == 204
    assert get(sandbox, "/y").status_code == 200
    recorded = get(sandbox, "/_sandbox/requests").json()
    assert [(request["path"], request["status"], request["outcome"]) for request in recorded] == [
        ("/x", 418, "answered"),
        ("/y", 200, "answered"),
    ]
    assert get(sandbox, "/_sandbox/requests", "DELETE").status_code == 204
    assert sandbox.requests() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "faults", b"{", 400),
        ("POST", "faults", b'{"kind": "earthquake"}', 400),
        ("POST", "faults", b'{"kind": "status", "path": "("}', 400),
        ("PUT", "state", b"[]", 400),
        ("GET", "nonsense", b"", 404),
    ],
)
def test_control_refuses_what_it_cannot_use(sandbox, method, path, body, status):
    assert get(sandbox, "/_sandbox/" + path, method, content=body).status_code == status


def test_eight_connections_are_served_at_once(sandbox):
    sandbox.add_fault(Fault(FaultKind.LATENCY, seconds=LIMIT))
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(get, sandbox) for _ in range(8)]
        until(lambda: sandbox._in_flight == 8)
        sandbox.clear_faults()
    assert [answer.result().status_code for answer in answers] == [200] * 8


def test_it_stops_with_its_context_and_frees_port_and_thread():
    before = set(threading.enumerate())
    with running(Counter()) as sandbox, httpx.Client() as kept_alive:
        assert kept_alive.get(sandbox.url).status_code == 200
        port = int(sandbox.url.rsplit(":", 1)[1])
        with pytest.raises(OSError), running(Counter(), port=port):
            pass
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=LIMIT)
    assert not [thread for thread in threading.enumerate() if thread not in before and thread.name == "sandbox"]
    sandbox.stop()
