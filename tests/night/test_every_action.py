"""Every verb of `reconcile act` in Okta: looked at, done, asked for again, asked for a protected account and for everybody."""

from __future__ import annotations

from dataclasses import dataclass

from .night_worlds import World

WHY = ("--why", "stolen laptop", "--by", "Jo", "--target", "okta")
PROTECTED = "break-glass.admin@example.com"
GROUP = "book-club"
AGAIN = "again"
"""Asked for again, it is done again: nothing in the account shows that it was done, or the next step of it is due."""


@dataclass(frozen=True)
class Step:
    """A verb, the status that it leaves, what it says when it is asked for a second time, and whether it can be asked for everybody who works, which a guard refuses."""

    verb: str
    leaves: str
    second: str
    limited: bool = True
    more: tuple[str, ...] = ()


STEPS = (
    Step("revoke-sessions", "ACTIVE", AGAIN),
    Step("reset-factors", "ACTIVE", AGAIN),
    Step("add-to-group", "ACTIVE", f"holds {GROUP}: nothing is planned", limited=False, more=("--group", GROUP)),
    Step(
        "remove-from-group",
        "ACTIVE",
        f"does not hold {GROUP}: nothing is planned",
        limited=False,
        more=("--group", GROUP),
    ),
    Step("suspend", "SUSPENDED", "is suspended already: nothing is planned"),
    Step("unsuspend", "ACTIVE", "is active already: nothing is planned", limited=False),
    Step("expire-password", "PASSWORD_EXPIRED", "nothing is left to expire password"),
    Step("reset-password", "RECOVERY", AGAIN),
    Step("deactivate", "DEPROVISIONED", "is deactivated (DEPROVISIONED) already: nothing is planned"),
    Step("activate", "PROVISIONED", "is active (PROVISIONED) already: nothing is planned", limited=False),
    Step("resend-activation", "PROVISIONED", AGAIN, limited=False),
    Step("offboard", "DEPROVISIONED", "nothing is planned"),
    Step("delete", "", "delete is not planned", limited=False),
)


def _asked(step: Step, *whom: str) -> tuple[str, ...]:
    return ("act", step.verb, *whom, *step.more, *WHY)


def _statuses(held: World) -> dict[str, str]:
    return {user["profile"]["login"]: str(user["status"]) for user in held.state["okta"]["users"]}


def _said(text: str) -> str:
    return " ".join(text.split())


def test_every_verb_is_looked_at_done_known_refused_for_the_protected_and_guarded(quiet: World) -> None:
    made = quiet.run("act", "suspend", "--where", "state = 'active'", *WHY, "--json").json["operations"]
    who = min(each["who"] for each in made if each["verb"] == "suspend")
    for step in STEPS:
        writes = quiet.writes
        if step.limited:
            many = quiet.run(*_asked(step, "--where", "state = 'active'"), PROTECTED, "--live")
            assert (many.code, "is protected; without that, the plan would" in _said(many.out)) == (11, True), step
        else:
            assert quiet.run(*_asked(step, who)).code == 10, step
        assert quiet.writes == writes, step
        assert quiet.run(*_asked(step, who), "--live").code == 0, step
        assert quiet.writes > writes
        assert _statuses(quiet).get(who, "") == step.leaves, step
        if step.leaves == "ACTIVE" and step.second == AGAIN:
            continue
        assert quiet.run("extract").code == 0
        if step.second == AGAIN:
            continue
        again = quiet.run(*_asked(step, who), "--json").json
        assert not again["operations"], step
        assert any(step.second in _said(each["message"]) for each in again["findings"]), (step, again["findings"])
