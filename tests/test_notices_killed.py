"""A worker that is killed in the middle of a letter: it is sent again, once, and nobody is told twice in the list."""

from __future__ import annotations

import signal
import sqlite3
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.processes import manage, migrated, python

MADE = """
from tests import make
from tests.notice_builders import scene
here = scene()
make.marked(make.submission(here.unit), here.user("tutor"))
"""
DUE = """
from assessment.models import Notice
from courseware.kit import clock
Notice.objects.update(due_at=clock.now())
"""
# As after DEAD: nobody waits ten minutes for a test.
FORGOTTEN = """
from assessment.models import Letter
from assessment.notices import post
from courseware.kit import clock
Letter.objects.filter(state="sending").update(claimed_at=clock.now() - post.DEAD - post.PAUSES[0])
"""
# Dies with the letter sent and no note of it made, or with nothing of the batch committed.
KILLED = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "courseware.settings"
import django
django.setup()
from django.core.mail import EmailMessage
from assessment import notices
from assessment.notices import telling
from tests.kill_child import around, die
if sys.argv[1] == "sending":
    around(EmailMessage, "send", after=die)
else:
    around(telling, "tell", after=die)
notices.tick()
"""


def letters(data: Path) -> list[str]:
    """The Message-IDs of every letter that went out, one for each time."""
    return [message_from_bytes(file.read_bytes())["Message-ID"] for file in sorted((data / "mail").iterdir())]


def rows(data: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(data / "courseware.sqlite3") as database:
        return database.execute(sql).fetchall()


@pytest.mark.process
@pytest.mark.unmeasured
def test_a_worker_killed_between_commit_and_note_tells_everybody_once_and_sends_again(tmp_path: Path) -> None:
    data = migrated(tmp_path / "data")
    assert manage(data, "shell", "-c", MADE).returncode == 0
    sent_before = letters(data)  # the invitations

    assert python(data, "-c", KILLED, "telling").returncode == -signal.SIGKILL
    assert rows(data, "SELECT * FROM assessment_notice") == []
    assert manage(data, "tick").returncode == 0
    released = "SELECT times FROM assessment_notice WHERE kind = 'feedback_released'"
    assert rows(data, released) == [(1,)]
    assert manage(data, "tick").returncode == 0
    assert rows(data, released) == [(1,)]

    assert manage(data, "shell", "-c", DUE).returncode == 0
    assert python(data, "-c", KILLED, "sending").returncode == -signal.SIGKILL
    assert rows(data, "SELECT state, tries FROM assessment_letter") == [("sending", 1)]
    assert manage(data, "tick").returncode == 0  # whoever holds it may still live
    assert len(letters(data)) == len(sent_before) + 1
    assert manage(data, "shell", "-c", FORGOTTEN).returncode == 0
    for _ in range(2):
        assert manage(data, "tick").returncode == 0
    again = [name for name in letters(data) if name not in sent_before]
    assert len(again) == 2
    assert len(set(again)) == 1
    assert rows(data, "SELECT state, tries FROM assessment_letter") == [("sent", 2)]
