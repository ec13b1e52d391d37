"""The pages about a list of learners: brought, looked through, mended and added by forms alone; what they cost."""

from __future__ import annotations

import io
import uuid
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.models import Cohort, ImportLine, LearnerImport, LearnerUnit
from assessment.workflow import imports
from courseware.kit.tasks import run_due
from tests import make
from tests.people_builders import administrator_of, make_centre
from tests.roll_builders import HEADER, PUBLISHED, listed

pytestmark = pytest.mark.django_db


def administrator(cohort: Cohort) -> Client:
    """The browser of the cohort's administrator."""
    client = Client()
    client.force_login(make.fresh(administrator_of(cohort.centre)))
    return client


def key() -> dict[str, str]:
    """A fresh one-time key."""
    return {"key": str(uuid.uuid4())}


def bring(client: Client, cohort: Cohort, **sent: Any) -> Any:
    """The answer to a list that is brought."""
    return client.post(reverse("import-add", args=[cohort.uid]), {"pasted": "", **sent, **key()})


def text(answer: Any) -> str:
    """A page with its white space made plain."""
    return " ".join(answer.content.decode().split())


def to(name: str, found: LearnerImport) -> str:
    """The address of a form of the list."""
    return reverse(name, args=[found.uid])


def test_a_list_is_pasted_mended_and_added_by_forms_alone() -> None:
    cohort = make.cohort()
    client = administrator(cohort)
    assert f"{cohort.name}</h1>" in text(client.get(reverse("import-add", args=[cohort.uid])))
    assert reverse("import-add", args=[cohort.uid]) in text(client.get(reverse("cohort", args=[cohort.uid])))
    answer = bring(client, cohort, pasted=f"{HEADER}\nMaya,maya@example.org,{PUBLISHED}\nJo,jo@example,\n\n")
    found = LearnerImport.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, to("import", found))
    page = text(client.get(to("import", found)))
    assert "4 lines" in page or "Four lines" in page
    assert "What stands after the @ is no complete address" in page
    assert 'name="email-3" value="jo@example"' in page
    assert "Add 1 learner<" in page
    assert "Lines to mend are left out." in page
    sent = {"name-3": "Jo Ng", "email-3": "jo@example.org", "uln-3": ""}
    assert client.post(to("import-mend", found), sent | key()).status_code == 303
    page = text(client.get(to("import", found)))
    assert "Add 2 learners" in page
    assert "Is added to the centre, invited, and starts the unit." in page
    assert client.post(to("import-commit", found), key()).status_code == 303
    page = text(client.get(to("import", found)))
    assert "Two lines added." in page
    assert LearnerUnit.objects.filter(cohort=cohort).count() == 2
    for show, says in (
        ("nothing", "No line of this sort"),
        ("left", "No line of this sort"),
        ("added", "jo@example.org"),
        ("bad", "No line of this sort"),
    ):
        assert says in text(client.get(to("import", found) + f"?show={show}"))
    again = client.post(to("import-commit", found), key())
    assert again.status_code == 409
    assert "being added already" in text(again)


def test_a_file_is_brought_as_csv_and_as_a_workbook() -> None:
    cohort = make.cohort()
    client = administrator(cohort)
    rows = "Siân Ó Briain;sian@example.org\r\nZoë;zoe@example.org\r\n"
    bring(client, cohort, file=SimpleUploadedFile("list.csv", rows.encode("utf-16")))
    book = openpyxl.Workbook()
    for row in (["E-mail", "First name", "Last name", "ULN"], ["m@example.org", "Maya", "Okafor", int(PUBLISHED)]):
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    bring(client, cohort, file=SimpleUploadedFile("learners.xlsx", kept.getvalue()))
    assert list(LearnerImport.objects.order_by("pk").values_list("title", flat=True)) == ["list.csv", "learners.xlsx"]
    assert list(ImportLine.objects.order_by("of_id", "number").values_list("kind", "name", "uln")) == [
        ("new", "Siân Ó Briain", ""),
        ("new", "Zoë", ""),
        ("header", "First name Last name", "ULN"),
        ("new", "Maya Okafor", PUBLISHED),
    ]


def test_nothing_both_and_what_is_no_list_are_refused_with_what_to_do() -> None:
    cohort = make.cohort()
    client = administrator(cohort)
    csv = SimpleUploadedFile("list.csv", b"Maya,maya@example.org")
    for sent, says in (
        ({}, "Paste the list, or choose a file."),
        ({"pasted": "Jo,jo@example.org", "file": csv}, "not both"),
        ({"file": SimpleUploadedFile("list.pdf", b"%PDF-1.7")}, "list.pdf is no table"),
        ({"file": SimpleUploadedFile("list.csv", b"")}, "There is no line in it"),
        ({"file": SimpleUploadedFile("list.xlsx", b"PK\x03\x04 and no more")}, "list.xlsx"),
    ):
        answer = bring(client, cohort, **sent)
        assert answer.status_code in (409, 422), sent
        assert says in text(answer)
        assert "<title> Error:" in text(answer) or "Error:" in text(answer)
    assert LearnerImport.objects.count() == 0


def test_the_columns_are_shown_and_can_be_corrected() -> None:
    cohort = make.cohort()
    client = administrator(cohort)
    bring(client, cohort, pasted="Who,Where\nMaya,x\nJo,y\n")
    found = LearnerImport.objects.get()
    page = text(client.get(to("import", found)))
    assert "The columns are not clear" in page
    assert "Who, Maya, Jo" in page
    wrong = client.post(to("import-columns", found), {"column-1": "name", "column-2": "name"} | key())
    assert wrong.status_code == 409
    assert "Two columns hold the same thing" in text(wrong)
    right = {"header": "on", "column-1": "name", "column-2": "email"}
    assert client.post(to("import-columns", found), right | key()).status_code == 303
    found.refresh_from_db()
    assert (found.header, found.columns) == (True, ["name", "email"])
    assert "The address has no @ in it" in text(client.get(to("import", found)))


def test_a_form_that_is_not_whole_changes_nothing_and_keeps_the_page() -> None:
    cohort = make.cohort()
    client = administrator(cohort)
    bring(client, cohort, pasted="Maya,maya@example.org\nJo,jo\n")
    found = LearnerImport.objects.get()
    before = list(found.lines.order_by("number").values())
    for name, sent in (
        ("import-mend", {"name-2": "Jo", "email-2": "jo@example.org"}),
        ("import-mend", {"name-2": "x" * 5001} | key()),
        ("import-columns", {"column-1": "king"} | key()),
        ("import-commit", {}),
        ("import-discard", {}),
    ):
        assert client.post(to(name, found), sent).status_code == 422, name
    assert list(found.lines.order_by("number").values()) == before
    assert client.post(to("import-discard", found), key()).status_code == 303
    assert LearnerImport.objects.count() == 0


def test_a_long_list_goes_on_with_the_worker_and_the_page_says_how_far(monkeypatch: Any) -> None:
    monkeypatch.setattr(imports, "A_BATCH", 3)
    cohort = make.cohort()
    client = administrator(cohort)
    bring(client, cohort, pasted=listed(8, 2, 2)[0])
    found = LearnerImport.objects.get()
    client.post(to("import-commit", found), key())
    page = text(client.get(to("import", found)))
    assert "Learners added: 3 of 6" in page
    part = client.get(to("import", found), headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith('<div id="import-progress"') or 'id="import-progress"' in text(part)
    assert "<html" not in text(part)
    assert 'hx-trigger="every 2s"' in text(part)
    run_due()
    part = client.get(to("import", found), headers={"HX-Request": "true"})
    assert "hx-trigger" not in text(part)
    assert "Six lines added" in text(part)


def test_a_list_that_stopped_says_why() -> None:
    cohort = make.cohort()
    client = administrator(cohort)
    bring(client, cohort, pasted="Maya,maya@example.org")
    found = LearnerImport.objects.get()
    member = administrator_of(cohort.centre).memberships.get()
    LearnerImport.objects.filter(pk=found.pk).update(
        state="stopped", said="Only an administrator may.", committed_by=member, committed_at=found.made_at
    )
    page = text(client.get(to("import", found)))
    assert "Adding has stopped" in page
    assert "Only an administrator may." in page


def test_another_centre_finds_nothing_there() -> None:
    cohort = make.cohort()
    bring(administrator(cohort), cohort, pasted="Maya Leak,maya@example.org\nJo,jo")
    found = LearnerImport.objects.get()
    stranger = administrator(make.cohort(make_centre()))
    before = list(found.lines.order_by("number").values())
    assert stranger.get(to("import", found)).status_code == 404
    assert stranger.get(reverse("import-add", args=[cohort.uid])).status_code == 404
    for name in ("import-columns", "import-mend", "import-commit", "import-discard"):
        assert stranger.post(to(name, found), {"column-1": "name", "name-2": "x"} | key()).status_code == 404
    assert bring(stranger, cohort, pasted="X,x@example.org").status_code == 404
    assert list(found.lines.order_by("number").values()) == before


def test_the_pages_cost_the_same_for_one_line_and_for_four() -> None:
    cohort = make.cohort()
    client = administrator(cohort)
    costs = []
    for lines in (2, 8):
        bring(client, cohort, pasted=listed(lines, lines // 2, 1)[0])
        found = LearnerImport.objects.latest("pk")
        costs.append(
            {
                show: _statements(client, address)
                for show, address in (
                    ("add", reverse("import-add", args=[cohort.uid])),
                    ("bad", to("import", found)),
                    ("ready", to("import", found) + "?show=ready"),
                )
            }
        )
    assert costs[0] == costs[1] == {"add": 5, "bad": 9, "ready": 9}


def _statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked.captured_queries)
