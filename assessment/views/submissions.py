"""Views: submissions. Putting one together, handing it in, reading it, taking it back."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from assessment.forms.submissions import SubmissionForm, WithdrawSubmissionForm
from assessment.models import LearnerUnit, Submission
from assessment.readings import submission_pages as pages
from assessment.readings import submissions as reading
from assessment.workflow import drafts
from assessment.workflow import submissions as workflow
from assessment.workflow.room import note_if_visiting
from courseware.kit.forms import bare
from courseware.kit.http import see_other, show
from courseware.kit.words import listed
from courseware.people.models import User
from courseware.people.views import person


def _learner_unit(request: HttpRequest, uid: uuid.UUID) -> LearnerUnit:
    rows = LearnerUnit.objects.visible_to(person(request)).select_related("centre", "learner", "cohort")
    found: LearnerUnit = get_object_or_404(rows, uid=uid)
    return found


def _picked(request: HttpRequest) -> reading.Picked:
    """What the form chose, as it came; only uids of the page's own choices ever match."""
    return reading.Picked(frozenset(request.POST.getlist("criteria")), frozenset(request.POST.getlist("links")))


def _context(page: reading.DraftPage, form: SubmissionForm, picked: reading.Picked, **more: Any) -> dict[str, Any]:
    """The page, what stands chosen, and the checklist for it."""
    checks = reading.checklist(
        page,
        picked,
        declared=bool(form["declared"].value()),
        ai=str(form["ai"].value() or ""),
        ai_text=bare(str(form["ai_text"].value() or "")),
        others=str(form["others"].value() or ""),
    )
    sentence = reading.sentence(page, picked)
    return {"page": page, "form": form, "picked": picked, "checks": checks, "sentence": sentence, **more}


@login_required
@require_http_methods(["GET", "POST"])
def submission_draft(request: HttpRequest, learner_unit: uuid.UUID) -> HttpResponse:
    """Choose criteria and versions, declare, and save or submit. With `look` the checklist for what stands chosen."""
    unit, by = _learner_unit(request, learner_unit), person(request)
    if request.method == "POST":
        return _taken(request, unit)
    page = reading.draft_page(by, unit, request.GET.get("criterion", "").replace("\0", "")[:10])
    about = f"submission-{unit.uid}"
    draft = drafts.offered(by, about)
    initial = {"ai": "yes" if draft.text else "", "ai_text": draft.text, "revision": draft.revision}
    form = SubmissionForm(choices=page.choices, wording=page.wording, initial=initial)
    return show(request, "submissions/draft.html", _context(page, form, page.picked, draft=draft, about=about))


def _taken(request: HttpRequest, unit: LearnerUnit) -> HttpResponse:
    """A form that came: show its checklist, save it, or save and submit it."""
    by, about = person(request), f"submission-{unit.uid}"
    page = reading.draft_page(by, unit)
    form = SubmissionForm(request.POST, choices=page.choices, wording=page.wording)
    picked = _picked(request)
    if "look" in request.POST:
        return show(request, "submissions/_check.html", _context(page, form, picked))
    if not form.errors.keys() & {"criteria", "links", "key"} or _only_missing(form):
        submission = _saved(by, unit, form, picked, about)
        if form.is_valid():
            if not form.submitting:
                messages.success(request, "Saved. Your tutor sees nothing of it until you submit it.")
                return see_other(request, reverse("unit-map", args=[unit.unit_code]))
            if _submitted(request, form, submission, about):
                return see_other(request, reverse("submission", args=[submission.uid]))
    context = _context(page, form, picked, draft=drafts.offered(by, about), about=about)
    return show(request, "submissions/draft.html", context, status=422)


def _only_missing(form: SubmissionForm) -> bool:
    """Whether nothing but a choice is missing: that is saved as it stands."""
    return form.submitting and not form["criteria"].value() and not form.errors.keys() & {"links", "key"}


def _saved(by: User, unit: LearnerUnit, form: SubmissionForm, picked: reading.Picked, about: str) -> Submission:
    """The draft with what was chosen. The text on AI is kept too, unless it goes with the submission now."""
    if not form.submitting and "ai_text" not in form.errors:
        sent = form.cleaned_data
        drafts.save_draft(by=by, about=about, text=sent.get("ai_text", ""), revision=sent.get("revision") or 0)
    criteria, links = reading.rows_of(unit, picked)
    submission = workflow.draft_submission(
        by=by, learner_unit=unit, criteria=criteria, links=links, key=form.cleaned_data["key"]
    )
    if submission.state == "draft" and not reading.holds(submission, criteria, links):
        # An old page sent again: its first answer was overtaken by another choice since, and this one is meant now.
        submission = workflow.draft_submission(by=by, learner_unit=unit, criteria=criteria, links=links)
    return submission


def _submitted(request: HttpRequest, form: SubmissionForm, submission: Submission, about: str) -> bool:
    """Hand the draft in, or put what is missing into the form. A second click finds it handed in already."""
    missing = workflow.missing_from(submission) if submission.state == "draft" else []
    for sentence in missing:
        form.add_error(None, sentence)
    if missing:
        return False
    sent = form.cleaned_data
    done = workflow.submit(
        by=person(request),
        submission=submission,
        declared=sent["declared"],
        ai_used=sent["ai"] == "yes",
        ai_text=sent["ai_text"],
        others=sent["others"],
        key=form.once,
    )
    drafts.clear_draft(person(request), about)
    numbers = listed(list(done.claims.order_by("criterion__position").values_list("criterion__number", flat=True)))
    if done.state == "submitted":
        messages.success(request, f"Submitted for marking: {numbers}.")
    else:
        messages.info(request, f"This was handed in before: {numbers}.")
    return True


def _submission(request: HttpRequest, uid: uuid.UUID) -> Submission:
    rows = pages.submission_rows(Submission.objects.visible_to(person(request)))
    found: Submission = get_object_or_404(rows, uid=uid)
    return found


@login_required
@require_safe
def submission(request: HttpRequest, submission: uuid.UUID) -> HttpResponse:
    """What was handed in, frozen, with what was decided on it. Staff read the same page; they mark on the desk."""
    page = pages.submission_page(person(request), _submission(request, submission))
    note_if_visiting("submission", page.submission.learner_unit)
    return show(request, "submissions/page.html", {"page": page})


@login_required
@require_http_methods(["GET", "POST"])
def submission_withdraw(request: HttpRequest, submission: uuid.UUID) -> HttpResponse:
    """Ask, then take a submission back before marking starts."""
    by, row = person(request), _submission(request, submission)
    page = pages.submission_page(by, row)
    form = WithdrawSubmissionForm(request.POST) if request.method == "POST" else WithdrawSubmissionForm()
    if form.is_bound and form.is_valid():
        workflow.withdraw_submission(by=by, submission=row, key=form.once)
        numbers = listed([claim.number for claim in page.claims])
        messages.success(
            request, f"Withdrawn: {numbers}. Your evidence is as it was; submit it again when you are ready."
        )
        return see_other(request, reverse("submission", args=[row.uid]))
    page.can_withdraw.require()
    context = {"page": page, "form": form}
    return show(request, "submissions/withdraw.html", context, status=422 if form.is_bound else 200)


urlpatterns: list[URLPattern] = [
    path("submissions/<uuid:learner_unit>/new/", submission_draft, name="submission-draft"),
    path("submissions/<uuid:submission>/", submission, name="submission"),
    path("submissions/<uuid:submission>/withdraw/", submission_withdraw, name="submission-withdraw"),
]
