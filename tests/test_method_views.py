"""How evidence came about on its pages: asked where it is added and mapped, shown to its readers and to nobody else."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import reverse

from assessment.models import EvidenceItem, LearnerUnit
from assessment.workflow import methods
from courseware.people.models import User
from tests import make
from tests.people_builders import make_centre
from tests.study_pages import client_of, page_of

pytestmark = pytest.mark.django_db
WHO, HOW = "Wanda Witness", "Line manager at the shop"
TESTIMONY = {"method": "testimony", "witness": WHO, "witness_relation": HOW}


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


def post(user: User, address: str, **sent: Any) -> Any:
    return client_of(user).post(address, {"key": uuid.uuid4(), **sent})


def of(item: EvidenceItem) -> tuple[str, str, str]:
    item.refresh_from_db()
    return item.method, item.witness, item.witness_relation


def test_a_text_is_a_reflective_account_unless_its_learner_says_otherwise(unit: LearnerUnit) -> None:
    learner, address = unit.learner.user, f"/evidence/{unit.uid}/write/"
    assert '<option value="account" selected>' in page_of(learner, address)
    assert post(learner, address, title="One", text="Words.").status_code == 303
    assert post(learner, address, title="Two", text="Words.", **TESTIMONY).status_code == 303
    items = {item.title: of(item) for item in EvidenceItem.objects.order_by("pk")}
    assert items == {"One": ("account", "", ""), "Two": ("testimony", WHO, HOW)}


def test_a_link_is_a_product_unless_its_learner_says_otherwise(unit: LearnerUnit) -> None:
    sent = {"title": "Page", "url": "https://example.org", "what": "A map.", "seen_on": "2026-11-01"}
    post(unit.learner.user, f"/evidence/{unit.uid}/link/", **sent)
    post(unit.learner.user, f"/evidence/{unit.uid}/link/", **sent, method="prior")
    assert [of(item)[0] for item in EvidenceItem.objects.order_by("pk")] == ["product", "prior"]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"method": "testimony"}, "Say who the witness is"),
        ({"method": "testimony", "witness": WHO}, "Say how they know your work"),
        ({"method": "testimony", "witness": "\u200b", "witness_relation": HOW}, "Say who the witness is"),
        ({"method": "hearsay"}, "Choose how this evidence came about"),
        ({**TESTIMONY, "witness": "x" * 121}, "at most 120"),
    ],
)
def test_what_is_not_whole_is_refused_with_the_text_kept(unit: LearnerUnit, sent: dict[str, str], says: str) -> None:
    answer = post(unit.learner.user, f"/evidence/{unit.uid}/write/", title="One", text="Words that stay.", **sent)
    page = answer.content.decode()
    assert (answer.status_code, says in page, "Words that stay." in page) == (422, True, True)
    assert not EvidenceItem.objects.exists()


def test_it_is_said_when_the_evidence_is_mapped_and_changed_beside_the_title(unit: LearnerUnit) -> None:
    learner, item = unit.learner.user, make.text(unit, "Letter")
    first, *_ = make.criteria(unit)
    address = reverse("evidence-map", args=[make.latest(item).uid])
    sent = {"title": "Letter", f"use-{first.number}": "on", f"why-{first.number}": "She saw it."}
    post(learner, address, **sent, **TESTIMONY)
    assert of(item) == ("testimony", WHO, HOW)
    assert WHO in page_of(learner, address)
    post(learner, reverse("evidence-rename", args=[item.uid]), title="Letter", method="observation")
    assert of(item) == ("observation", "", "")
    post(learner, reverse("evidence-rename", args=[item.uid]), title="Record", method="observation")
    item.refresh_from_db()
    assert item.title == "Record"


def test_it_is_not_asked_once_it_was_handed_in(unit: LearnerUnit) -> None:
    learner, (first, second, *_) = unit.learner.user, make.criteria(unit)
    handed_in = make.submission(unit, first)
    version = handed_in.evidence.get().link.version
    address = reverse("evidence-map", args=[version.uid])
    assert 'name="method"' not in page_of(learner, address)
    why = {f"use-{second.number}": "on", f"why-{second.number}": "It does."}
    assert post(learner, address, **why, **TESTIMONY).status_code == 303
    assert of(version.item) == ("product", "", "")
    assert post(learner, reverse("evidence-rename", args=[version.item.uid]), title="X", **TESTIMONY).status_code == 409


def test_the_name_of_a_witness_is_for_the_readers_of_the_portfolio_alone(unit: LearnerUnit) -> None:
    people = {role: make.staff(unit.cohort, role).user for role in ("tutor", "iqa", "lead_iqa", "admin")}
    other, elsewhere = make.learner_unit(unit.cohort).learner.user, make.staff(make.cohort(make_centre()), "tutor").user
    first, *_ = make.criteria(unit)
    version = make.mapped(unit, first)
    methods.change_method(by=unit.learner.user, item=version.item, **TESTIMONY)
    draft = make.draft(unit, first, version=version)
    handed_in = make.submissions.submit(
        by=unit.learner.user, submission=draft, declared=True, others="consent", ai_used=False
    )
    item, desk = reverse("evidence", args=[version.item.uid]), f"/marking/{handed_in.uid}/{first.number}/"
    for user in (unit.learner.user, people["tutor"], people["iqa"], people["lead_iqa"]):
        assert f"Witness testimony: {WHO}, {HOW}." in " ".join(page_of(user, item).split())
    page = " ".join(page_of(people["tutor"], desk).split())
    assert f"Witness testimony: {WHO}, {HOW}." in page
    assert "They agreed that it is used as evidence" in page
    assert "Witness testimony" in page_of(unit.learner.user, "/portfolio/")
    for user in (other, elsewhere, people["admin"]):
        assert client_of(user).get(item).status_code == 404
    pages = ("/", f"/learner-units/{unit.uid}/", f"/learner-units/{unit.uid}/timeline/", f"/cohorts/{unit.cohort.uid}/")
    for address in pages:
        assert "Wanda" not in page_of(people["admin"], address), address
    found = page_of(people["tutor"], "/search/?q=Wanda")
    assert "Witness" not in found
