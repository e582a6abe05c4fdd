"""The scripts of the page, driven in a headless Chromium where this machine has one: no other dependency is needed for that."""

import base64
import hashlib
import re
import shutil
import subprocess

import pytest

from reconcile.plan.model import Verb
from reconcile.report.formats.html import page

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="this machine has no Chromium")

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


def driven(text, folder):
    """What a script that acts as a reader saw. The page's own policy admits only its own scripts, so this one is admitted by its hash."""
    digest = base64.b64encode(hashlib.sha256(DRIVE.encode()).digest()).decode()
    admitted = text.replace("script-src '", f"script-src 'sha256-{digest}' '", 1)
    assert admitted != text
    path = folder / "page.html"
    path.write_text(admitted.replace("</body>", f"<script>{DRIVE}</script></body>"), encoding="utf-8")
    flags = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder / 'profile'}",
        "--virtual-time-budget=60000",
        "--dump-dom",
    )
    shown = subprocess.run([BROWSER, *flags, path.as_uri()], capture_output=True, text=True, timeout=120, check=True).stdout
    found = re.search(r'<pre id="driven">(.*?)</pre>', shown)
    assert found, shown[-2000:]
    return dict(each.split("=") for each in found[1].split(";"))


def test_reader_searches_clears_the_search_and_holds_what_is_shown(operation, plan_of, tmp_path):
    rows = [operation(number, Verb.DEACTIVATE, who=f"p{number}@corp.example") for number in range(1, 8)]
    assert driven(page(plan_of(*rows)), tmp_path) == {"ready": "true", "all": "7", "one": "1", "again": "7", "held": "7 held"}
