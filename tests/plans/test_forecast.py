"""The forecast of an apply is arithmetic on sizes and declared costs: requests by limit, and minutes of the limit that takes longest."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from connectors.contract import EntitlementKind, Opening, Traits
from connectors.costs import BatchCosts, Costs, RateLimit, SearchCosts
from connectors.memory.connector import MemoryTarget
from reconcile.plan.digest import canonical
from reconcile.plan.forecast import Forecast
from reconcile.plan.model import Run, Verb
from reconcile.report.formats import html, text
from reconcile.report.formats import json as json_report
from reconcile.report.labels import forecast_words
from reconcile.report.redact import redacted
from reconcile.store.plans.work_sizes import BatchClass, WorkClass, WorkSizes
from reconcile.usecases.forecast import calls_of, forecast, minutes_of, with_forecasts
from tests.plans.small_plans import SMALL, operation, plan_of

KEY = b"key"
"""Key of redacted reports."""

BATCH = BatchCosts(most=10, account={"one": 1}, accounts={"list": 1}, accounts_a_request=4, look={"look at group": 1}, members_a_look=20, holder={"holder": 1}, request={"change": 1}, members_a_request=3, looks_after=True)  # fmt: skip
COSTS = Costs(
    start={"start": 2},
    create={Opening.SILENT: {"create": 3}, Opening.MAIL: {"create": 4}},
    search=SearchCosts(each={"login": {"search": 1}}, other={"search": 2}, trial={"trial": 1}, once={"once": 1}),
    verbs={"update": {"update": 2}, "suspend": {"suspend": 5}, "create_group": {"group": 1}},
    first_group_search={"groups": 1},
    membership={EntitlementKind.GROUP: {"alone": 4}, EntitlementKind.APP: {"app": 3}},
    batch=BATCH,
    look_at_account={"look": 1},
    look_at_group={"group look": 1},
    look_at_membership={EntitlementKind.GROUP: {"member": 1}, EntitlementKind.APP: {"app": 1}},
)
ADD, REMOVE, LEAVE = (Verb.ADD_MEMBER, False), (Verb.REMOVE_MEMBER, False), (Verb.REMOVE_MEMBER, True)


def of(verb: Verb, kind: str = "", opening: str = "", *, waits: bool = False) -> WorkClass:
    return WorkClass(verb, opening, kind, waits)


def calls(**sizes: dict[object, int]) -> dict[str, int]:
    """The requests of some sizes, without those at the start."""
    found = calls_of(WorkSizes(**{name: Counter(each) for name, each in sizes.items()}), COSTS)
    return {name: count for name, count in found.items() if count and name != "start"}


def test_each_operation_costs_what_its_verb_does():
    classes = {of(Verb.UPDATE): 7, of(Verb.CREATE, opening="mail"): 2, of(Verb.CREATE, opening="silent"): 1, of(Verb.ADD_MEMBER, "app"): 5}
    assert calls(classes=classes) == {"update": 14, "create": 11, "app": 15}
    assert calls_of(WorkSizes(), COSTS) == {"start": 2}


def test_searches_cost_by_attribute_and_one_trial_of_each():
    assert calls(searches={"login": 9, "badge": 3}) == {"search": 9 + 6, "trial": 1 + 1, "once": 1}


def test_list_of_groups_is_read_once():
    assert calls(classes={of(Verb.CREATE_GROUP): 6}) == {"group": 6, "groups": 1}


@pytest.mark.parametrize(
    ("memberships", "expected"),
    [
        (1, {"alone": 4}),
        (2, {"look at group": 2, "change": 1}),
        (10, {"look at group": 2, "change": 4}),
        (11, {"look at group": 2, "change": 4, "alone": 4}),
        (25, {"look at group": 6, "change": 4 + 4 + 2}),
    ],
)
def test_memberships_of_one_group_go_in_batches_and_one_goes_alone(memberships, expected):
    assert calls(batches={BatchClass(*ADD, memberships): 1}) == expected


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        # 90 members are five pages of twenty: so many are read for ten accounts, two of them for four.
        (BatchClass(*ADD, 10, 90), {"look at group": 5 + 5, "change": 4}),
        (BatchClass(*ADD, 4, 90), {"look at group": 2 + 2, "holder": 4 + 2, "change": 2}),
        (BatchClass(*ADD, 4, 20), {"look at group": 1 + 1, "change": 2}),
        (BatchClass(*ADD, 1, 90), {"alone": 4}),
    ],
)
def test_members_of_a_large_group_are_listed_page_by_page_or_asked_for(batch, expected):
    assert calls(batches={batch: 1}) == expected


def test_removals_from_a_large_group_are_seen_before_and_asked_for_afterwards():
    sizes = {BatchClass(*LEAVE, 2): 1, BatchClass(*REMOVE, 4, 90): 1}
    found = calls(classes={of(Verb.REMOVE_MEMBER, "group"): 6}, batches=sizes)
    assert (found["look at group"], found["holder"]) == (2 + 2, 2 + 4)


def test_accounts_of_a_batch_are_read_together():
    assert calls(reads={1: 3, 4: 2, 5: 1}) == {"one": 3, "list": 2 + 2}


def test_accounts_of_memberships_that_go_alone_behind_a_canary_are_not_read_with_a_batch():
    pair, more = BatchClass(*REMOVE, 2), BatchClass(*REMOVE, 5)
    assert "list" not in calls(batches={pair: 1}, reads={2: 1})
    assert calls(batches={pair: 1, more: 1}, reads={2: 1, 5: 1})["list"] == 2
    each = replace(COSTS, batch=replace(BATCH, accounts_a_request=1))
    sizes = WorkSizes(batches=Counter({pair: 1, more: 1}), reads=Counter({2: 1, 5: 1}))
    assert calls_of(sizes, each)["one"] == 7 - 2 - 1


def test_first_removal_of_each_kind_is_looked_at_with_another_one():
    assert calls(classes={of(Verb.SUSPEND): 1}) == {"suspend": 5, "look": 1}
    assert calls(classes={of(Verb.SUSPEND): 4}) == {"suspend": 20, "look": 3}


def test_batches_that_wait_for_the_first_removal_send_one_alone():
    removals = {of(Verb.REMOVE_MEMBER, "group"): 12}
    expected = {"alone": 2 * 4, "look at group": 4, "change": 2 * 2, "member": 3}
    assert calls(classes=removals, batches={BatchClass(*REMOVE, 6): 2}) == expected
    # Those of leavers go first, and by the time of the others the kind is verified.
    both = {BatchClass(*LEAVE, 3): 1, BatchClass(*REMOVE, 9): 1}
    assert calls(classes=removals, batches=both) == {"alone": 4, "look at group": 4, "change": 1 + 3, "member": 3}


def test_long_plan_is_sampled_before_its_first_write():
    assert "look" not in calls(classes={of(Verb.UPDATE): 100})
    assert calls(classes={of(Verb.UPDATE): 300, of(Verb.ADD_MEMBER, "app", waits=True): 100})["look"] == round(50 * 0.75)


def test_each_group_that_gains_members_is_looked_at_once_and_once_more_in_the_sample():
    def looks(additions, **sizes):
        return calls_of(WorkSizes(Counter({of(Verb.ADD_MEMBER, "group"): additions}), **sizes), COSTS)["group look"]

    assert looks(100, groups=3, new_groups=4) == 3 + 4
    assert looks(100_000, groups=50, new_groups=0) == 2 * 50
    assert looks(100_000, groups=80, new_groups=0) == 80 + 50


def test_minutes_are_those_of_an_even_pace_after_a_quarter_of_the_share():
    limit = RateLimit(100)
    assert minutes_of(18, limit, 0.75) == 0
    assert minutes_of(18 + 75, limit, 0.75) == pytest.approx(1)
    assert minutes_of(25 + 300, limit, 1) == pytest.approx(3)
    assert minutes_of(25 + 300, RateLimit(100, seconds=30), 1) == pytest.approx(1.5)


def test_limit_that_takes_longest_gives_the_minutes():
    sizes = WorkSizes(Counter({of(Verb.UPDATE): 500, of(Verb.ADD_MEMBER, "app"): 200}))
    limits = {"update": RateLimit(1000), "app": RateLimit(100), "unused": RateLimit(1)}
    found = forecast("desk", sizes, replace(COSTS, limits=limits, share=0.5))
    assert (found.limit, found.minutes) == ("app", pytest.approx((600 + 14 - 12) / 50))
    assert found.requests == calls_of(sizes, COSTS).total()
    assert forecast("desk", sizes, COSTS).minutes is None


def test_target_whose_connector_declares_no_costs_is_unknown():
    told = with_forecasts(SMALL, {"desk": MemoryTarget("desk", Traits(login="login", email="email"))})
    assert told.forecasts == (Forecast(target="desk", requests=None), Forecast(target="shed", requests=None))
    assert "desk: unknown" in text.show(told, width=100, colour=False)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Forecast(target="desk", requests=None), "unknown"),
        (Forecast(target="desk", requests=1), "about 1 request"),
        (Forecast(target="desk", requests=12, minutes=0.0, limit="users"), "about 12 requests, less than a minute"),
        (
            Forecast(target="desk", requests=2345, minutes=7.2, limit="user_writes"),
            "about 2,345 requests, 8 minutes by the limit of user writes",
        ),
    ],
)
def test_forecast_in_words(given, words):
    assert forecast_words(given) == words


def test_forecast_is_said_before_an_apply_and_is_no_part_of_the_plan():
    one = Forecast(target="desk", requests=656, minutes=2.1, limit="groups")
    plan = plan_of([operation(1)])
    told = replace(plan, forecasts=(one,))
    assert canonical(told) == canonical(plan)
    for shown in (told, redacted(told, KEY)[0]):
        assert "desk: about 656 requests, 3 minutes by the limit of groups" in text.show(shown, width=100, colour=False)
        assert "<b>desk</b> about 656 requests, 3 minutes by the limit of groups." in html.page(shown)
        said = json.loads("".join(json_report.parts(shown)))["forecast"]
        assert said == [{"target": "desk", "requests": 656, "minutes": 2.1, "limit": "groups", "seats": []}]
    run = Run(id="r-1", plan_digest=plan.digest, live=True, started="", ended="", outcomes=())
    assert "Forecast" not in text.show(told, run, width=100, colour=False)
    assert "Forecast" not in html.page(told, run)
