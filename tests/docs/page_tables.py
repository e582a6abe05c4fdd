"""What a page names that is something else in a test, and the commands that no test can run. Both are held to the pages."""

from collections.abc import Mapping

STAND_INS: Mapping[str, str] = {
    "PLAN": "{plan}",
    "RUN": "{run}",
    "HASH": "{head}",
    "https://your-org.okta.com": "{okta}",
    "https://wiki.example.com/scim/v2": "{wiki}",
    "http://127.0.0.1:8201": "{started okta}",
    "http://127.0.0.1:8202": "{started scim}",
    "0001234": "{anchor}",
    "00u5admin": "{second account}",
    "0010042": "{first held}",
    "0010107": "{second held}",
    "WHO": "{who}",
    "GROUP": "{group}",
    "FILE": "{backup}",
    "DAY": "2099-12-31",
    "NAME": "'Ines Vane'",
    "REASON": "corrected",
    "/srv/people": "{folder}",
    "/srv/reconcile": "{folder}",
    "/opt/reconcile/bin/reconcile": "{root}/bin/reconcile",
    "/var/log/reconcile.log": "{root}/reconcile.log",
    "/var/backups/reconcile": "{root}/backups",
    "/etc/reconcile/healthchecks.url": "{root}/healthchecks.url",
    "/etc/reconcile/ops-webhook.url": "{root}/ops-webhook.url",
    "/var/lib/prometheus/node-exporter/reconcile.prom": "{root}/reconcile.prom",
}
"""What stands in the blocks of the pages for something else: the template of what a reader saw or has."""

ITSELF = "runs tests, and would run this one"
INDEX = "installs from a package index, and into the home of whoever runs the tests"
NOT_RUN: Mapping[str, Mapping[str, str]] = {
    "README.md": {
        "make test    # the tests": ITSELF,
        "pipx install '.[sandbox]'": INDEX,
        "uv tool install '.[sandbox]'": INDEX,
    },
    "CONTRIBUTING.md": {
        ".venv/bin/python -m pytest tests/deciding/test_order.py": ITSELF,
        ".venv/bin/python -m pytest tests/deciding -k renames": ITSELF,
        "HYPOTHESIS_PROFILE=laws .venv/bin/python -m pytest tests/laws/test_laws_of_the_guards.py --timeout=0": ITSELF,
        '.venv/bin/python -m tests.mutation "last day"': ITSELF,
        ".venv/bin/python -m benchmarks planning": "measures for minutes",
    },
    "docs/howto/container.md": {
        "docker run --rm --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --stop-timeout 300 "
        "--volume /srv/people:/project --volume /etc/reconcile:/run/secrets:ro reconcile run --live": "needs Docker and an image of a registry",
    },
    "docs/reference/store-views.md": {
        "duckdb -readonly state/store.duckdb": "is a program of its own; tests/docs/test_store_views.py opens the file as it does",
    },
}
"""The commands that no test can run, by page, each with the reason."""

INTERRUPTED = "needs a run that was killed; tests/night/test_abandoned.py has one"
SPOKEN: Mapping[str, Mapping[str, int | str]] = {
    "docs/incident.md": {
        "reconcile act lockdown WHO --why REASON --live": 0,
        "reconcile hold WHO --until DAY --why REASON": 0,
        "reconcile between 2026-03-02T18:00": 0,
        "reconcile who-lost GROUP --since 2026-03-02T18:00": 0,
        "reconcile history WHO": 0,
        "reconcile as-of 2026-03-02T18:00 members okta GROUP": 0,
        "reconcile as-of 2026-03-02T18:00 accounts okta WHO": 0,
        "reconcile show PLAN": 0,
        "reconcile why WHO": 0,
        "reconcile resume --abandon": INTERRUPTED,
        "reconcile undo RUN --only \"verb = 'reactivate'\"": 10,
        "reconcile approve PLAN --reject-where ...": "is not whole",
    },
    "docs/operation.md": {
        "reconcile rehearse PLAN": "takes as long as a night; tests/night/test_rehearse.py does it",
        "reconcile restore-backup FILE": 0,
        "reconcile audit verify": 0,
        "reconcile rebind --journal": "needs a lost journal; tests/stories/test_journal_binding.py has one",
        "reconcile hold WHO --until DATE --by NAME --why REASON": "is what follows it; tests/night/test_act.py does it",
        "reconcile forget WHO": "needs a person who is gone everywhere; tests/night/test_forget.py has one",
        "reconcile act lockdown WHO --why REASON --live": 0,
    },
    "docs/sandbox.md": {"reconcile --project people check": 0},
    "docs/howto/scim-target.md": {
        "reconcile init people --from export.csv --scim https://wiki.example.com/scim/v2": 0,
    },
}
"""The commands that stand only in the sentences of a page which is followed step by step: the exit code of each, or the reason why it is not typed."""

ELSEWHERE: Mapping[tuple[str, str], str] = {
    ("docs/tutorial.md", ""): "tests/docs/test_tutorial.py",
    ("docs/incident.md", "Two incidents, played"): "tests/stories/test_incident.py",
}
"""Pages, or sections of them, whose commands another test types."""
