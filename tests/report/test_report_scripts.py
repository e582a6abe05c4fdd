"""The scripts of the page, driven in a headless Chromium where this machine has one: no other dependency is needed for that."""

import base64
import hashlib
import re
import shutil
import subprocess

import pytest

from reconcile.plan.model import Verb
from reconcile.report.formats.html import page
from tests.support.waiting import LIMIT

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--virtual-time-budget=60000", "--dump-dom")

DRIVE = """
const said = [];
const drawn = () => [...document.querySelectorAll("#table tbody tr")].filter((row) => !row.hidden && row.offsetParent).length;
const step = (name, value) => said.push(`${name}=${value}`);
const search = document.getElementById("search");
const look = (text) => { search.value = text; search.dispatchEvent(new Event("input")); };
const later = () => new Promise((done) => setTimeout(done, 400));
(async () => {
  await later(); step("ready", document.documentElement.hasAttribute("data-ready")); step("all", drawn());
  look("p3@"); await later(); step("one", drawn());
  look(""); await later(); step("again", drawn());
  document.querySelector("[data-all=hold]").click(); await later(); step("held", document.body.textContent.match(/\\d+ held/)?.[0]);
  const result = document.createElement("pre"); result.id = "driven"; result.textContent = said.join(";"); document.body.append(result);
})();
"""


@pytest.fixture
def dom_of(tmp_path):
    """What a headless Chromium makes of a page. Skips where there is none, or one that cannot even show an empty page here."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("this machine has no Chromium")

    def shown(address: str) -> str:
        command = [browser, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", address]
        return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False).stdout

    if "it works" not in shown("data:text/html,<p>it works"):
        pytest.skip("the Chromium of this machine does not start")
    return shown


def driven(dom_of, text, folder):
    """What a script that acts as a reader saw. The page's own policy admits only its own scripts, so this one is admitted by its hash."""
    digest = base64.b64encode(hashlib.sha256(DRIVE.encode()).digest()).decode()
    admitted = text.replace("script-src '", f"script-src 'sha256-{digest}' '", 1)
    assert admitted != text
    path = folder / "page.html"
    path.write_text(admitted.replace("</body>", f"<script>{DRIVE}</script></body>"), encoding="utf-8")
    shown = dom_of(path.as_uri())
    found = re.search(r'<pre id="driven">(.*?)</pre>', shown)
    assert found, shown[-2000:]
    return dict(each.split("=") for each in found[1].split(";"))


def test_reader_searches_clears_the_search_and_holds_what_is_shown(dom_of, operation, plan_of, tmp_path):
    rows = [operation(number, Verb.DEACTIVATE, who=f"p{number}@corp.example") for number in range(1, 8)]
    assert driven(dom_of, page(plan_of(*rows)), tmp_path) == {"ready": "true", "all": "7", "one": "1", "again": "7", "held": "7 held"}
