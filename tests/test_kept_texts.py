"""Every long text of every page is kept while one writes: forms say as what, pages do it, verbs forget it."""

from __future__ import annotations

import importlib
import pkgutil
import re
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings

import assessment
import content
import courseware
from assessment.forms.evidence import MapForm
from assessment.forms.kept import KeptTextsMixin
from assessment.forms.learner_units import ReasonForm
from assessment.models import ActionPoint, Draft, EvidenceLink, SamplePlan, WideningProposal
from assessment.workflow import comments, quality, room
from assessment.workflow.drafts import ABOUT, save_draft
from courseware.people.models import User
from tests import make, standardisation_builders
from tests.edition_builders import second_edition
from tests.study_pages import client_of, page_of
from tests.test_authoring_writing import author_of, change_of
from tests.visit_builders import Place

# Long texts that are not kept while one writes, each with its reason.
NOT_KEPT = {
    ("courseware.kit.gallery", "ExampleForm", "note"): "an example of a field; nothing is sent from there",
    ("assessment.forms.imports", "BringListForm", "pasted"): (
        "names, addresses and ULNs of many people, pasted in one go; kept as an import once sent"
    ),
    ("assessment.forms.learner_units", "ReasonForm", "reason"): "the base of the forms of acts, never shown itself",
    ("assessment.forms.author", "CriterionForm", "statement"): "a line of the specification; in the draft once sent",
    ("assessment.forms.author", "OutcomeForm", "statement"): "a line of the specification; in the draft once sent",
    ("assessment.forms.author", "OutcomeForm", "criterion"): "a line of the specification; in the draft once sent",
    ("assessment.forms.author", "GlossaryForm", "definition"): "a sentence or two; in the draft once sent",
    (
        "assessment.forms.unit_start",
        "PasteForm",
        "pasted",
    ): "copied from a document; kept as a draft once it is corrected",
    ("assessment.forms.unit_start", "CorrectForm", "title"): "a line; kept as a draft once sent",
    ("assessment.forms.unit_start", "CorrectForm", "aim"): "read from what was pasted; kept as a draft once sent",
    ("assessment.forms.unit_start", "CorrectForm", "outline"): "read from what was pasted; kept as a draft once sent",
    ("assessment.forms.unit_start", "CorrectForm", "pasted"): "copied from a document; kept as a draft once sent",
}
# Templates that write a textarea themselves. The rest comes from fields of forms.
BY_HAND = {
    "templates/components/typed.html": "what was typed, read only, to be copied",
    "templates/marking/_stale.html": "what was typed, read only, to be copied",
    "templates/courseware/older.html": "the older text, read only, to be copied",
    "templates/gallery/_fields.html": "an example of a field",
    "templates/evidence/_pin_form.html": "the note that a tutor pins, kept as the notes of forms are",
    "templates/author/file.html": "what somebody else saved, read only, to be copied",
    "templates/units/_cell.html": "a work of an activity, kept as a whole",
    "content/activities/reflect/page.html": "a work of an activity, kept as a whole",
    "content/activities/task/page.html": "a work of an activity, kept as a whole",
}


def _modules() -> Iterator[str]:
    for package in (assessment, content, courseware):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in found.name and not found.name.endswith(("asgi", "wsgi", "__main__")):
                yield found.name


def _subclasses(base: type) -> Iterator[type]:
    for one in base.__subclasses__():
        yield one
        yield from _subclasses(one)


def _long_texts() -> set[tuple[str, str, str]]:
    for name in _modules():
        if "forms" in name or "gallery" in name or "views" in name:
            importlib.import_module(name)
    roots = ("assessment.", "content.", "courseware.")
    ours = [form for form in _subclasses(forms.BaseForm) if form.__module__.startswith(roots)]
    return {
        (form.__module__, form.__name__, name)
        for form in ours
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field.widget, forms.Textarea)
    }


def test_every_long_text_of_every_form_is_kept_or_says_why_not() -> None:
    found = _long_texts()
    assert len(found) > 10
    kept = set()
    for module, name, field in found:
        form = getattr(importlib.import_module(module), name)
        word = getattr(form, "kept_as", {}).get(field)
        assert word is None or word in ABOUT, (name, word)
        if word:
            kept.add((module, name, field))
    assert found - kept == set(NOT_KEPT)


def test_every_textarea_that_a_template_writes_itself_is_known() -> None:
    base = Path(settings.BASE_DIR)
    found = {
        str(path.relative_to(base))
        for folder in ("templates", "content", "assessment", "courseware")
        for path in (base / folder).rglob("*.html")
        if "<textarea" in path.read_text(encoding="utf-8")
    }
    assert found == set(BY_HAND)


class Boxes(HTMLParser):
    """The textareas of a page, those inside an auto-save apart from the others; read-only ones are for copying."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inside: list[str | None] = []
        self.kept: dict[str, dict[str, str | None]] = {}
        self.loose: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "auto-save":
            self.inside.append(found.get("about") or f"work {found.get('work')}")
            self.last = found
        if tag == "textarea" and "readonly" not in found:
            name = str(found["name"])
            if self.inside:
                self.kept[name] = self.last
            else:
                self.loose.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "auto-save":
            self.inside.pop()


def pages() -> Iterator[tuple[User, str, dict[str, str]]]:
    """Every page with a long text: who sees it, its address, and what each text is kept about."""
    cohort = make.cohort()
    tutor, lead = make.staff(cohort, "tutor"), make.staff(cohort, "lead_iqa")
    trainee = make.staff(cohort, "tutor", trainee=True, countersigner=tutor)
    admin = make.administrator_of(cohort.centre)
    unit = make.learner_unit(cohort)
    learner = unit.learner.user
    first, second, third = make.criteria(unit)
    item = make.text(unit)
    version = make.mapped(unit, first, item=item)
    at = f"/evidence/{unit.uid}"
    yield learner, f"{at}/write/", {"text": f"evidence-{unit.uid}"}
    yield learner, f"{at}/write/?item={item.uid}", {"text": f"version-{item.uid}"}
    yield learner, f"{at}/link/", {"what": f"link-{unit.uid}"}
    yield learner, f"{at}/link/?item={item.uid}", {"what": f"link-version-{item.uid}"}
    whys = {f"why-{one.number}": f"why-{version.uid}-{one.uid}" for one in (first, second, third)}
    yield learner, f"/evidence/versions/{version.uid}/map/", whys
    yield learner, f"/submissions/{unit.uid}/new/", {"ai_text": f"submission-{unit.uid}"}
    handed_in = make.submission(unit, first, second)
    desk = f"/marking/{handed_in.uid}/{first.number}/"
    (pinned,) = {link.version for link in EvidenceLink.objects.filter(handed_in__submission=handed_in)}
    note = {"text": f"note-{pinned.uid}-{first.uid}"}
    yield tutor.user, desk, {"feedback": f"decision-{handed_in.uid}-{first.uid}", **note}
    yield tutor.user, "/marking/comments/", {"text": f"bank-{cohort.centre.uid}"}
    own = comments.add_comment(by=tutor.user, centre_id=cohort.centre_id, text="Well seen.", outcome="", shared=False)
    yield tutor.user, f"/marking/comments/{own.uid}/", {"text": f"comment-{own.uid}"}
    yield tutor.user, f"/marking/{handed_in.uid}/return/", {"reason": f"return-{handed_in.uid}"}
    theirs = make.decision(handed_in, second, trainee.user)
    yield tutor.user, f"/marking/decisions/{theirs.uid}/countersign/", {"feedback": f"countersign-{theirs.uid}"}
    make.decisions.countersign(by=tutor.user, decision=theirs, outcome="confirmed", feedback="")
    make.decisions.release_feedback(by=trainee.user, submission=handed_in)
    yield learner, f"/feedback/{theirs.uid}/", {"text": f"reply-{theirs.uid}"}
    other = f"/marking/{handed_in.uid}/{second.number}/"
    changed = {
        word: f"{kept}-{handed_in.uid}-{second.uid}" for word, kept in (("feedback", "decision"), ("change", "change"))
    }
    yield tutor.user, other, changed | {"text": f"note-{pinned.uid}-{second.uid}"}
    for act, word in (("withdraw", "withdraw"), ("later", "extend"), ("move", "move")):
        yield admin, f"/learner-units/{unit.uid}/{act}/", {"reason": f"{word}-{unit.uid}"}
    held = quality.place_hold(by=lead.user, learner_unit=unit, reason="Wait.")
    yield lead.user, f"/learner-units/holds/{held.uid}/lift/", {"reason": f"lift-{held.uid}"}
    yield from of_quality(make.learner_unit(make.cohort(cohort.centre)), lead)
    yield from of_a_visit(cohort, lead)
    author = author_of(cohort.centre)
    draft = change_of(author, cohort.centre)
    yield author, f"/author/{draft.uid}/publish/", {"note": f"publish-{draft.uid}"}
    yield from of_an_edition(cohort, admin)


def of_an_edition(cohort: Any, admin: User) -> Iterator[tuple[User, str, dict[str, str]]]:
    """The page on which a cohort goes on with a changed specification."""
    make.learner_unit(cohort)
    second_edition()
    yield admin, f"/cohorts/{cohort.uid}/edition/", {"reason": f"edition-{cohort.uid}"}


def of_quality(unit: Any, lead: Any) -> Iterator[tuple[User, str, dict[str, str]]]:
    """The pages of a unit that is sampled."""
    tutor, iqa = (make.staff(unit.cohort, role) for role in ("tutor", "iqa"))
    first, *_ = make.criteria(unit)
    make.signed_off(unit, tutor.user)
    yield lead.user, f"/learner-units/{unit.uid}/reopen/", {"reason": f"reopen-{unit.uid}"}
    yield lead.user, f"/learner-units/{unit.uid}/hold/", {"reason": f"hold-{unit.uid}"}
    item = make.item(unit.cohort, iqa, lead)
    kept = {name: f"{word}-{item.uid}-{first.uid}" for name, word in (("feedback", "review"), ("action", "action"))}
    yield iqa.user, f"/quality/items/{item.uid}/{first.number}/", kept
    yield from of_a_blind_review(make.learner_unit(make.cohort(unit.centre)), lead)
    yield from of_standardisation()
    make.reviewed(item, "not_agreed")
    review = item.reviews.order_by("pk")[0]
    yield lead.user, f"/quality/reviews/{review.uid}/adjudicate/", {"reason": f"settle-{review.uid}"}
    proposal = wider_sample(unit, iqa, lead)
    yield lead.user, f"/quality/widenings/{proposal.uid}/", {"reason": f"widening-{proposal.uid}"}
    texts = {word: f"{word}-{item.uid}" for word in ("strengths", "development")}
    yield iqa.user, f"/quality/items/{item.uid}/report/", texts
    point = ActionPoint.objects.order_by("pk")[0]
    yield tutor.user, f"/quality/action-points/{point.uid}/", {"text": f"answer-{point.uid}"}
    make.reviews.answer_action_point(by=tutor.user, action_point=point, text="Done.")
    yield iqa.user, f"/quality/action-points/{point.uid}/", {"text": f"judge-{point.uid}"}


def of_a_visit(cohort: Any, lead: Any) -> Iterator[tuple[User, str, dict[str, str]]]:
    """The pages of a visit, for the lead IQA and for the visitor."""
    yield lead.user, f"/quality/visits/open/{cohort.centre.uid}/", {"learners": f"visit-{cohort.centre.uid}"}
    visit = Place(cohort, lead, lead, lead).opened()
    eqa = visit.eqa.user
    yield eqa, f"/visits/{visit.uid}/ask/", {"text": f"visit-ask-{visit.uid}"}
    yield eqa, f"/visits/{visit.uid}/notes/add/", {"text": f"visit-note-{visit.uid}"}
    note = room.write_note(by=eqa, visit=visit, text="Thin.")
    yield eqa, f"/visits/notes/{note.uid}/change/", {"text": f"visit-edit-{note.uid}"}


def of_standardisation() -> Iterator[tuple[User, str, dict[str, str]]]:
    """The pages of an exercise, from its opening to what it changes."""
    here = standardisation_builders.scene(1)
    helen, martin, start = here.helen.user, here.martin.user, "/quality/standardisation"
    centre = here.cohort.centre.uid
    yield helen, f"{start}/add/{centre}/{here.criterion.uid}/", {"why": f"exercise-{centre}"}
    exercise = here.opened()
    (item,) = standardisation_builders.items_of(exercise)
    yield here.daniel.user, f"{start}/{exercise.uid}/1/", {"reason": f"judgement-{item.uid}"}
    yield martin, f"{start}/{exercise.uid}/discuss/", {"reason": f"early-{exercise.uid}"}
    standardisation_builders.verbs.open_discussion(by=martin, exercise=exercise, reason="Time is up.")
    yield helen, f"{start}/{exercise.uid}/1/outcome/", {"reason": f"agreed-{item.uid}"}
    yield helen, f"{start}/{exercise.uid}/meeting/", {"notes": f"minutes-{exercise.uid}"}
    yield helen, f"{start}/{exercise.uid}/complete/", {"change": f"practice-{exercise.uid}"}


def wider_sample(unit: Any, iqa: Any, lead: Any) -> WideningProposal:
    """A proposal to widen: one of two units was drawn, and a decision in it not agreed."""
    cohort = make.cohort(unit.centre)
    tutor = make.staff(cohort, "tutor")
    for _ in range(2):
        make.signed_off(make.learner_unit(cohort), tutor.user)
    make.reviewed(make.item(cohort, iqa, lead), "not_agreed")
    return WideningProposal.objects.get()


def of_a_blind_review(unit: Any, lead: Any) -> Iterator[tuple[User, str, dict[str, str]]]:
    """The desk on which the evidence is judged before the decision is shown."""
    tutor, iqa = (make.staff(unit.cohort, role) for role in ("tutor", "iqa"))
    make.signed_off(unit, tutor.user)
    plan = make.plan(unit.cohort, iqa)
    SamplePlan.objects.filter(pk=plan.pk).update(blind=True)
    quality.approve_plan(by=lead.user, plan=plan)
    item, (first, *_) = plan.items.get(), make.criteria(unit)
    address = f"/quality/items/{item.uid}/{first.number}/"
    yield iqa.user, address, {"note": f"blind-{item.uid}-{first.uid}"}


@pytest.mark.django_db
def test_every_page_keeps_its_long_texts_and_has_them_again_when_it_is_opened_anew() -> None:
    seen: set[str] = set()
    for user, address, wanted in pages():
        html = page_of(user, address)
        boxes = Boxes(html)
        assert boxes.loose == [], address
        assert {name: found["about"] for name, found in boxes.kept.items()} == wanted, address
        seen |= set(wanted.values())
        for name, about in wanted.items():
            save_draft(by=user, about=about, text=f"Older of {name}", revision=0)
            save_draft(by=user, about=about, text=f"Kept of {name}", revision=0)
        again = page_of(user, address)
        for name in wanted:
            assert f"Kept of {name}</textarea>" in again, (address, name)
            assert f"Older of {name}</textarea>" in again, (address, name)
        Draft.objects.all().delete()
    words = {word for word in ABOUT if any(about.startswith(f"{word}-") for about in seen)}
    assert words == set(ABOUT)


@pytest.mark.django_db
def test_a_text_that_was_used_is_not_there_again_and_one_that_was_refused_is() -> None:
    unit = make.learner_unit()
    user, about = unit.learner.user, f"link-{unit.uid}"
    address, client = f"/evidence/{unit.uid}/link/", client_of(user)
    save_draft(by=user, about=about, text="Kept before", revision=0)
    sent = {"key": uuid.uuid4(), "title": "A page", "url": "nowhere", "what": "Typed now", "seen_on": "2026-11-01"}
    refused = client.post(address, sent)
    assert refused.status_code == 422
    assert "Typed now</textarea>" in refused.content.decode()
    assert re.search(r"<auto-save[^>]*\sunsaved", refused.content.decode())  # the script sends it
    assert Draft.objects.get().text == "Kept before"
    assert client.post(address, {**sent, "url": "https://example.org"}).status_code == 303
    assert Draft.objects.get().text == ""
    assert "Kept before" not in page_of(user, address)


def test_a_form_that_keeps_nothing_says_so_to_nobody() -> None:
    assert KeptTextsMixin.kept_as == ReasonForm.kept_as == MapForm.kept_as == {}
