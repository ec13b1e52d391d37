"""A site of its own whose requests are killed (SIGKILL) between any two steps: `python -m tests.kill_child upload 3`.

For each step and repetition it forks; the child answers one real request through every middleware and kills itself at
the step, so the parent knows what the person at the screen was told. Then the parent looks at what is there, sends the
same form again (same one-time key), and proves the record. It prints one JSON line per step and exits non-zero at the
first thing that is wrong. Functions are wrapped from outside; nothing in the product knows of this.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import signal
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courseware.settings")

import django

django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402 - Django has to be set up first
from django.core.management import CommandError, call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from assessment.models import Decision, EvidenceVersion, LearnerUnit  # noqa: E402
from assessment.views.evidence import adding  # noqa: E402
from assessment.views.marking import desk  # noqa: E402
from assessment.workflow import decisions, derive, evidence, uploads  # noqa: E402
from courseware.kit import storage  # noqa: E402
from courseware.ledger.models import LedgerEntry  # noqa: E402
from tests import make  # noqa: E402

COMMITTED = ("before the commit", "after the commit", "before the answer")
PLACED = ("make_folders", "move_into_place", "flush_folder")  # at its address, after the flush
UPLOAD = (
    "in the middle of the bytes",
    "write_part",
    "flush_file",
    *PLACED,
    "before the row",
    "after the row",
    *COMMITTED,
)
DECISION = (
    "before the lock",
    "after the body",
    "after the decision",
    "after the status",
    "after the entry",
    *COMMITTED,
)


# -- Dying at a step ---------------------------------------------------------------------------------------------------


def die(*_: Any) -> NoReturn:
    """What a power cut does to a process."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def around(place: Any, name: str, *, before: Callable[[], Any] | None = None, after: Any = None) -> None:
    """Wrap the function `name` of `place` from outside."""
    function = getattr(place, name)

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if before is not None:
            before()
        result = function(*args, **kwargs)
        if after is not None:
            after()
        return result

    setattr(place, name, wrapped)


def at_commit(place: Any, last: str, step: str, answer: tuple[Any, str]) -> None:
    """Die before or after the commit that follows the entry (`last` of `place`), or with the answer ready."""
    if step == "before the answer":
        around(*answer, before=die)
        return
    moment = "before" if step == "before the commit" else "after"
    around(place, last, after=lambda: around(BaseDatabaseWrapper, "_commit", **{moment: die}))


def dying_upload(step: str) -> None:
    """Arrange that the upload in this process dies at `step`."""
    if step == "in the middle of the bytes":
        uploads.BLOCK = 1 << 16
        around(uploads, "_take", after=die)
    elif step in PLACED:
        around(storage, "flush_file", after=lambda: around(storage, step, after=die))
    elif step in ("write_part", "flush_file"):
        around(storage, step, after=die)
    elif step == "before the row":
        around(evidence, "_write", before=die)
    elif step == "after the row":
        around(evidence, "_write", after=die)
    else:
        at_commit(evidence, "_told", step, (adding, "_to_mapping"))


def dying_decision(step: str) -> None:
    """Arrange that the decision in this process dies at `step`."""
    places: dict[str, tuple[Any, str]] = {
        "after the body": (decisions, "texts_of"),
        "after the decision": (Decision, "save"),
        "after the status": (derive, "store"),
        "after the entry": (decisions, "record"),
    }
    if step == "before the lock":
        around(decisions, "lock_learner_unit", before=die)
    elif step in places:
        around(*places[step], after=die)
    else:
        at_commit(decisions, "record", step, (desk, "_next"))


# -- The two requests --------------------------------------------------------------------------------------------------


@dataclass
class Form:
    """One form as a browser holds it, to be sent as often as somebody presses the button."""

    client: Client
    address: str
    sent: dict[str, Any]
    content: bytes = b""

    def send(self) -> int:
        """The status of the answer."""
        file = {"file": SimpleUploadedFile("notes.txt", self.content)} if self.content else {}
        return int(self.client.post(self.address, self.sent | file).status_code)


@dataclass
class Site:
    """One learner who handed something in, and the tutor."""

    learner: Client
    tutor: Client
    unit: LearnerUnit
    submission: Any

    def upload(self, number: int) -> Form:
        """A text file of 200 KB that nobody has sent before."""
        content = f"Visit {number}.\n".encode() * 16_000
        return Form(self.learner, reverse("evidence-upload", args=[self.unit.uid]), {"key": str(uuid.uuid4())}, content)

    def decision(self, number: int) -> Form:
        """The next decision on 1.1, in place of the one on record."""
        newest = Decision.objects.filter(learner_unit=self.unit).order_by("-pk").first()
        sent = {
            "key": str(uuid.uuid4()),
            "learner_unit": self.unit.uid,
            "submission": self.submission.uid,
            "criterion": make.criteria(self.unit)[0].uid,
            "supersedes": newest.uid if newest else "",
            "outcome": "met" if number % 2 else "not_yet_met",
            "reason": "" if number % 2 else "insufficient",
            "feedback": f"You name stage {number}.",
        }
        return Form(self.tutor, reverse("marking-desk", args=[self.submission.uid, "1.1"]), sent)


def build() -> Site:
    """The site, from an empty database."""
    call_command("migrate", verbosity=0)
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    submission = make.submission(unit, make.criteria(unit)[0])
    clients = []
    for member in (unit.learner, tutor):
        client = Client()
        client.force_login(make.fresh(member.user))
        clients.append(client)
    return Site(*clients, LearnerUnit.objects.get(pk=unit.pk), submission)


def killed(form: Form, arrange: Callable[[str], None], step: str) -> bool:
    """Send `form` in a process of its own that dies at `step`; whether somebody at the screen was told "saved"."""
    connections.close_all()
    for connection in connections.all():
        if hasattr(connection, "close_pool"):
            connection.close_pool()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        arrange(step)
        os.write(writing, str(form.send()).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        answer = told.read()
    _, status = os.waitpid(child, 0)
    if answer == "":
        assert os.WIFSIGNALED(status), f"{step}: the process ended by itself, {status}"
        assert os.WTERMSIG(status) == signal.SIGKILL
    return answer == "303"


# -- What must hold ----------------------------------------------------------------------------------------------------


def whole() -> None:
    """Prove the record. Raises AssertionError with the first fault."""
    try:
        call_command("verify_record", stdout=io.StringIO())
    except CommandError as fault:
        raise AssertionError(str(fault)) from fault


def versions_of(form: Form) -> list[EvidenceVersion]:
    """The versions with the bytes of `form`, each proved to have them."""
    digest = hashlib.sha256(form.content).hexdigest()
    rows = EvidenceVersion.objects.filter(sha256=digest).select_related("centre", "learner_unit").order_by("pk")
    for row in rows:
        assert storage.evidence().rehash(row.address) == digest, "a row whose bytes are not those"
    return list(rows)


def decisions_of(form: Form) -> list[Decision]:
    """The decisions with the feedback of `form`."""
    return list(Decision.objects.filter(body__text=form.sent["feedback"]).order_by("pk"))


def once(form: Form, found: Callable[[Form], list[Any]], verb: str, *, said: bool) -> bool:
    """What was said to be saved is there; sent again, it is there once, with one entry. Whether it was there before."""
    there = len(found(form))
    assert there == 1 or (there == 0 and not said), f"there {there} times, said: {said}"
    entries = LedgerEntry.objects.filter(verb=verb).count()
    for _ in range(2):
        assert form.send() == 303, "the same form again is not answered as before"
        assert len(found(form)) == 1, "twice on record"
    assert LedgerEntry.objects.filter(verb=verb).count() == entries + 1 - there
    return bool(there)


def sweep() -> int:
    """Nothing of a killed upload is left, because every form was sent again; how many files were swept."""
    store = storage.evidence()
    left = store.sweep(-60)
    assert list(store.partials(-60)) == []
    named = {row.address for row in EvidenceVersion.objects.select_related("centre", "learner_unit").order_by("pk")}
    assert set(store.addresses()) == named, "bytes that no row names, although every form was sent again"
    return left


def tell(**told: object) -> None:
    """One line for whoever started this."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def main(what: str, times: int) -> None:
    """Kill `what` (upload or decision) `times` at each of its steps."""
    site = build()
    arrange, found, make_form, verb = {
        "upload": (dying_upload, versions_of, site.upload, "add_evidence"),
        "decision": (dying_decision, decisions_of, site.decision, "decide"),
    }[what]
    number = 0
    for step in UPLOAD if what == "upload" else DECISION:
        kept = 0
        for _ in range(times):
            number += 1
            form = make_form(number)
            said = killed(form, arrange, step)
            assert not said, f"{step}: answered instead of killed"
            kept += once(form, found, verb, said=said)
            whole()
        tell(step=step, killed=times, kept=kept)
    # And one that nobody kills: it says saved, and it is.
    form = make_form(number + 1)
    assert killed(form, lambda _: None, "nowhere")
    assert once(form, found, verb, said=True)
    whole()
    tell(step="swept", killed=0, kept=sweep())


if __name__ == "__main__":
    Path(os.environ["COURSEWARE_DATA"]).mkdir(parents=True, exist_ok=True)
    main(sys.argv[1], int(sys.argv[2]))
