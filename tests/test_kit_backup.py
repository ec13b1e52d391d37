"""A backup: whole, proven, and copied once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from courseware.kit import backup
from courseware.kit.storage import LocalStore
from tests import make

CENTRE, UNIT = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


@pytest.mark.django_db(transaction=True)
def test_database_evidence_and_key_are_copied_and_evidence_only_once(
    settings: Any, tmp_path: Path, capsys: Any
) -> None:
    settings.EVIDENCE_ROOT, settings.DATA_DIR = tmp_path / "evidence", tmp_path
    (tmp_path / "secret-key").write_text("a key")
    make.text(make.learner_unit())
    for new in (1, 0):
        call_command("backup", tmp_path / "backup")
        assert capsys.readouterr().out.endswith(f": the database. {new} files of evidence new, 1 in all.\n")
    assert (tmp_path / "backup" / "secret-key").read_text() == "a key"
    copies = list((tmp_path / "backup" / "databases").iterdir())
    assert len(copies) == 2
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(copies[0])) as copy:
            assert copy.execute("SELECT count(*) FROM assessment_evidenceversion").fetchone() == (1,)
    else:
        assert all(path.read_bytes()[:5] == b"PGDMP" for path in copies)


@pytest.mark.django_db(transaction=True)
def test_changed_bytes_are_no_backup_and_old_databases_go(settings: Any, tmp_path: Path, monkeypatch: Any) -> None:
    settings.EVIDENCE_ROOT, settings.DATA_DIR = tmp_path / "evidence", tmp_path
    monkeypatch.setattr(backup, "KEPT", 2)
    for _ in range(3):
        call_command("backup", tmp_path / "backup", stdout=SimpleNamespace(write=lambda _: None))
    assert len(list((tmp_path / "backup" / "databases").iterdir())) == 2
    bad = tmp_path / "evidence" / CENTRE / UNIT / ("0" * 64)
    bad.parent.mkdir(parents=True)
    bad.write_bytes(b"not that")
    with pytest.raises(CommandError, match=r"The backup is not whole\. The bytes of .* run verify_record"):
        call_command("backup", tmp_path / "backup")
    assert list(LocalStore(tmp_path / "backup" / "evidence").addresses()) == []


def test_what_pg_dump_says_is_said(tmp_path: Path, monkeypatch: Any) -> None:
    told = {"NAME": "none", "HOST": str(tmp_path), "PORT": "", "USER": "nobody", "PASSWORD": "secret"}
    server: Any = SimpleNamespace(vendor="postgresql", settings_dict=told)
    tool = tmp_path / "pg_dump"
    tool.write_text('#!/bin/sh\necho "no $PGHOST for $PGUSER, $PGPASSWORD" >&2\nexit 1\n')
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(backup.NotBackedUp, match=f"pg_dump failed: no {tmp_path} for nobody, secret"):
        backup.take(server, LocalStore(tmp_path / "evidence"), tmp_path, tmp_path / "backup")
    tool.write_text('#!/bin/sh\nfor word; do case $word in --file=*) echo dump >"${word#--file=}" ;; esac; done\n')
    assert backup.take(server, LocalStore(tmp_path / "evidence"), tmp_path, tmp_path / "backup").database.exists()
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(backup.NotBackedUp, match="pg_dump is not installed"):
        backup.take(server, LocalStore(tmp_path / "evidence"), tmp_path, tmp_path / "backup")
