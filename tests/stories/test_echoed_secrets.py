"""A system repeats the secret that it was sent, in every part of an answer and in every writing: it reaches no file and no message."""

import html
import json
from urllib.parse import quote

import pytest

from connectors.cleaning import MARK
from connectors.sandbox.host import Fault, FaultKind

from .story_worlds import Story

TOKEN = "sandbox-token"
WRITTEN = {
    "plain": TOKEN,
    "upper": TOKEN.upper(),
    "json": TOKEN.replace("-", "\\u002D"),
    "html": TOKEN.replace("-", "&#45;"),
    "url": TOKEN.replace("-", "%2d"),
    "letters": "".join(f"&#x{ord(letter):x};" for letter in TOKEN),
    "base64": "c2FuZGJveC10b2tlbg==",
    "basic": "dTpzYW5kYm94LXRva2Vu",
    "hex": TOKEN.encode().hex(),
    "url letters": "".join(f"%{ord(letter):02X}" for letter in TOKEN),
}
ALL = " ".join(WRITTEN.values())
HALVES = (
    TOKEN[:10],
    TOKEN[3:],
    "c2FuZGJveC10b2",
    "FuZGJveC10b2tl",
    "zYW5kYm94LXRva2",
    TOKEN.encode().hex()[:20],
    quote(TOKEN[:9], safe=""),
)
LONG = "x" * 493 + TOKEN
"""Where an error is cut off, the secret has begun."""


def in_json(text: str) -> str:
    """A JSON text of this text; the escapes in it stay what they are."""
    return '"' + text + '"'


def complaint(text: str) -> str:
    scim = f'"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "detail": {in_json(text)}, "scimType": {in_json(text)}'
    return (
        f'{{{scim}, "errorCode": {in_json(text)}, "errorSummary": {in_json(text)}, "errorCauses": [{{"errorSummary": {in_json(text)}}}]}}'
    )


def fault(status: int, body: str = "", **headers: str) -> Fault:
    return Fault(FaultKind.BODY, status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


USER = (
    '{"id": "u1", "userName": "a@example.com", "title": '
    + in_json(ALL)
    + ', "login": "x", "status": "ACTIVE", "profile": {"login": '
    + in_json(ALL)
    + "}}"
)
PLACES = {
    "a refusal": fault(400, complaint(ALL)),
    "a refusal, cut off": fault(400, complaint(LONG)),
    "no permission": fault(403, complaint(ALL)),
    "no sign-in": fault(401, complaint(ALL), WWW_Authenticate=f'Bearer error="invalid_token", error_description="{ALL}"'),
    "a page of a proxy": fault(502, f"<html><body>{ALL} {html.escape(LONG)}</body></html>"),
    "what is no JSON": fault(200, f"{ALL} {LONG}", Content_Type=f"text/{TOKEN}"),
    "a redirect": fault(302, ALL, Location=f"https://{TOKEN}.example.com/{TOKEN}?{ALL}"),
    "a link": fault(200, "[]", Link=f'<https://{TOKEN}.example.com/{TOKEN}>; rel="next"'),
    "a rate limit": fault(429, complaint(ALL), Retry_After=TOKEN, X_Request_Id=TOKEN, X_Okta_Request_Id=TOKEN),
    "attributes": fault(200, f'{{"totalResults": 1, "Resources": [{USER}]}}', ETag=f'"{TOKEN}"'),
    "attributes of Okta's users": fault(200, f"[{USER}]", ETag=f'"{TOKEN}"'),
    "an id": fault(200, f'{{"totalResults": 1, "Resources": [{{"id": {in_json(ALL)}, "userName": "x"}}]}}'),
    "an id of Okta's": fault(200, f'[{{"id": {in_json(ALL)}, "status": "ACTIVE", "profile": {{}}}}]'),
}


def holds_no_secret(text: str) -> None:
    for each in (*WRITTEN.values(), *HALVES):
        assert each.lower() not in text.lower(), text


def no_file_holds_it(story: Story) -> None:
    for path in sorted((story.folder / "state").rglob("*")):
        if path.is_file():
            holds_no_secret(path.read_bytes().decode("latin-1"))


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_that_systems_repeat_while_they_are_read_reaches_nothing(at_federation, place):
    for system in at_federation.systems.values():
        system.add_fault(PLACES[place])
    for words in (["check"], ["extract"], ["run", "--live"], ["plan", "--json"], ["show", "--json"]):
        ended = at_federation.run(*words)
        assert ended.code != 1, ended.err
        holds_no_secret(ended.out + ended.err)
    no_file_holds_it(at_federation)


@pytest.mark.parametrize(
    "place",
    ["a refusal", "a refusal, cut off", "no permission", "no sign-in", "a page of a proxy", "what is no JSON", "a redirect", "attributes"],
)
def test_a_secret_that_a_system_repeats_while_it_is_written_to_reaches_nothing(at_office, place):
    at_office.lines(lambda lines: [line.replace("Active", "Left") if line[:5] == "00001" else line for line in lines])
    assert at_office.run("extract").code == 0
    assert at_office.run("plan").code == 10
    at_office.systems["okta"].add_fault(PLACES[place])
    for words in (["apply", "--live"], ["report", "--output", str(at_office.folder / "state" / "report")], ["show", "--json"]):
        ended = at_office.run(*words)
        assert ended.code != 1, ended.err
        holds_no_secret(ended.out + ended.err)
    no_file_holds_it(at_office)


def test_a_user_who_holds_the_secret_is_quarantined_and_the_mark_is_told(at_federation):
    at_federation.systems["wiki"].add_fault(Fault(FaultKind.BODY, path="/Users", body=PLACES["attributes"].body))
    ended = at_federation.run("extract")
    assert "wiki: accounts" in ended.err
    at_federation.systems["directory"].add_fault(PLACES["no permission"])
    assert MARK in at_federation.run("extract").err
    assert json.dumps(MARK) not in at_federation.run("show", "--json").out
