"""The sandboxed org answers recorded requests as the real ones did: statuses, keys, headers, Link shapes, the order of times.

Each recording is turned into the org it presupposes: what its answers show and no earlier request of it made is seeded. Ids, hosts, tokens
and times differ by nature and are not compared; neither is what depends on an org's age and set-up (see ORG_TRAITS).
"""

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from connectors.sandbox.host import running
from connectors.sandbox.okta import LinkStyle, OktaSandbox, OktaSandboxSettings

FOLDER = Path(__file__).parents[3] / "shared" / "recordings" / "okta"

OUT_OF_SCOPE = {
    "23_error_429_rate_limit": "endpoints the sandbox does not have; the 429 itself is in test_okta_access",
    "60_oauth_token_dpop": "replayed in test_okta_oauth, which makes the assertions and proofs that it lacks",
    "90_transcribed_not_recorded": "no recording; its texts are in test_okta_lifecycle, test_okta_users and test_okta_access",
}
SKIPPED_EXCHANGES = {
    ("22_error_404", 2): "factors are not part of the sandbox",
    **{("24_error_misc", number): "devices, sessions and app features are not part of the sandbox" for number in (0, 1, 2, 5, 7, 8)},
    **{("24_error_misc", number): "made by faults (test_okta_access), not by the org" for number in (3, 4)},
    ("40_app_user_assignment", 5): "an app whose assignments have no user name",
}
SEVERAL_ORGS = {"03_users_search_self_and_next_link", "21_error_403_lifecycle", "22_error_404", "30_groups_list", "40_app_user_assignment"}
"""Recordings whose exchanges are from several orgs: each is replayed on its own, those that belong together together (see TOGETHER)."""
TOGETHER = {"40_app_user_assignment": [[0, 1, 2, 3], [4]]}
STATUSES = {"00uqrku6swqIv4Y1T5d7": "STAGED", "00uqrkoh5eiFSiEn15d7": "ACTIVE"}
"""What no answer shows: the statuses of the users whose lifecycle calls were refused."""
ORG_TRAITS = {"resetFactors", "emails", "realmId"}
"""Keys that orgs have or lack by their age and licence; the sandbox has a switch for each."""
OLD_HEADERS = {
    "content-type",
    "date",
    "cache-control",
    "etag",
    "link",
    "x-okta-request-id",
    "x-rate-limit-limit",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
}
TIMES = ("created", "activated", "statusChanged", "lastUpdated", "lastMembershipUpdated")
ID = re.compile(r"\b(?:0?00u|00g|0oa|0pr|oty|osc)[0-9A-Za-z]{17}\b")


def recordings():
    return sorted(path.stem for path in FOLDER.glob("*.json")) if FOLDER.is_dir() else []


class SteppingClock:
    """One second a call of `step`: every exchange happens in a second of its own."""

    def __init__(self):
        self.time = 2_000_000_000.0  # after everything that was recorded

    def __call__(self):
        return self.time

    def step(self):
        self.time += 1


def stories():
    """Every recording in scope, as lists of exchanges that happened in one org: (name, number of the first, exchanges)."""
    for name in recordings():
        if name not in OUT_OF_SCOPE:
            found = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["interactions"]
            kept = {n: (e["request"], e["response"]) for n, e in enumerate(found) if (name, n) not in SKIPPED_EXCHANGES}
            parts = TOGETHER.get(name, [[n] for n in kept] if name in SEVERAL_ORGS else [list(kept)])
            yield from ((f"{name}-{part[0]}", with_creations(name, [kept[n] for n in part])) for part in parts)


def with_creations(name, exchanges):
    """The lagging index shows a user whose creation was not recorded: it is put in front, in the same second as the recorded one.

    The searched addresses were replaced in the recorded answers, not in the requests.
    """
    if not name.startswith("04_"):
        return exchanges
    searched = [({**request, "path": request["path"].replace("john_3352527563", "person")}, answer) for request, answer in exchanges]
    user = exchanges[1][1]["body"]
    request = {**exchanges[0][0], "body": {"profile": user["profile"]}, "same_second": True}
    return [searched[0], (request, {**exchanges[0][1], "body": user}), *searched[1:]]


def users_in(content):
    rows = content if isinstance(content, list) else [content]
    return [row for row in rows if isinstance(row, dict) and str(row.get("id", "")).startswith("00u") and "scope" not in row]


def groups_in(content):
    rows = content if isinstance(content, list) else [content]
    return [row for row in rows if isinstance(row, dict) and "objectClass" in row]


def path_of(request):
    return urlsplit(request["path"]).path


def seed_for(exchanges):
    """The org before the recording: every user, group, app and type that it names and does not make itself."""
    seed = {"users": {}, "groups": {}, "members": {}, "apps": {}, "types": {}, "custom_attributes": {}, "log": []}
    made = set()
    for request, response in exchanges:
        content, path = response["body"], path_of(request)
        if response["status"] >= 400:
            seed_refused(seed, request)
            continue
        if path == "/api/v1/logs":
            seed["log"] += content
            continue
        for user in users_in(content):
            seed["types"].setdefault(user["type"]["id"], {"id": user["type"]["id"], "default": not seed["types"]})
            for attribute in set(user["profile"]) & {"customAttribute1234"}:
                seed["custom_attributes"][attribute] = {"type": "string"}
            if request["method"] == "POST" and path == "/api/v1/users":
                made.add(user["id"])
            elif user["id"] not in made:
                seed["users"].setdefault(user["id"], {key: value for key, value in user.items() if key != "_links"})
        if 'rel="next"' in str(response["headers"].get("link")):
            more = users_in(content)[-1]
            more_id, login = f"00uzz{more['id'][5:]}", f"more-{more['profile']['login']}"
            seed["users"][more_id] = {"id": more_id, "profile": {**more["profile"], "login": login}}
        for group in groups_in(content):
            if request["method"] == "POST" and path == "/api/v1/groups":
                made.add(group["id"])
            elif group["id"] not in made:
                seed["groups"].setdefault(group["id"], {key: value for key, value in group.items() if key != "_links"})
        seed_assignments(seed, request, content, made)
    for type_id in set(re.findall(r"\boty[0-9A-Za-z]{17}\b", json.dumps([request for request, _ in exchanges]))):
        seed["types"].setdefault(type_id, {"id": type_id, "name": "other", "default": not seed["types"]})
    lists = {part: list(seed[part].values()) for part in ("users", "groups", "apps", "types") if seed[part]}
    return {**lists, "members": seed["members"], "custom_attributes": seed["custom_attributes"], "log": seed["log"]}


def named_user(user_id, login=""):
    login = login or f"{user_id}@example.com"
    status = STATUSES.get(user_id, "ACTIVE")
    return {"id": user_id, "status": status, "profile": {"firstName": "F", "lastName": "L", "login": login, "email": login}}


def seed_refused(seed, request):
    for user_id in ID.findall(path_of(request)):
        if user_id in STATUSES:
            seed["users"][user_id] = named_user(user_id)


def seed_assignments(seed, request, content, made):
    """Members that a group's first page shows, and what an app's first page or an assignment names."""
    parts = path_of(request).split("/")[3:]
    if parts[0] == "groups" and len(parts) >= 3 and parts[2] == "users":
        everyone = seed["groups"].get(parts[1], {}).get("type") == "BUILT_IN"
        if parts[1] not in made and not everyone:
            seed["groups"].setdefault(parts[1], {"id": parts[1], "profile": {"name": parts[1]}})
            put = {path_of(request).split("/")[-1]} if request["method"] == "PUT" else set()
            made.update((parts[1], user_id) for user_id in put)
            for user in users_in(content):
                if user["id"] not in made and (parts[1], user["id"]) not in made and user["id"] not in seed["members"].get(parts[1], []):
                    seed["members"].setdefault(parts[1], []).append(user["id"])
    if parts[0] == "apps" and len(parts) > 2:
        app = seed["apps"].setdefault(parts[1], {"id": parts[1], "label": parts[1], "users": {}, "groups": {}})
        for row in content if isinstance(content, list) else [content] if content else []:
            if parts[2] == "users":
                seed["users"].setdefault(row["id"], named_user(row["id"], row["credentials"]["userName"]))
            else:
                seed["groups"].setdefault(row["id"], {"id": row["id"], "profile": {"name": row["id"]}})
            if request["method"] in ("POST", "PUT"):
                made.add((parts[1], row["id"]))
            elif (parts[1], row["id"]) not in made:
                app[parts[2]].setdefault(row["id"], {})


def settings_for(name, exchanges, clock):
    text = json.dumps(exchanges)
    links = [str(response["headers"].get("link", "")) for _, response in exchanges]
    return OktaSandboxSettings(
        clock=clock,
        link_style=LinkStyle.NEXT_ONLY if any("next" in link and "self" not in link for link in links) else LinkStyle.TWO_LINES,
        credential_emails='"emails"' in text,
        reset_factors_link='"resetFactors"' in text,
        realm_id="guo" if '"realmId"' in text else "",
        deactivate_status=204 if name.startswith("11_") else 200,
        index_lag=2.5 if name.startswith("04_") else 0,
    )


def body_for(request, response):
    """What was sent; where the recording lost it, what its answer implies."""
    if request["body"] is not None or request["method"] not in ("POST", "PUT") or "/lifecycle/" in request["path"]:
        return request["body"]
    content = response["body"]
    if content is None:
        return None
    if "/apps/" in request["path"]:
        return {"id": content["id"]}
    if "/rules" in request["path"]:
        return {key: content[key] for key in ("type", "name", "conditions", "actions")}
    sent = {"profile": content["profile"]}
    if "password" in content.get("credentials", {}):
        sent["credentials"] = {"password": {"value": "a-password"}}
    return sent


class Replay:
    """Sends the requests of one recording with its ids mapped to the sandbox's own."""

    def __init__(self, client, base_url):
        self.client = client
        self.base_url = base_url
        self.ids = {}

    def ours(self, text):
        return ID.sub(lambda match: self.our_id(match[0]), text)

    def our_id(self, theirs):
        prefix, bare = ("0", theirs[1:]) if len(theirs) == 21 else ("", theirs)
        return prefix + self.ids.get(bare, bare)

    def send(self, request, body):
        content = None if body is None else self.ours(json.dumps(body))
        headers = {"Content-Type": "application/json"} if content else {}
        return self.client.request(request["method"], self.base_url + self.ours(request["path"]), content=content, headers=headers)

    def learn(self, theirs, ours):
        if isinstance(theirs, dict) and isinstance(ours, dict) and "id" in theirs and "id" in ours:
            self.ids[theirs["id"]] = ours["id"]


def shape(content):
    """Keys at every depth; of lists the shape of the first row."""
    if isinstance(content, dict):
        return {key: shape(value) for key, value in content.items() if key not in ORG_TRAITS}
    if isinstance(content, list):
        return [shape(content[0])] if content else []
    return "null" if content is None else type(content).__name__


class Times:
    """How the times of each object stand to each other and move from answer to answer, there and here."""

    def __init__(self):
        self.seen = {}
        self.written = datetime.min.replace(tzinfo=UTC)

    def compare(self, request, response, theirs, ours):
        if request["method"] != "GET":
            self.written = parsedate_to_datetime(response["headers"]["date"])
        for their_row, our_row in zip(rows_of(theirs), rows_of(ours), strict=True):
            times = {key: (their_row[key], our_row[key]) for key in TIMES if their_row.get(key) and our_row.get(key)}
            for one, (their_one, our_one) in times.items():
                for other, (their_other, our_other) in times.items():
                    assert not (their_one < their_other and our_one > our_other), f"{request}: {one} is after {other}"
            for key, (their_time, our_time) in times.items():
                self._moved(request, (their_row["id"], key), their_time, our_time)

    def _moved(self, request, key, their_time, our_time):
        their_last, our_last = self.seen.get(key, (their_time, our_time))
        self.seen[key] = their_time, our_time
        if their_time != their_last:
            assert our_time != our_last, f"{request}: {key} moved there, not here"
        # A time can only be said to have stayed if the last write happened well after it.
        elif self.written - datetime.fromisoformat(their_time) > timedelta(seconds=3):
            assert our_time == our_last, f"{request}: {key} moved here, not there"


def rows_of(content):
    """The objects of an answer, in an order of their ids: none of a list is promised, and the recorded ones follow none that could be named."""
    if isinstance(content, list):
        return sorted(content, key=lambda row: row.get("id", row.get("uuid")))
    return [] if content is None else [content]


def link_shapes(values):
    """Relation and query of every link, and how many header lines they came in."""
    lines = [values] if isinstance(values, str) else list(values)
    found = []
    for url, relation in re.findall(r'<([^>]+)>; rel="(\w+)"', ", ".join(lines)):
        query = [(name, "*" if name == "after" else value) for name, value in parse_qsl(urlsplit(url).query)]
        found.append((relation, ID.sub("*", urlsplit(url).path), query))
    return len(lines), found


def replaced(links):
    return links.replace("john_3352527563", "person") if isinstance(links, str) else links


def compare(request, theirs, answer):
    ours = answer.json() if answer.content else None
    assert answer.status_code == theirs["status"], (request, answer.text)
    missing = OLD_HEADERS & set(theirs["headers"]) - set(answer.headers)
    assert not missing, f"{request['path']}: {missing}"
    if "link" in theirs["headers"]:
        assert link_shapes(answer.headers.get_list("link")) == link_shapes(replaced(theirs["headers"]["link"]))
    if "etag" in theirs["headers"]:
        assert re.fullmatch(r'W/"[0-9a-f]{64}"', answer.headers["etag"])
    compare_content(request, theirs["body"], ours)


def compare_content(request, theirs, ours):
    assert type(theirs) is type(ours)
    if isinstance(theirs, list):
        assert len(theirs) == len(ours), request
    for their_row, our_row in zip(rows_of(theirs), rows_of(ours), strict=True):
        if "errorCode" in their_row:
            assert {**their_row, "errorId": "", "errorSummary": ID.sub("*", their_row["errorSummary"])} == {
                **our_row,
                "errorId": "",
                "errorSummary": ID.sub("*", our_row["errorSummary"]),
            }
            assert len(our_row["errorId"]) == 25
            continue
        assert [key for key in our_row if key not in ORG_TRAITS] == [key for key in their_row if key not in ORG_TRAITS]
        assert comparable(our_row) == comparable(their_row), request
        if our_row.get("status"):
            assert our_row["status"] == their_row["status"], request


def comparable(row):
    """The shape of a row, without what the sandbox leaves to the org: an app's own attributes, permissions and titles of a schema."""
    cut = dict(row)
    if row.get("status") == "STAGED":
        # Null in 2020 whether or not a password was set; since then only without one.
        cut["statusChanged"] = None
    if "syncState" in row:
        cut["profile"] = {}
    if "definitions" in row:
        base = row["definitions"]["base"]
        keep = ("type", "required", "format", "minLength", "maxLength", "mutability", "scope")
        cut["definitions"] = {
            "base": {name: {key: value for key, value in item.items() if key in keep} for name, item in base["properties"].items()}
        }
        return cut["definitions"]
    return shape(cut)


@pytest.mark.skipif(not recordings(), reason="the recordings are not here")
@pytest.mark.parametrize(("name", "exchanges"), [pytest.param(*story, id=story[0]) for story in stories()])
def test_a_recording_replays(name, exchanges):
    clock, times = SteppingClock(), Times()
    with running(OktaSandbox(seed_for(exchanges), settings=settings_for(name, exchanges, clock))) as sandbox, httpx.Client() as client:
        client.headers["Authorization"] = "SSWS sandbox-token"
        replay = Replay(client, sandbox.url)
        for request, theirs in exchanges:
            if "same_second" not in request:
                clock.step()
            answer = replay.send(request, body_for(request, theirs))
            if answer.content and theirs["status"] < 400:
                replay.learn(theirs["body"], answer.json())
            compare(request, theirs, answer)
            # There an activation took a second, here none: the older times that a lagging index shows are the same.
            if answer.content and theirs["status"] < 400 and not name.startswith("04_"):
                times.compare(request, theirs, theirs["body"], answer.json())
