"""A project that `init` writes: accepted as soon as it is filled in, and never written over another."""

import shutil

from .night_worlds import reconcile


def test_a_project_that_init_wrote_is_accepted_once_it_is_filled_in(tmp_path, drifted):
    folder = tmp_path / "mine"
    written = reconcile("init", str(folder))
    assert written.code == 0
    assert str(folder / "reconcile.toml") in written.out

    settings = (folder / "reconcile.toml").read_text(encoding="utf-8")
    settings = settings.replace("https://your-org.okta.com", drifted.okta.url).replace(
        "https://wiki.example.com/scim/v2", f"{drifted.wiki.url}/v2"
    )
    settings = settings.replace("breakglass@example.com", drifted.staff.protected[0])
    (folder / "reconcile.toml").write_text(settings, encoding="utf-8")
    shutil.copytree(drifted.folder / "hr", folder / "hr")
    (folder / "secrets").mkdir()
    (folder / "secrets" / "okta").write_text("sandbox-token", encoding="utf-8")
    (folder / "secrets" / "wiki").write_text("sandbox", encoding="utf-8")

    checked = reconcile("--project", str(folder), "check")
    assert (checked.code, checked.err) == (0, "")
    assert "PROBLEM" not in checked.out
    assert not (folder / "state").exists()


def test_before_it_is_filled_in_check_says_what_is_missing(tmp_path):
    reconcile("init", str(tmp_path))
    checked = reconcile("--project", str(tmp_path), "check")
    assert checked.code == 16
    for missing in ("secrets/okta", "secrets/wiki", "hr/workers_*.csv", "hr/contractors_*.csv"):
        assert missing in checked.out


def test_init_overwrites_nothing(tmp_path):
    assert reconcile("init", str(tmp_path)).code == 0
    (tmp_path / "mappings" / "okta.toml").unlink()
    (tmp_path / "reconcile.toml").write_text("# mine", encoding="utf-8")
    again = reconcile("init", str(tmp_path))
    assert again.code == 2
    assert "identities.toml is there already; nothing was overwritten" in again.err
    assert (tmp_path / "reconcile.toml").read_text(encoding="utf-8") == "# mine"
    assert not (tmp_path / "mappings" / "okta.toml").exists()
