"""What a sandboxed Okta org can be made from, and that it becomes the same again."""

import pytest

from connectors.sandbox.okta import OktaSandbox


def test_a_state_is_a_seed_again(okta_org):
    seed = {
        "groups": [{"profile": {"name": "Staff"}}],
        "members": {"Staff": ["ada@example.com"]},
        "custom_attributes": {"badge": {"type": "string"}},
        "apps": [{"label": "Wiki", "users": {"ada@example.com": {"userName": "ada"}}, "groups": {"Staff": {"priority": 2}}}],
        "rules": [{"name": "rule"}],
    }
    org = okta_org(
        okta_org.person("ada", badge="b-1"), okta_org.person("old", "DEPROVISIONED"), okta_org.person("new", "STAGED"), seed=seed
    )
    state = org.sandbox.app.state()
    again = OktaSandbox(state, settings=org.sandbox.app.settings)
    assert again.state() == state
    assert all(user["id"].startswith("00u") and len(user["id"]) == 20 for user in state["users"])
    assert [len(ids) for ids in state["members"].values()] == [1]


def test_ids_are_the_same_for_the_same_calls_and_never_given_twice(okta_org):
    def made(org):
        return [org.post("groups", {"profile": {"name": name}}).json()["id"] for name in "abc"]

    seed = {"groups": [{"id": "00g0000000000005s4x7", "profile": {"name": "taken"}}]}
    first, second = (made(okta_org(seed=seed)) for _ in range(2))
    assert first == second
    assert len({*first, "00g0000000000005s4x7"}) == 4


@pytest.mark.parametrize(
    "seed",
    [
        [],
        {"people": []},
        {"users": [{"profile": {"login": "a@example.com"}}]},
        {"users": [{"status": "GONE", "profile": {"login": "a@example.com", "email": "a@example.com"}}]},
        {"users": [{"profile": {"login": login, "email": "a@example.com"}} for login in ("a@example.com", "A@example.com")]},
        {"members": {"Nobody": []}},
        {"members": {"Everyone": []}},
        {"groups": [{"profile": {"name": "G"}}], "members": {"G": ["nobody@example.com"]}},
        {"types": [{"name": "only"}]},
        {"custom_attributes": {"title": {"type": "string"}}},
        {"custom_attributes": {"x": {"type": "date"}}},
    ],
)
def test_a_seed_that_does_not_fit_together_is_refused(seed):
    with pytest.raises(ValueError, match=r".+"):
        OktaSandbox().seed(seed)


def test_a_seeded_activation_completes(okta_org):
    org = okta_org({**okta_org.person("ada", "STAGED"), "transitioningToStatus": "PROVISIONED"}, activation_seconds=5)
    assert org.user("ada")["transitioningToStatus"] == "PROVISIONED"
    org.clock.forward(5)
    assert org.user("ada")["status"] == "PROVISIONED"
