"""What one exchange sends, what it refuses to send, and what it believes of the answer."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, closing

import pytest
from aiohttp import web

from connectors.errors import BadResponse, RateLimited, Unauthorised, Uncertain, Unreachable
from connectors.http.budget import Budget
from connectors.http.client import Http
from connectors.http.request import Request
from connectors.http.retry import RetryPolicy

TOKEN = "SSWS 00-very-secret"


async def no_wait(_seconds: float) -> None:
    await asyncio.sleep(0)


async def authorised(_method: str, _url: str) -> dict[str, str]:
    return {"Authorization": TOKEN}


@asynccontextmanager
async def serving(answer: Callable[[web.Request], Awaitable[web.StreamResponse]], **settings):
    """A client of a server that answers every request with `answer`; `seen` lists the requests as they arrive."""
    seen: list[web.Request] = []

    async def noted(request: web.Request) -> web.StreamResponse:
        await request.read()
        seen.append(request)
        return await answer(request)

    application = web.Application()
    application.router.add_route("*", "/{any:.*}", noted)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    http = client(f"http://127.0.0.1:{runner.addresses[0][1]}", **settings)
    try:
        yield http, seen
    finally:
        await http.close()
        await runner.cleanup()


def client(url: str, **settings) -> Http:
    given = {"authorization": authorised, "budget": Budget(sleep=no_wait), "user_agent": "tests", "patience": RetryPolicy(attempts=4)}
    return Http("acme", url, **{**given, **settings})


def unused_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def fine(_request: web.Request) -> web.StreamResponse:
    return web.json_response({"ok": True})


def in_turn(*answers):
    """Answers the first request with the first, and so on; the last one from then on."""
    left = list(answers)

    async def answer(request: web.Request) -> web.StreamResponse:
        chosen = left.pop(0) if len(left) > 1 else left[0]
        return await chosen(request)

    return answer


def status(code: int, **headers: str):
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=b"")

    return answer


async def drop(request: web.Request) -> web.StreamResponse:
    request.transport.abort()
    return web.Response()


def test_a_request_carries_its_authorisation_body_and_parameters():
    async def story():
        async with serving(fine, headers={"Accept": "application/json"}) as (http, seen):
            answer = await http.send("POST", "/a b/c", repeatable=False, params={"q": 'x eq "é+"'}, json={"n": None})
            assert answer.json() == {"ok": True}
            (request,) = seen
            assert request.headers["Authorization"] == TOKEN
            assert request.query["q"] == 'x eq "é+"'
            assert await request.read() == b'{"n":null}'
            assert request.headers["Content-Type"] == "application/json"
            assert request.headers["User-Agent"] == "tests"

    asyncio.run(story())


def test_a_request_does_not_show_its_body():
    request = Request("POST", "https://a.example/token", {}, b"client_secret=very-secret", {}, "", repeatable=True, what="POST /token of a")
    assert "POST /token of a" in repr(request)
    assert "very-secret" not in repr(request)


def test_a_post_without_a_body_states_its_length():
    async def story():
        async with serving(fine) as (http, seen):
            await http.send("POST", "/lifecycle", repeatable=True)
            assert seen[0].headers["Content-Length"] == "0"

    asyncio.run(story())


@pytest.mark.parametrize(
    "url", ["http://acme.example.com", "ftp://acme", "https://user@acme.example.com", "https://acme?x=1", "acme.example.com"]
)
def test_an_address_that_is_not_safe_is_refused(url):
    with pytest.raises(ValueError, match="acme"):
        client(url)


def test_a_redirect_is_not_followed_and_names_where_it_points():
    async def story():
        async with serving(status(302, Location="https://login.example.com/?secret=1")) as (http, seen):
            with pytest.raises(BadResponse, match=re.escape("https://login.example.com;")):
                await http.send("GET", "/users", repeatable=True)
            assert len(seen) == 1

    asyncio.run(story())


def test_a_part_of_an_answer_is_no_answer_to_a_read():
    async def story():
        async with serving(status(206)) as (http, seen):
            with pytest.raises(BadResponse, match="with a part of what was asked for"):
                await http.send("GET", "/users", repeatable=True)
            assert (await http.send("POST", "/users", repeatable=False)).status == 206
            assert len(seen) == 2

    asyncio.run(story())


@pytest.mark.parametrize(
    "where",
    ["https://127.0.0.1:{port}/x", "http://evil.example.com/x", "http://me@127.0.0.1:{port}/x", "http://127.0.0.1:1/x", "http://[x/"],
)
def test_a_url_outside_the_own_origin_is_never_asked(where):
    async def story():
        async with serving(fine) as (http, seen):
            with pytest.raises(BadResponse, match="not asked"):
                await http.send("GET", where.format(port=http.base_url.rpartition(":")[2]), repeatable=True)
            assert not seen
            assert (await http.send("GET", http.base_url + "/next?after=x", repeatable=True)).status == 200

    asyncio.run(story())


def test_a_page_for_people_is_no_json():
    async def page(_request):
        return web.Response(body=b"<html>please sign in</html>", content_type="text/html")

    async def story():
        async with serving(page) as (http, _):
            answer = await http.send("GET", "/users", repeatable=True)
            with pytest.raises(BadResponse, match="27 bytes that are not JSON"):
                answer.json()

    asyncio.run(story())


def test_a_body_without_end_is_given_up():
    async def endless(request):
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"x" * 1000)
        return response

    async def story():
        async with serving(endless, longest_body=5000) as (http, _):
            with pytest.raises(BadResponse, match="longer than 5000"):
                await http.send("GET", "/", repeatable=True)
            with pytest.raises(Uncertain, match="longer than 5000"):
                await http.send("POST", "/", repeatable=False)

    asyncio.run(story())


def test_cookies_of_a_system_are_not_sent_back():
    async def story():
        async with serving(status(200, Set_Cookie="sid=1; Path=/")) as (http, seen):
            await http.send("GET", "/", repeatable=True)
            await http.send("GET", "/", repeatable=True)
            assert "Cookie" not in seen[1].headers

    asyncio.run(story())


def test_repeated_header_lines_are_all_kept():
    async def two_links(_request):
        response = web.Response()
        response.headers.add("Link", '<a>; rel="self"')
        response.headers.add("Link", '<b>; rel="next"')
        return response

    async def story():
        async with serving(two_links) as (http, _):
            answer = await http.send("GET", "/", repeatable=True)
            assert answer.headers.all("link") == ['<a>; rel="self"', '<b>; rel="next"']

    asyncio.run(story())


@pytest.mark.parametrize("failure", [status(500), status(502), status(503), status(504), drop])
def test_what_is_repeatable_is_tried_again(failure):
    async def story():
        async with serving(in_turn(failure, failure, fine)) as (http, seen):
            assert (await http.send("GET", "/", repeatable=True)).status == 200
            assert len(seen) == 3

    asyncio.run(story())


@pytest.mark.parametrize("failure", [status(500), status(503), drop])
def test_patience_ends_with_unreachable(failure):
    async def story():
        async with serving(failure) as (http, seen):
            with pytest.raises(Unreachable):
                await http.send("GET", "/", repeatable=True)
            assert len(seen) == 4

    asyncio.run(story())


@pytest.mark.parametrize("failure", [status(500), status(503, Retry_After="1"), drop])
def test_what_is_not_repeatable_is_sent_once_and_its_outcome_is_uncertain(failure):
    async def story():
        async with serving(failure) as (http, seen):
            with pytest.raises(Uncertain):
                await http.send("POST", "/users", repeatable=False, json={})
            assert len(seen) == 1

    asyncio.run(story())


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_slow_answer_is_cut_off(repeatable):
    async def slow(_request):
        await asyncio.Event().wait()

    async def story():
        async with serving(slow, timeout=1, patience=RetryPolicy(attempts=2)) as (http, seen):
            with pytest.raises(Unreachable if repeatable else Uncertain):
                await http.send("PUT", "/", repeatable=repeatable)
            assert len(seen) == (2 if repeatable else 1)

    asyncio.run(story())


def test_a_connection_that_never_stood_is_tried_again_even_for_a_create():
    async def story():
        waits = []

        async def noted(seconds):
            waits.append(seconds)

        http = client(f"http://127.0.0.1:{unused_port()}", budget=Budget(sleep=noted))
        with pytest.raises(Unreachable, match="cannot be reached"):
            await http.send("POST", "/users", repeatable=False)
        assert len(waits) == 3
        await http.close()

    asyncio.run(story())


def test_when_a_system_is_down_for_good_most_requests_fail_at_once():
    async def story():
        async with serving(status(503)) as (http, seen):
            for _ in range(40):
                with pytest.raises(Unreachable):
                    await http.send("GET", "/", repeatable=True)
            assert len(seen) < 80

    asyncio.run(story())


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_rate_limit_is_waited_out(repeatable):
    async def story():
        waits = []

        async def noted(seconds):
            waits.append(seconds)

        budget = Budget(clock=lambda: sum(waits), sleep=noted)
        async with serving(in_turn(status(429, Retry_After="7"), fine), budget=budget) as (http, seen):
            assert (await http.send("POST", "/", repeatable=repeatable)).status == 200
            assert 7 <= sum(waits) < 8
            assert len(seen) == 2

    asyncio.run(story())


def test_a_wait_beyond_patience_is_not_waited():
    async def story():
        async with serving(status(429, Retry_After="9999")) as (http, seen):
            with pytest.raises(RateLimited):
                await http.send("GET", "/", repeatable=True)
            assert len(seen) == 1

    asyncio.run(story())


def test_too_many_at_once_is_tried_again_soon():
    async def story():
        zero = {"X_Rate_Limit_Limit": "0", "X_Rate_Limit_Remaining": "0", "X_Rate_Limit_Reset": "4102444800"}
        async with serving(in_turn(status(429, **zero), fine)) as (http, seen):
            assert (await http.send("GET", "/", repeatable=True)).status == 200
            assert len(seen) == 2

    asyncio.run(story())


@pytest.mark.parametrize("code", [200, 204, 304, 400, 401, 403, 404, 409, 412, 423, 501])
def test_every_other_status_is_the_callers_to_judge(code):
    async def story():
        async with serving(status(code)) as (http, seen):
            assert (await http.send("POST", "/", repeatable=False)).status == code
            assert len(seen) == 1

    asyncio.run(story())


def test_no_error_shows_the_secret():
    async def in_two_lines(_method, _url):
        return {"Authorization": TOKEN + "\nsecond line"}

    async def story():
        failures = [status(500), status(302, Location="http://x"), status(429, Retry_After="9999"), drop]
        for failure in failures:
            async with serving(failure) as (http, _):
                for repeatable in (True, False):
                    with pytest.raises((Unreachable, Uncertain, BadResponse, RateLimited)) as caught:
                        await http.send("POST", "/", repeatable=repeatable)
                    assert "very-secret" not in f"{caught.value} {caught.value!r} {caught.value.__dict__} {caught.value.__cause__!r}"
                assert "very-secret" not in repr(http)
        async with serving(fine, authorization=in_two_lines) as (http, seen):
            with pytest.raises(Unauthorised, match="single line") as caught:
                await http.send("GET", "/", repeatable=True)
            assert "very-secret" not in repr(caught.value)
            assert not seen

    asyncio.run(story())


def test_no_more_than_the_agreed_number_are_in_flight():
    async def story():
        now, most, full = 0, 0, asyncio.Event()

        async def counted(_request):
            nonlocal now, most
            now += 1
            most = max(most, now)
            if now == 3:
                full.set()
            if len(seen) > 1:  # the first goes alone: its answer tells the limit
                await full.wait()
            await asyncio.sleep(0.01)  # time for one too many to arrive
            now -= 1
            return web.Response()

        async with serving(counted, in_flight=3) as (http, seen):
            await asyncio.gather(*(http.send("GET", "/", repeatable=True) for _ in range(20)))
            assert most == 3
            assert len(seen) == 20

    asyncio.run(story())
