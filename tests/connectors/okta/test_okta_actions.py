"""What each one-off action sends from each status, what a lost answer means, and that a password shows nowhere but where it is revealed."""

import copy
import json
import pickle
from contextlib import suppress
from dataclasses import asdict, replace

import msgspec
import pytest

from connectors.actions import Acting, Action, Performed, TemporaryPassword
from connectors.cleaning import cleaned, remember_for_a_while
from connectors.errors import BadResponse, ConnectorError, Forbidden, NotFound, PreconditionFailed, Uncertain, Unreachable
from connectors.okta.connector import Okta
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import org, user, user_id

ANN = user_id(1)
SENT = {
    Action.REVOKE_SESSIONS: f"DELETE /users/{ANN}/sessions?oauthTokens=true",
    Action.UNLOCK: f"POST /users/{ANN}/lifecycle/unlock",
    Action.RESET_FACTORS: f"POST /users/{ANN}/lifecycle/reset_factors",
    Action.RESET_PASSWORD: f"POST /users/{ANN}/lifecycle/reset_password?sendEmail=true",
    Action.TEMPORARY_PASSWORD: f"POST /users/{ANN}/lifecycle/expire_password_with_temp_password",
    Action.EXPIRE_PASSWORD: f"POST /users/{ANN}/lifecycle/expire_password",
    Action.RESEND_ACTIVATION: f"POST /users/{ANN}/lifecycle/reactivate?sendEmail=true",
}
LEADS_TO = {
    Action.REVOKE_SESSIONS: "ACTIVE",
    Action.UNLOCK: "ACTIVE",
    Action.RESET_FACTORS: "ACTIVE",
    Action.RESET_PASSWORD: "RECOVERY",
    Action.TEMPORARY_PASSWORD: "PASSWORD_EXPIRED",
    Action.EXPIRE_PASSWORD: "PASSWORD_EXPIRED",
    Action.RESEND_ACTIVATION: "PROVISIONED",
}
"""The status after an action from its usual status. From every status: tests/outcomes."""
FROM = dict.fromkeys(Action, "ACTIVE") | {Action.UNLOCK: "LOCKED_OUT", Action.RESEND_ACTIVATION: "PROVISIONED"}
ONCE = [action for action in Action if action is not Action.REVOKE_SESSIONS]
"""Those whose request goes out once; sessions are ended as often as it takes."""
ACTIONS = r"/(lifecycle|sessions)"
PAGE = "<html>Sign in to the proxy: hunter2-hunter2</html>"


def one(status: str = "ACTIVE") -> dict:
    return {"users": [user(1, status), user(2)]}


def sent(sandbox) -> list[str]:
    return [f"{each.method} {each.path.removeprefix('/api/v1')}{'?' if each.query else ''}{each.query}" for each in sandbox.writes()]


def status_now(sandbox) -> str:
    return next(row["status"] for row in sandbox.app.state()["users"] if row["id"] == ANN)


def after(action: Action) -> str:
    return LEADS_TO[action]


def shown(error: BaseException | None) -> str:
    """Everything that an error, its cause and its context say of themselves."""
    return f"{error} {error!r} {error.__dict__} {shown(error.__cause__)} {shown(error.__context__)}" if error else ""


def failing(tell, action: Action, expected: type[ConnectorError] | tuple[type[ConnectorError], ...]) -> ConnectorError:
    async def story(okta):
        with pytest.raises(expected) as caught:
            await okta.perform(ANN, action)
        return caught.value

    return tell(story)


def performing(tell, action: Action) -> Performed:
    async def story(okta):
        return await okta.perform(ANN, action)

    return tell(story)


def test_every_action_is_offered(tmp_path):
    async def story(okta):
        assert isinstance(okta, Acting)
        assert set(okta.traits.can.actions) == set(Action)

    assert set(LEADS_TO) == set(SENT) == set(Action)
    with org(one(), tmp_path) as (_, tell):
        tell(story)


def test_what_sends_a_mail_or_makes_a_password_is_never_repeated():
    once = {action for action, rule in Okta.traits.can.actions.items() if not rule.repeatable}
    assert once == {Action.RESET_PASSWORD, Action.TEMPORARY_PASSWORD, Action.RESEND_ACTIVATION}


@pytest.mark.parametrize("action", Action)
def test_action_on_a_user_that_does_not_exist_finds_no_user(tmp_path, action):
    with org({"users": [user(2)]}, tmp_path) as (sandbox, tell):
        failing(tell, action, NotFound)
        assert sandbox.writes() == []


@pytest.mark.parametrize("action", Action)
def test_a_request_beyond_the_rate_limit_was_not_executed_and_goes_out_again(tmp_path, action):
    with org(one(FROM[action]), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.STATUS, path=ACTIONS, status=429, times=1))
        done = performing(tell, action)
        assert done.record is not None
        assert done.record.status == after(action)
        assert sent(sandbox) == [SENT[action]] * 2


LOST = [
    (FaultKind.STATUS, 500, False),
    (FaultKind.STATUS, 503, False),
    (FaultKind.STATUS_AFTER, 500, True),
    (FaultKind.DROP_BEFORE, None, False),
    (FaultKind.DROP_AFTER, None, True),
]


@pytest.mark.parametrize(("kind", "status", "executed"), LOST)
@pytest.mark.parametrize("action", ONCE)
def test_action_whose_answer_is_lost_is_uncertain_and_never_sent_twice(tmp_path, action, kind, status, executed):
    with org(one(FROM[action]), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(kind, path=ACTIONS, status=status))
        failing(tell, action, Uncertain)
        assert sent(sandbox) == [SENT[action]]
        assert status_now(sandbox) == (after(action) if executed else FROM[action])


@pytest.mark.parametrize(("kind", "status", "_executed"), LOST)
def test_sessions_are_ended_again_after_a_lost_answer(tmp_path, kind, status, _executed):
    with org(one(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(kind, path=ACTIONS, status=status, times=1))
        performing(tell, Action.REVOKE_SESSIONS)
        assert sent(sandbox) == [SENT[Action.REVOKE_SESSIONS]] * 2
        sandbox.add_fault(Fault(kind, path=ACTIONS, status=status))
        failing(tell, Action.REVOKE_SESSIONS, Unreachable)
        assert len(sandbox.writes()) == 2 + 3


@pytest.mark.parametrize("action", Action)
def test_action_without_its_scope_is_forbidden(tmp_path, action):
    with org(one(FROM[action]), tmp_path, missing_scopes=frozenset({"okta.users.manage"})) as (sandbox, tell):
        failing(tell, action, Forbidden)
        assert sent(sandbox) == [SENT[action]]
        assert status_now(sandbox) == FROM[action]


@pytest.mark.parametrize("kind", [FaultKind.STATUS, FaultKind.BODY])
@pytest.mark.parametrize("action", Action)
def test_page_of_a_proxy_is_no_answer_of_okta(tmp_path, action, kind):
    """Whether Okta was asked at all is not known."""
    with org(one(FROM[action]), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(kind, path=ACTIONS, status=200, body=PAGE))
        error = failing(tell, action, BadResponse if action is Action.REVOKE_SESSIONS else Uncertain)
        assert "hunter2" not in shown(error)
        assert sent(sandbox) == [SENT[action]]


def test_user_who_was_told_to_reset_before_is_not_taken_for_told_by_a_page(tmp_path):
    with org(one("RECOVERY"), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.STATUS, path=ACTIONS, status=200, body=PAGE))
        failing(tell, Action.RESET_PASSWORD, Uncertain)


@pytest.mark.parametrize("action", [each for each in ONCE if each is not Action.TEMPORARY_PASSWORD])
def test_answer_without_content_is_an_answer(tmp_path, action):
    """Okta answers some lifecycle calls with 204 in older recordings."""
    with org(one(FROM[action]), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=ACTIONS, status=204, body=""))
        done = performing(tell, action)
        assert done.record is not None
        assert done.record.status == after(action)


HIDDEN = "Zk7!hidden-word"


@pytest.mark.parametrize(
    "body",
    ["", "{}", "[]", PAGE, '{"tempPassword": ""}', r'{"tempPassword": "a\u001b[2Jb\nc"}', '{"tempPassword": null}', f'["{HIDDEN}"]', f'{{"tempPassword": "{HIDDEN}"', f'{{"tempPassword": ["{HIDDEN}"]}}', f'{{"temp_password": "{HIDDEN}"}}'],
)  # fmt: skip
def test_answer_without_a_password_is_uncertain_and_not_quoted(tmp_path, body):
    with org(one(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=ACTIONS, body=body))
        error = failing(tell, Action.TEMPORARY_PASSWORD, Uncertain)
        assert HIDDEN not in shown(error)
        assert "hunter2" not in shown(error)
        assert sent(sandbox) == [SENT[Action.TEMPORARY_PASSWORD]]
        assert status_now(sandbox) == "PASSWORD_EXPIRED"


def test_answer_that_is_no_text_is_not_quoted(tmp_path, monkeypatch):
    from connectors.http.client import Http  # noqa: PLC0415 - only here

    whole = Http.send

    async def spoilt(self, method, path, **more):
        answer = await whole(self, method, path, **more)
        return answer if method == "GET" else replace(answer, body=b'{"tempPassword": "Zk7!hidden-word\xff"}')

    with org(one(), tmp_path) as (_, tell):
        monkeypatch.setattr(Http, "send", spoilt)
        assert HIDDEN not in shown(failing(tell, Action.TEMPORARY_PASSWORD, Uncertain))


@pytest.mark.parametrize("fault", [Fault(FaultKind.STATUS, method="GET", after=1), Fault(FaultKind.BODY, method="GET", after=1, body=PAGE)])
@pytest.mark.parametrize("action", [Action.RESET_PASSWORD, Action.TEMPORARY_PASSWORD])
def test_failing_read_back_undoes_neither_a_mail_nor_a_password(tmp_path, action, fault):
    """An error here would say that nothing was sent: the person would be mailed again, and the password would be lost."""
    with org(one(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(fault)
        done = performing(tell, action)
        assert done.record is None
        assert (done.password is not None) == (action is Action.TEMPORARY_PASSWORD)
        assert sent(sandbox) == [SENT[action]]


@pytest.mark.parametrize(("action", "status"), [(Action.UNLOCK, "ACTIVE"), (Action.EXPIRE_PASSWORD, "PASSWORD_EXPIRED")])
def test_change_that_another_client_made_first_is_success(tmp_path, action, status):
    """The status is right when the refusal is looked into."""
    with org(one(FROM[action]), tmp_path) as (sandbox, tell):
        code = "E0000032" if action is Action.UNLOCK else "E0000038"
        refusal = json.dumps({"errorCode": code, "errorSummary": "not in this status"})
        sandbox.add_fault(Fault(FaultKind.STATUS_AFTER, path=ACTIONS, status=403, body=refusal))
        done = performing(tell, action)
        assert done.record is not None
        assert done.record.status == status


def test_refused_reset_is_no_success_even_where_the_status_is_right(tmp_path):
    with org(one("RECOVERY"), tmp_path) as (sandbox, tell):
        refusal = json.dumps({"errorCode": "E0000038", "errorSummary": "not in this status"})
        sandbox.add_fault(Fault(FaultKind.STATUS, path=ACTIONS, status=403, body=refusal))
        failing(tell, Action.RESET_PASSWORD, PreconditionFailed)


def test_password_shows_only_where_it_is_revealed(tmp_path):
    with org(one(), tmp_path) as (_, tell):
        done = performing(tell, Action.TEMPORARY_PASSWORD)
    password = done.password
    assert password is not None
    word = password.reveal()
    assert len(word) > 8
    assert not hasattr(password, "__dict__")
    said = [repr(password), str(password), f"{password}", "{}".format(password), "%s %r" % (password, password), repr(done), str(done)]  # noqa: UP031, UP032 - every way
    assert all(word not in each for each in said)
    for written in (pickle.dumps, copy.copy, copy.deepcopy, asdict, json.dumps, msgspec.json.encode, msgspec.to_builtins):
        for value in (password, done):
            kept: object = None
            with suppress(TypeError, pickle.PicklingError):
                kept = written(value)
            assert word not in repr(kept)
    assert word not in cleaned(f"the system said {word}")


@pytest.mark.parametrize("written", [pickle.dumps, copy.copy, copy.deepcopy, msgspec.json.encode])
def test_password_is_written_nowhere(written):
    with pytest.raises(TypeError):
        written(TemporaryPassword("word"))


def test_password_of_which_a_secret_was_taken_out_is_handed_to_no_one(tmp_path):
    """What leaves the wire is cleaned of secrets: what is left of such a password opens nothing."""
    secret = remember_for_a_while("Zk7!another-word")
    with org(one(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=ACTIONS, body=json.dumps({"tempPassword": secret})))
        failing(tell, Action.TEMPORARY_PASSWORD, Uncertain)


def test_many_passwords_do_not_slow_down_the_cleaning(tmp_path):
    """What is looked for in every answer is limited: a company of people gets passwords in one run."""
    from connectors import cleaning  # noqa: PLC0415 - only here

    before = set(cleaning._lasting)
    with org({"users": [user(number) for number in range(1, 81)]}, tmp_path) as (_, tell):

        async def story(okta):
            for number in range(1, 81):
                await okta.perform(user_id(number), Action.TEMPORARY_PASSWORD)

        tell(story)
    assert set(cleaning._lasting) <= before | {"00-very-secret-token"}
