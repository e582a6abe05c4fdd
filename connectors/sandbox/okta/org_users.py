"""The users of one org: by their ids, by their logins, and in the order of every list."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator

from connectors.sandbox.okta.objects import OktaUser


def login_key(login: str) -> str:
    """Returns a text that is equal for equal logins of an org: case and diacritics do not count (Okta, user profile: login)."""
    plain = unicodedata.normalize("NFKD", login)
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


class OrgUsers:
    """All users. A login belongs to one of them."""

    def __init__(self) -> None:
        self.by_id: dict[str, OktaUser] = {}
        self.by_login: dict[str, str] = {}
        """Ids by `login_key`."""
        self._ids: list[str] = []
        """Sorted: the order of every list of users."""

    def find(self, reference: str) -> OktaUser | None:
        """The user with this id, this login, or this login before the `@` where only one has it."""
        found = self.by_id.get(reference) or self.by_id.get(self.by_login.get(login_key(reference), ""))
        if found is None and reference and "@" not in reference:
            start = login_key(reference) + "@"
            named = [user_id for login, user_id in self.by_login.items() if login.startswith(start)]
            found = self.by_id[named[0]] if len(named) == 1 else None
        return found

    def after(self, after: str) -> Iterator[OktaUser]:
        """Every user behind a cursor, in the order of their ids."""
        for position in range(bisect_right(self._ids, after), len(self._ids)):
            yield self.by_id[self._ids[position]]

    def add_all(self, users: Iterable[OktaUser]) -> None:
        """Takes in many users at once, as a seed does."""
        self.by_id.update((user.id, user) for user in users)
        self._ids = sorted(self.by_id)
        self.by_login = {login_key(user.profile["login"]): user.id for user in self.by_id.values()}

    def add(self, user: OktaUser) -> None:
        self.by_id[user.id] = user
        insort(self._ids, user.id)
        self.by_login[login_key(user.profile["login"])] = user.id

    def remove(self, user: OktaUser) -> None:
        del self.by_id[user.id]
        del self._ids[bisect_left(self._ids, user.id)]
        del self.by_login[login_key(user.profile["login"])]

    def rename(self, user: OktaUser, before: str) -> None:
        """Has a user found by its login of now, and no longer by the one before."""
        del self.by_login[login_key(before)]
        self.by_login[login_key(user.profile["login"])] = user.id
