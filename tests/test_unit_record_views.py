"""The unit record: what stands, for whoever may know it, with receipts that the chain bears out; on one sheet."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from playwright.sync_api import Browser
from pypdf import PdfReader

from assessment.models import Cohort, LearnerUnit
from assessment.workflow import decisions, quality, reviews
from content.checks import HOUSE_UNITS
from courseware.kit.bundle import bundled
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership
from tests import make
from tests.browser import chromium
from tests.flat import flat
from tests.marking_pages import scene, signed_in, small_cohort

__all__ = ("chromium",)
pytestmark = pytest.mark.django_db


def record(member: Membership, unit: LearnerUnit) -> str:
    answer = signed_in(member).get(reverse("unit-record", args=(unit.uid,)))
    assert answer.status_code == 200
    return flat(answer).split("<article", 1)[1].split("</article>", 1)[0]


def released(cohort: Cohort) -> tuple[LearnerUnit, Membership, Membership]:
    """An achieved unit, its tutor and the IQA who released it."""
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    unit = make.learner_unit(cohort, name="Maya Okafor")
    make.signed_off(unit, tutor.user)
    item = make.reviewed(make.item(cohort, iqa, lead))
    reviews.close_item(by=iqa.user, item=item)
    quality.release_unit(by=iqa.user, item=item)
    return unit, tutor, iqa


@pytest.mark.parametrize(
    ("role", "allocate", "status"),
    [
        ("tutor", True, 200),
        ("iqa", True, 200),
        ("eqa", True, 200),
        ("lead_iqa", True, 200),
        ("admin", True, 403),
        ("tutor", False, 404),
        ("iqa", False, 404),
        ("eqa", False, 404),
        ("learner", False, 404),
    ],
)
def test_who_reads_a_unit_record(role: str, allocate: bool, status: int) -> None:
    here = scene()
    member = make.staff(here.cohort, role, allocate=allocate)
    assert signed_in(member).get(reverse("unit-record", args=(here.unit.uid,))).status_code == status


def test_another_centre_learns_nothing_of_a_unit_record() -> None:
    here, elsewhere = scene(), scene()
    for member in (elsewhere.tutor, make.staff(elsewhere.cohort, "lead_iqa"), make.staff(elsewhere.cohort, "admin")):
        assert signed_in(member).get(reverse("unit-record", args=(here.unit.uid,))).status_code == 404


def test_a_learner_reads_a_decision_only_once_it_is_released() -> None:
    here = scene()
    make.decision(here.submission, here.first, here.tutor.user)
    learners, staffs = record(here.unit.learner, here.unit), record(here.tutor, here.unit)
    assert "Daniel Hughes" not in learners
    assert "0 of 3 criteria met." in learners
    assert "Awaiting marking" in learners
    assert "Daniel Hughes, not released" in staffs
    assert "1 of 3 criteria met." in staffs
    make.decision(here.submission, here.second, here.tutor.user, "not_yet_met")
    decisions.release_feedback(by=here.tutor.user, submission=here.submission)
    assert record(here.unit.learner, here.unit).count("Daniel Hughes") == 2
    assert ", not released" not in record(here.tutor, here.unit)


def test_a_decision_is_no_longer_shown_once_the_criterion_is_claimed_again() -> None:
    here = scene()
    make.marked(here.submission, here.tutor.user, "not_yet_met")
    assert "Daniel Hughes" in record(here.unit.learner, here.unit)
    make.submission(here.unit, here.first, here.second)
    for reader in (here.unit.learner, here.tutor):
        assert "Daniel Hughes" not in record(reader, here.unit)


def test_a_trainees_met_names_who_countersigned_it() -> None:
    here = scene(trainee=True)
    qualified = make.staff(here.cohort, "tutor", name="Sunita Rao")
    met = make.decision(here.submission, here.first, here.tutor.user)
    assert "Sunita Rao" not in record(qualified, here.unit)
    decisions.countersign(by=qualified.user, decision=met, outcome="confirmed")
    assert "Countersigned by Sunita Rao" in record(qualified, here.unit)
    assert "Sunita Rao" not in record(here.unit.learner, here.unit)
    make.decision(here.submission, here.second, here.tutor.user, "not_yet_met")
    decisions.release_feedback(by=here.tutor.user, submission=here.submission)
    assert "Daniel Hughes, trainee" in record(here.unit.learner, here.unit)
    assert "Countersigned by Sunita Rao" in record(here.unit.learner, here.unit)


def test_a_declined_countersignature_is_no_part_of_the_record() -> None:
    here = scene(trainee=True)
    qualified = make.staff(here.cohort, "tutor", name="Sunita Rao")
    met = make.decision(here.submission, here.first, here.tutor.user)
    decisions.countersign(by=qualified.user, decision=met, outcome="declined", feedback="The stages are only named.")
    page = record(qualified, here.unit)
    assert "Sunita Rao" not in page
    assert "0 of 3 criteria met." in page


def test_an_achieved_unit_has_everything_that_a_centre_files() -> None:
    unit, tutor, iqa = released(small_cohort())
    for reader in (unit.learner, tutor):
        page = record(reader, unit)
        assert "Unit achievement record" in page
        for words in (unit.learner.name, unit.centre.name, unit.cohort.name, tutor.name, iqa.name):
            assert words in page
        assert f"{unit.unit_code}, {unit.specification.title}" in page
        assert f"{unit.specification.credit_value} credits" in page
        for criterion in make.criteria(unit):
            assert criterion.statement in page
        assert "All 3 criteria met. 3 reviewed and agreed by IQA." in page


def receipts(page: str) -> dict[int, str]:
    return {int(number): digest for number, digest in re.findall(r"Entry\s+(\d+)[^:]*:\s*([0-9a-f]{64})", page)}


def test_a_receipt_is_the_digest_of_the_entry_that_it_names() -> None:
    unit, tutor, _iqa = released(small_cohort())
    found = receipts(record(unit.learner, unit))
    entries = LedgerEntry.objects.filter(chain=unit.centre.uid, number__in=found).order_by("number")
    assert [entry.verb for entry in entries] == ["sign_off", "release_unit"]
    for entry in entries:
        assert found[entry.number] == hashlib.sha256(entry.text.encode()).hexdigest()
        assert str(unit.uid) in entry.text
    assert receipts(record(tutor, unit)) == found


def test_a_unit_released_with_its_plan_has_the_plans_entry_as_receipt() -> None:
    cohort = small_cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    units = [make.learner_unit(cohort) for _ in range(2)]
    for unit in units:
        make.signed_off(unit, tutor.user)
    item = make.reviewed(make.item(cohort, iqa, lead))
    reviews.close_item(by=iqa.user, item=item)
    quality.release_unit(by=iqa.user, item=item)
    quality.complete_plan(by=lead.user, plan=item.plan)
    (other,) = [unit for unit in units if unit.pk != item.learner_unit_id]
    page = record(other.learner, other)
    entries = LedgerEntry.objects.filter(chain=cohort.centre.uid, number__in=receipts(page)).order_by("number")
    assert [entry.verb for entry in entries] == ["sign_off", "complete_plan"]
    assert set(receipts(page).values()) == {entry.digest for entry in entries}
    assert f"{lead.name}</strong>, lead IQA" in page


def test_a_sign_off_that_was_taken_back_is_not_shown() -> None:
    cohort = small_cohort()
    tutor, lead = make.staff(cohort, "tutor", name="Daniel Hughes"), make.staff(cohort, "lead_iqa")
    unit = make.learner_unit(cohort)
    make.signed_off(unit, tutor.user)
    assert "Signed off, and waiting for IQA" in record(tutor, unit)
    assert len(receipts(record(tutor, unit))) == 1
    decisions.reopen(by=lead.user, learner_unit=unit, reason="A second look.")
    page = record(unit.learner, unit)
    assert "not signed off" in page
    assert "A second look." not in page
    assert "unit not achieved yet" in page
    assert receipts(page) == {}


@pytest.mark.parametrize("decided", [1, 3])
def test_a_unit_record_takes_ten_statements_once_signed_off(decided: int, django_assert_num_queries: Any) -> None:
    cohort = small_cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    make.marked(make.submission(unit, *make.criteria(unit)[:decided]), tutor.user)
    if decided == 3:
        decisions.sign_off(by=tutor.user, learner_unit=unit)
    client = signed_in(tutor)
    with django_assert_num_queries(9 if decided == 1 else 10):
        client.get(reverse("unit-record", args=(unit.uid,)))


def printed(chromium: Browser, html: str, folder: Path) -> list[str]:
    """The words of each sheet that Chromium prints of a page, with the styles that pages have."""
    found = {path: (storage, path) for finder in finders.get_finders() for path, storage in finder.list([])}
    html = re.sub(r'<link rel="stylesheet"[^>]*>', f"<style>{bundled('css/site.css', found)}</style>", html)
    page = chromium.new_page()
    page.route("**/*", lambda route: route.abort())
    page.set_content(html, wait_until="domcontentloaded")
    page.pdf(path=folder / "record.pdf", format="A4", prefer_css_page_size=True)
    page.close()
    return [" ".join(sheet.extract_text().split()) for sheet in PdfReader(folder / "record.pdf").pages]


@pytest.mark.browser
def test_seventeen_criteria_all_countersigned_print_on_one_sheet_of_paper(chromium: Browser, tmp_path: Path) -> None:
    """The fullest record that a unit of the house gives: a line more for each criterion, and long names."""
    cohort = make.cohort(spec=make.specification(HOUSE_UNITS / "412"), name="Retention Marketing, Tuesday evenings")
    qualified = make.staff(cohort, "tutor", name="Sunita Featherstone")
    trainee = make.staff(cohort, "tutor", name="Beth Carver-Wright", trainee=True, countersigner=qualified)
    iqa, lead = make.staff(cohort, "iqa", name="Helen Ashworth"), make.staff(cohort, "lead_iqa")
    unit = make.learner_unit(cohort, name="Maximiliana Wolfeschlegelsteinhausen")
    handed_in = make.submission(unit)
    for criterion in make.criteria(unit):
        met = make.decision(handed_in, criterion, trainee.user)
        decisions.countersign(by=qualified.user, decision=met, outcome="confirmed")
    decisions.release_feedback(by=trainee.user, submission=handed_in)
    decisions.sign_off(by=qualified.user, learner_unit=unit)
    item = make.reviewed(make.item(cohort, iqa, lead))
    reviews.close_item(by=iqa.user, item=item)
    quality.release_unit(by=iqa.user, item=item)
    html = signed_in(unit.learner).get(reverse("unit-record", args=(unit.uid,))).content.decode()
    (sheet,) = printed(chromium, html, tmp_path)
    assert sheet.count("Countersigned by Sunita Featherstone") == 17
    for words in (unit.learner.name, *receipts(html).values()):
        assert words in sheet
    for criterion in make.criteria(unit):
        assert f"{criterion.number} " in sheet
    assert "Portfolio" not in sheet
