"""The requests that each verb takes of an application, by its dialect and the limit that they count against."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil

from connectors.contract import EntitlementKind, Opening
from connectors.costs import LOGIN, BatchCosts, Calls, Costs, RateLimit, SearchCosts, TogetherCosts
from connectors.scim.bulk_requests import BULK
from connectors.scim.client import GROUPS, USERS, Session, allowances
from connectors.scim.dialect import Afterwards, Deprovision, Dialect, Members, Verify


class ScimCosts:
    """An application as `costs.Costed`."""

    _session: Session

    def costs(self, accounts: int) -> Costs:
        """The costs in an application that has so many users. Limits are those of the dialect; most applications publish none."""
        session = self._session
        calls = _Calls(session.dialect)
        alone = calls(user_reads=1, group_looks=4, group_writes=1)
        return Costs(
            start=calls(described=1),
            create=dict.fromkeys(Opening, calls(user_writes=1, read_backs=1)),
            search=_searches(calls, accounts, session.settings.page_size or session.dialect.max_page),
            verbs=_verbs(calls),
            first_group_search=calls(group_reads=1),
            membership={
                EntitlementKind.GROUP: alone,
                EntitlementKind.ROLE: calls(user_reads=4, user_writes=1, read_backs=1),
            },
            batch=BatchCosts(
                most=max(session.dialect.max_member_changes, 100),
                account=calls(user_reads=1),
                accounts=calls(user_reads=1),
                accounts_a_request=session.dialect.max_ids,
                look=calls(group_looks=1),
                request=calls(group_writes=1, group_looks=1),
                members_a_request=session.dialect.max_member_changes,
            ),
            together=_together(session, calls),
            look_at_account=calls(user_reads=1),
            look_at_group=calls(group_reads=1),
            look_at_membership={EntitlementKind.GROUP: calls(group_looks=1), EntitlementKind.ROLE: calls(user_reads=1)},
            limits={name: RateLimit(each.count, each.seconds) for name, each in allowances(session.dialect.rate).items()},
            share=session.settings.rate_share,
        )


@dataclass(frozen=True, slots=True)
class _Calls:
    """Requests of a dialect, by the limit that each counts against."""

    dialect: Dialect

    def __call__(  # noqa: PLR0913 - a keyword a kind of request
        self,
        *,
        user_reads: int = 0,
        user_writes: int = 0,
        read_backs: int = 0,
        group_reads: int = 0,
        group_writes: int = 0,
        group_looks: int = 0,
        described: int = 0,
        bulk: int = 0,
    ) -> Calls:
        """`read_backs` of a user follow a write whose answer is not believed; `group_looks` show a group with its members."""
        rate, found = self.dialect.rate, Counter[str]()
        elsewhere = group_looks if self.dialect.members is Members.USERS else 0
        unbelieved = 0 if self.dialect.verify is Verify.BODY else read_backs
        found[rate.bucket(USERS, write=False)] += user_reads + unbelieved + elsewhere
        found[rate.bucket(USERS, write=True)] += user_writes
        found[rate.bucket(GROUPS, write=False)] += group_reads + group_looks
        found[rate.bucket(GROUPS, write=True)] += group_writes
        found[rate.bucket("ServiceProviderConfig", write=False)] += described
        found[rate.bucket(BULK, write=True)] += bulk
        return {name: count for name, count in found.items() if count}


def _together(session: Session, calls: _Calls) -> TogetherCosts | None:
    """The costs of bulk requests and of reads by ids, where they are asked for, as if the application had them."""
    dialect, bulk = session.dialect, session.settings.bulk
    if not bulk and dialect.max_ids < 2:
        return None
    reads = int(dialect.max_ids > 1)
    looks = {"create": 0, "update": reads, "rename": reads, "reactivate": reads, "deactivate": reads}
    if dialect.deprovision is not Deprovision.ACTIVE_FALSE:
        del looks["deactivate"]
    most = min(each for each in (dialect.max_bulk_operations if bulk else 0, dialect.max_ids) if each > 1)
    return TogetherCosts(
        verbs={verb: calls(user_reads=look, user_writes=int(bulk), read_backs=reads) for verb, look in looks.items()},
        requests={verb: calls(user_reads=look, bulk=int(bulk), read_backs=reads) for verb, look in looks.items()},
        most=most,
    )


def _verbs(calls: _Calls) -> dict[str, Calls]:
    changed = calls(user_reads=1, user_writes=1, read_backs=1)
    hidden = calls.dialect.afterwards is not Afterwards.STAYS
    ended = calls(user_reads=2, user_writes=1) if calls.dialect.deprovision is Deprovision.DELETE else changed
    return {
        "update": changed,
        "rename": changed,
        # One that answers afterwards that it does not exist is asked for twice.
        "deactivate": calls(user_reads=3, user_writes=1) if hidden else ended,
        "reactivate": calls(user_reads=3, user_writes=1) if calls.dialect.afterwards is Afterwards.HIDDEN else changed,
        "delete": calls(user_reads=3, user_writes=1),
        "create_group": calls(group_reads=1, group_writes=1),
        "update_group": calls(group_reads=3, group_writes=1),
        "delete_group": calls(group_reads=3, group_looks=2, group_writes=1),
    }


def _searches(calls: _Calls, accounts: int, page: int) -> SearchCosts:
    """The costs of searches. Without filters the list is read once for all; without users no filter can be tried."""
    pages = max(1, ceil(accounts / page))
    if not calls.dialect.filters:
        return SearchCosts(each={LOGIN: {}}, once=calls(user_reads=pages))
    if not accounts:
        return SearchCosts(each={LOGIN: {}}, trial=calls(user_reads=1), once=calls(user_reads=pages))
    return SearchCosts(other=calls(user_reads=1), trial=calls(user_reads=2))
