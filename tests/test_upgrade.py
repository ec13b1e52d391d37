"""From one version to the next: migrations in a line, tried on a populated database, and never half done."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from tests.processes import ROOT, environment, manage

OURS = [app.label for app in apps.get_app_configs() if Path(app.path).is_relative_to(settings.BASE_DIR)]
POPULATED = sorted(path.name.removesuffix(".json.gz") for path in (ROOT / "tests" / "populated").glob("*.json.gz"))
NEWER = "tests.newer.settings"


@pytest.mark.parametrize("app", [app for app in OURS if (Path(apps.get_app_config(app).path) / "migrations").exists()])
def test_migrations_are_a_line_and_each_is_one_transaction(app):
    loader = MigrationLoader(None)
    own = {name: migration for (label, name), migration in loader.disk_migrations.items() if label == app}
    names = sorted(own)
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert [node for node in loader.graph.leaf_nodes() if node[0] == app] == [(app, names[-1])]
    for before, name in zip([None, *names], names, strict=False):
        of_the_app = [on for label, on in own[name].dependencies if label == app]
        assert of_the_app == ([before] if before else []), f"{name} does not follow {before}"
        assert own[name].atomic, f"{name} would not be undone as a whole"


@pytest.mark.unmeasured
@pytest.mark.parametrize("version", POPULATED)
def test_a_populated_database_of_an_earlier_version_is_migrated_and_its_record_is_whole(
    tmp_path, version, server_database
):
    with server_database(f"populated_{version}_{os.getpid()}") as database:
        done = subprocess.run(
            [sys.executable, "-m", "tests.populated", "migrate", version],
            env=environment(tmp_path / "data", COURSEWARE_HTTP="1", **database),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    rows, *_, last = done.stdout.splitlines()
    assert int(rows.split()[0]) > 400
    assert last == "The record is whole."


def said(data: Path, *, status: int = 0, **more: str) -> str:
    """What `prepare` says of the database."""
    done = manage(data, "prepare", COURSEWARE_HTTP="1", **more)
    assert done.returncode == status, done.stdout + done.stderr
    return "\n".join(re.findall(r"^ *Database +(.*)$", done.stdout, re.MULTILINE)) + done.stderr


def test_a_site_goes_back_from_a_failed_and_a_killed_migration_and_forward_from_a_good_one(tmp_path, server_database):
    data = tmp_path / "data"
    with server_database(f"upgrade_{os.getpid()}") as database:
        newer = {"DJANGO_SETTINGS_MODULE": NEWER, **database}
        assert "migrations applied" in said(data, **database)
        assert manage(data, "add_centre", "Mill Lane", "--admin", "pat@example.org", **database).returncode == 0
        assert said(data, status=1, NEWER="fail", **newer) == (
            "CommandError: The migration failed and the database is as it was before (the mill is closed).\n"
        )
        assert said(data, **database) == "up to date"
        assert manage(data, "verify_record", **database).returncode == 0
        said(data, status=-9, NEWER="die", **newer)
        if not database:
            refused = manage(data, "work", "--once")
            assert (refused.returncode, "under way or was interrupted" in refused.stderr) == (1, True)
        back = said(data, **database)  # the version before is put back, and goes back by itself
        assert ("a migration was interrupted: back to how it was before" in back) == (not database)
        assert back.endswith("up to date")
        assert manage(data, "verify_record", **database).returncode == 0
        assert said(data, **newer) == "3 migrations applied"
        assert manage(data, "verify_record", **newer).returncode == 0
        assert bool(list((data / "copies").glob("*.sqlite3"))) == (not database)


@pytest.mark.django_db
def test_a_database_of_a_newer_version_is_refused_in_a_sentence():
    from django.core.management import CommandError, call_command
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder(connection).record_applied("people", "9999_later")
    with pytest.raises(
        CommandError, match=r"A newer version .* \(people\.9999_later\): start that version, or go back"
    ):
        call_command("prepare")


@pytest.mark.process
@pytest.mark.unmeasured
def test_a_start_killed_at_any_step_is_undone_or_whole_at_the_next(tmp_path):
    data = tmp_path / "data"
    assert "migrations applied" in said(data)
    assert manage(data, "add_centre", "Mill Lane", "--admin", "pat@example.org").returncode == 0
    done = subprocess.run(
        [sys.executable, "-m", "tests.upgrade_child"],
        env=environment(data, COURSEWARE_HTTP="1"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    kills = [json.loads(line) for line in done.stdout.splitlines()]
    assert [kill["marked"] for kill in kills] == [
        # forward: the copy, the mark, the end
        *[False, False, False, True, True, False],
        # back: the bytes beside, the journal, the place, the end
        *[True, True, True, True, True, True, True, False],
    ]
