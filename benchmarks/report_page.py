"""The HTML report of a first night of 50,000 operations: its size, how long making it takes, and how soon a browser can use it.

The times of the browser need Chromium and Playwright (`pip install playwright` beside the requirements); without them they are left out.
"""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.world import build
from reconcile.report.formats.html import page
from reconcile.usecases.session import Session

PEOPLE = 4_590
"""People of a first night of nearly 50,000 operations: an account and nine memberships each, about."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), PEOPLE, first_night=True)
        plan = Session.open(Path(folder)).plan()
        began = time.perf_counter()
        text = page(plan)
    print(f"{len(plan.operations):,} operations: {len(text.encode()) / 1e6:.1f} MB, made in {time.perf_counter() - began:.1f} s")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None or importlib.util.find_spec("playwright") is None:
        print("no Chromium or no Playwright here: the times of a browser are left out")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        path.write_text(text, encoding="utf-8")
        for what, figure in _timed(browser, path):
            print(f"{what}: {figure:,.0f}")


def _timed(browser: str, path: Path) -> Iterator[tuple[str, float]]:
    """What a reader waits for: from the start of the navigation until the first rows are drawn, then until each action is."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not among the requirements

    actions = {
        "search for a word": "search.value = 'u00001234'; search.dispatchEvent(new Event('input'))",
        "clear the search": "search.value = ''; search.dispatchEvent(new Event('input'))",
        "sort by who": "document.querySelector('th[data-sort=who] button').click()",
        "group by person": "const grouping = document.getElementById('grouping'); grouping.value = 'person'; grouping.dispatchEvent(new Event('change'))",
        "hold all shown": "document.querySelector('[data-all=hold]').click()",
    }
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        view = found.new_page()
        view.goto(path.as_uri())
        view.wait_for_selector("html[data-ready]")
        yield (
            "milliseconds until it is usable",
            view.evaluate("() => new Promise(done => requestAnimationFrame(() => done(performance.now())))"),
        )
        yield "nodes", view.evaluate("document.querySelectorAll('*').length")
        for what, action in actions.items():
            yield f"milliseconds to {what}", view.evaluate(_WAITING % action)
        found.close()


_WAITING = """() => new Promise(done => {
  const search = document.getElementById("search");
  const began = performance.now();
  const body = document.querySelector("#table tbody");
  const told = new MutationObserver(() => { told.disconnect(); requestAnimationFrame(() => setTimeout(() => done(performance.now() - began))); });
  told.observe(body, { childList: true, subtree: true, attributes: true });
  %s;
})"""
"""Runs an action and answers with the milliseconds until the rows that it changed are painted."""


if __name__ == "__main__":
    main()
