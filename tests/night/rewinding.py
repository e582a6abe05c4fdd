"""A world that each test finds as it was kept: its servers run on, what they hold and the project folder are put back."""

import copy
import shutil

from .night_worlds import World


class Rewinding:
    """A world, and what it held when it was kept."""

    def __init__(self, held: World, kept: str = "kept") -> None:
        self._held = held
        self._folder = held.folder.with_name(f"{held.folder.name}-{kept}")
        shutil.copytree(held.folder, self._folder)
        self._org = copy.deepcopy(held.okta.app._org)
        self._resources = copy.deepcopy(held.wiki.app._storage.resources)

    def again(self) -> World:
        """The world as it was kept, without faults and without the requests of before."""
        held = self._held
        held.release()
        shutil.rmtree(held.folder)
        shutil.copytree(self._folder, held.folder)
        held.okta.app._org = copy.deepcopy(self._org)
        held.wiki.app._storage.resources = copy.deepcopy(self._resources)
        for server in (held.okta, held.wiki):
            server.forget_requests()
        return held
