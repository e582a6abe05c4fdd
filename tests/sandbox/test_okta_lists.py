"""Which users a sandboxed Okta org lists, how it pages, and what its expressions understand."""

import re

import pytest

from connectors.sandbox.okta import LinkStyle

STATUSES = ["STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "LOCKED_OUT", "PASSWORD_EXPIRED", "SUSPENDED", "DEPROVISIONED"]


@pytest.fixture
def org(okta_org):
    """Six people: five listed, one deactivated."""
    person = okta_org.person
    return okta_org(
        person("ada", department="Engineering", title="Countess"),
        person("bob", department="engineering"),
        person("cyd", department="Sales", level=3),
        person("dee", "SUSPENDED", department="Sales", level=10, remote=True),
        person("eve", "STAGED", tags=["red", "blue"]),
        person("fay", "DEPROVISIONED", department="Sales"),
        seed={
            "custom_attributes": {"level": {"type": "number"}, "remote": {"type": "boolean"}, "tags": {"type": "array"}},
        },
    )


def error(answer):
    return answer.status_code, answer.json()["errorCode"], [cause["errorSummary"] for cause in answer.json()["errorCauses"]]


def test_the_plain_list_leaves_out_the_deactivated_and_a_total_filter_does_not(org):
    assert org.names(org.get("users")) == ["ada", "bob", "cyd", "dee", "eve"]
    everybody = " or ".join(f'status eq "{status}"' for status in STATUSES)
    assert org.names(org.get("users", filter=everybody)) == ["ada", "bob", "cyd", "dee", "eve", "fay"]
    assert org.names(org.get("users", search='created gt "1970-01-01T00:00:00.000Z"')) == ["ada", "bob", "cyd", "dee", "eve", "fay"]


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ('status eq "SUSPENDED"', "dee"),
        ('status eq "suspended"', ""),
        ('profile.login eq "ada@example.com"', "ada"),
        ('profile.firstName eq "Ada" or profile.lastName eq "Roe" and status eq "DEPROVISIONED"', "ada fay"),
        ('(profile.firstName eq "Ada" or profile.lastName eq "Roe") and status eq "DEPROVISIONED"', "fay"),
        ('lastUpdated lt "2001-01-01T00:00:00.000Z"', ""),
        ('lastUpdated ge "2001-01-01T00:00:00Z" AND status EQ "STAGED"', "eve"),
    ],
)
def test_a_filter_selects_with_case_and_precedence(org, expression, names):
    assert org.names(org.get("users", filter=expression)) == names.split()


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ('profile.department eq "ENGINEERING"', "ada bob"),
        ('profile.department sw "sal"', "cyd dee fay"),
        ('profile.login co "DA@"', "ada"),
        ("profile.title pr", "ada"),
        ("profile.level gt 3", "dee"),
        ("profile.level eq 3", "cyd"),
        ("profile.remote eq true", "dee"),
        ('profile.tags eq "blue"', "eve"),
        ('status lt "STAGED" or status gt "STAGED"', "ada bob cyd dee fay"),
        ('profile.login eq "a\\"b"', ""),
    ],
)
def test_a_search_selects_without_case_over_every_attribute(org, expression, names):
    assert org.names(org.get("users", search=expression)) == names.split()


@pytest.mark.parametrize(
    "expression",
    [
        'status ne "ACTIVE"', 'profile.department co "x"', 'profile.unknown eq "x"', "status eq", 'status eq "ACTIVE', "(status pr",
        "status pr status pr", "", 'created gt "yesterday"', "status eq ACTIVE", "%",
    ],
)  # fmt: skip
def test_a_search_that_cannot_be_read_is_refused(org, expression):
    assert error(org.get("users", search=expression)) == (400, "E0000031", ["Invalid search query."])


def test_a_filter_outside_its_small_language_is_refused(org):
    for expression in ('profile.department eq "x"', 'status sw "A"', "profile.login pr"):
        assert error(org.get("users", filter=expression))[1] == "E0000094"


def test_search_and_filter_together_are_refused(org):
    assert error(org.get("users", search="status pr", filter='status eq "ACTIVE"'))[:2] == (400, "E0000033")


def test_a_search_sorts_by_any_field_with_ties_by_id(org):
    walked = org.walk("users", search="profile.department pr", sortBy="profile.department", limit=2)
    assert walked == [["ada", "bob"], ["cyd", "dee"], ["fay"]]
    descending = org.walk("users", search="profile.level pr", sortBy="profile.login", sortOrder="desc", limit=1)
    assert descending == [["dee"], ["cyd"]]
    assert error(org.get("users", search="status pr", sortBy="profile.unknown"))[1] == "E0000031"


def test_q_is_a_prefix_and_never_has_a_second_page(org):
    answer = org.get("users", q="D")
    assert org.names(answer) == ["dee"]
    several = org.get("users", q="ro", limit=2)
    assert org.names(several) == ["ada", "bob"]
    assert "next" not in several.links
    assert org.names(org.get("users", q="fay")) == []


def test_pages_follow_next_until_there_is_none(org):
    assert org.walk("users", limit=2) == [["ada", "bob"], ["cyd", "dee"], ["eve"]]
    assert org.walk("users", limit=5) == [["ada", "bob", "cyd", "dee", "eve"]]


def test_links_are_absolute_two_lines_and_repeat_the_query(org):
    links = org.get("users", limit=1, search='profile.lastName eq "Roe"').headers.get_list("link")
    query = "limit=1&search=profile.lastName+eq+%22Roe%22"
    user_id = org.user("ada")["id"]
    assert links == [
        f'<{org.sandbox.url}/api/v1/users?{query}>; rel="self"',
        f'<{org.sandbox.url}/api/v1/users?after={user_id}&{query}>; rel="next"',
    ]
    plain = org.get("users", limit=1).links["next"]["url"]
    assert f"after=0{user_id}" in plain


@pytest.mark.parametrize(("style", "lines", "relations"), [(LinkStyle.JOINED, 1, ["self", "next"]), (LinkStyle.NEXT_ONLY, 1, ["next"])])
def test_links_may_come_in_the_shapes_of_other_orgs(okta_org, style, lines, relations):
    org = okta_org(*map(okta_org.person, "abc"), link_style=style)
    values = org.get("users", limit=1).headers.get_list("link")
    assert (len(values), re.findall(r'rel="(\w+)"', ", ".join(values))) == (lines, relations)
    assert org.walk("users", limit=1) == [["a"], ["b"], ["c"]]


def test_a_cursor_that_was_never_given_out_is_refused(org):
    assert error(org.get("users", after="nonsense")) == (400, "E0000029", ["Invalid cursor."])
    assert error(org.get("users", search="status pr", after="nonsense")) == (400, "E0000031", ["Invalid cursor."])
    assert error(org.get("groups", after="nonsense"))[1] == "E0000029"
    assert error(org.get("users", limit="many"))[1] == "E0000029"


def test_a_page_size_above_the_maximum_is_cut_to_it(org):
    assert "limit=200" in org.get("users", limit=5000).headers["link"]


def test_a_user_deleted_while_pages_are_walked_does_not_break_the_walk(org):
    first = org.get("users", limit=2)
    bob = f"users/{org.user('bob')['id']}"
    org.call("DELETE", bob)
    org.call("DELETE", bob)
    assert org.names(org.client.get(first.links["next"]["url"])) == ["cyd", "dee"]


def test_a_changed_user_is_listed_as_changed(org):
    assert org.names(org.get("users", search='profile.title eq "Countess"')) == ["ada"]
    assert org.get("users").json()[0]["profile"]["title"] == "Countess"
    org.post(f"users/{org.user('ada')['id']}", {"profile": {"title": "Author"}})
    assert org.get("users").json()[0]["profile"]["title"] == "Author"


def test_the_search_index_lags_while_a_get_is_current(okta_org):
    org = okta_org(okta_org.person("ada"), index_lag=10)
    org.post(f"users/{org.user('ada')['id']}", {"profile": {"title": "Author"}})
    assert org.user("ada")["profile"]["title"] == "Author"
    assert org.names(org.get("users", search="profile.title pr")) == []
    assert org.get("users").json()[0]["profile"]["title"] == "Author"
    org.clock.forward(10)
    assert org.names(org.get("users", search="profile.title pr")) == ["ada"]


def test_the_search_index_first_misses_a_new_user_then_shows_it_being_activated(okta_org):
    org = okta_org(index_lag=10)
    org.post("users", {"profile": {"firstName": "A", "lastName": "B", "login": "ada@example.com", "email": "ada@example.com"}})

    def seen():
        return [(user["status"], user.get("transitioningToStatus")) for user in org.get("users", search="status pr").json()]

    assert org.user("ada")["status"] == "PROVISIONED"
    assert seen() == []
    org.clock.forward(10)
    assert seen() == [("STAGED", "PROVISIONED")]
    org.clock.forward(10)
    assert seen() == [("PROVISIONED", None)]


def test_rows_can_be_made_lighter_by_the_content_type(org):
    light = 'application/json; okta-response="omitCredentials,omitCredentialsLinks,omitTransitioningToStatus"'
    assert "credentials" not in org.call("GET", "users", headers={"Content-Type": light}).json()[0]
    assert "credentials" in org.get("users").json()[0]
