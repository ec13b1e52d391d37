"""The permission matrix: every named address, everybody, and what each gets.

`matrix.txt` holds the answers: a line per address and way of asking, a column per person.

| way | what is sent |
|---|---|
| get | the address is opened |
| bare | a POST with nothing in it |
| form | the form as its page gives it, filled in as a person would, where the address takes one |

The people: nobody signed in; the learner whose things the addresses name; another learner of the cohort; the cohort's
tutor; a tutor of the centre who is not allocated; the cohort's trainee tutor; its IQA, who reviews; the lead IQA; the
EQA; the administrator; and somebody who is tutor, administrator and lead IQA of another centre.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from assessment.models import (
    ActionAnswer,
    Caption,
    Comment,
    DeclaredInterest,
    Letter,
    Notice,
    StaffQualification,
)
from assessment.workflow import quality
from content.authoring.structure import removal_of
from content.authoring.writing import state_of
from content.models import UnitDraft, UnitEdition
from tests import make
from tests.files import image
from tests.hostile_archives import changed
from tests.house import House
from tests.people_builders import PASSWORD
from tests.security_builders import passkey_of

PEOPLE = ("nobody", "own", "peer", "tutor", "other", "trainee", "iqa", "lead", "eqa", "admin", "away")
WAYS = ("get", "bare", "form")
SERVING = "2/2.1-serving.md"
UNKNOWN = "MQ-abc-0123456789abcdef"


# What each address names; an address that is not here names nothing.
ADDRESSES: dict[str, Callable[[House], tuple[Any, ...]]] = {
    "account_reset_password_from_key": lambda h: ("1", UNKNOWN),
    "account_second_step_lost": lambda h: (UNKNOWN,),
    "welcome": lambda h: (UNKNOWN,),
    "passkey-rename": lambda h: (passkey_of(h.own.member).pk,),
    "factor-remove": lambda h: (passkey_of(h.own.member).pk,),
    "session-end": lambda h: (uuid.uuid4(),),
    "second-step-reset": lambda h: (h.here.people["other"].uid,),
    "member-page": lambda h: (h.own.member.uid,),
    "member-rename": lambda h: (h.own.member.uid,),
    "member-grant-role": lambda h: (h.own.member.uid,),
    "member-end-role": lambda h: (h.here.people["other"].uid, h.here.people["other"].grants.get().uid),
    "member-role-until": lambda h: (h.here.people["other"].uid, h.here.people["other"].grants.get().uid),
    "member-set-author": lambda h: (h.here.people["other"].uid,),
    "member-set-trainee": lambda h: (h.here.people["other"].uid,),
    "member-set-uln": lambda h: (h.own.member.uid,),
    "member-invite": lambda h: (h.here.people["spare"].uid,),
    "invitation-withdraw": lambda h: (h.here.people["spare"].uid,),
    "member-end": lambda h: (h.here.people["spare"].uid,),
    "unit-map": lambda h: (h.own.unit.unit_code,),
    "glossary": lambda h: (h.own.unit.unit_code,),
    "glossary-term": lambda h: (h.own.unit.unit_code, "pot"),
    "criterion": lambda h: (h.own.unit.unit_code, "1.1"),
    "activity-answer": lambda h: (h.own.unit.unit_code, "2.1", "why-warm-the-pot"),
    "activity-evidence": lambda h: (h.own.unit.unit_code, "2.1", "tea-round"),
    "practice-start-over": lambda h: (h.own.unit.unit_code, "2.1"),
    "evidence-write": lambda h: (h.own.unit.uid,),
    "evidence-upload": lambda h: (h.own.unit.uid,),
    "evidence-link": lambda h: (h.own.unit.uid,),
    "evidence-rules": lambda h: (h.here.centre.uid,),
    "uploads": lambda h: (h.own.unit.uid,),
    "upload": lambda h: (h.own.arriving.uid,),
    "upload-remove": lambda h: (h.own.arriving.uid,),
    "upload-keep": lambda h: (h.own.twice.uid,),
    "upload-method": lambda h: (h.own.arriving.uid,),
    "evidence": lambda h: (h.own.item.uid,),
    "evidence-rename": lambda h: (h.own.own_draft.uid,),
    "evidence-remove": lambda h: (h.own.own_draft.uid,),
    "evidence-version": lambda h: (h.own.version.uid,),
    "evidence-map": lambda h: (h.own.version.uid,),
    "version-changes": lambda h: (h.own.version.uid,),
    "captions": lambda h: (make.latest(h.own.own_draft).uid,),
    "caption-file": lambda h: (Caption.objects.get(learner_unit=h.own.unit).uid,),
    "caption-remove": lambda h: (Caption.objects.get(learner_unit=h.own.unit).uid,),
    "version-file": lambda h: (h.own.upload.uid,),
    "version-page": lambda h: (h.own.upload.uid, 1),
    "version-words": lambda h: (h.own.upload.uid, 1),
    "version-prepare": lambda h: (h.own.upload.uid,),
    "evidence-pins": lambda h: (make.latest(h.own.own_draft).uid,),
    "pin-remove": lambda h: (h.own.pin.uid,),
    "note-save": lambda h: (h.own.upload.uid, h.own.waiting.uid, "2.1"),
    "note-remove": lambda h: (h.own.note.uid,),
    "submission-draft": lambda h: (h.own.unit.uid,),
    "submission": lambda h: (h.own.marked.uid,),
    "submission-withdraw": lambda h: (h.own.waiting.uid,),
    "comment-change": lambda h: (_shared_comment(h).uid,),
    "comment-retire": lambda h: (_shared_comment(h).uid,),
    "decision-withdraw": lambda h: (h.own.unreleased.uid,),
    "countersign": lambda h: (h.own.trainees.uid,),
    "feedback": lambda h: (h.own.released.uid,),
    "feedback-seen": lambda h: (h.own.released.uid,),
    "marking-start": lambda h: (h.own.waiting.uid,),
    "feedback-release": lambda h: (h.own.marked.uid,),
    "submission-return": lambda h: (h.own.waiting.uid,),
    "marking-desk": lambda h: (h.own.waiting.uid, "2.1"),
    "learner-unit": lambda h: (h.own.unit.uid,),
    "unit-record": lambda h: (h.own.unit.uid,),
    "sign-off": lambda h: (h.own.unit.uid,),
    "reopen": lambda h: (h.own.done.uid,),
    "hold-place": lambda h: (h.own.unit.uid,),
    "learner-withdraw": lambda h: (h.own.unit.uid,),
    "hold-lift": lambda h: (h.own.hold.uid,),
    "plan-add": lambda h: (h.here.second.uid,),
    "plan": lambda h: (h.here.approved.uid,),
    "plan-change": lambda h: (h.here.drafted.uid,),
    "plan-approve": lambda h: (h.here.drafted.uid,),
    "plan-complete": lambda h: (h.here.approved.uid,),
    "plan-frame": lambda h: (h.here.approved.uid,),
    "plan-strata": lambda h: (h.here.approved.uid,),
    "plan-report": lambda h: (h.here.approved.uid,),
    "plan-table": lambda h: (h.here.approved.uid, "items"),
    "plan-table-file": lambda h: (h.here.approved.uid, "items", "csv"),
    "quality-table": lambda h: ("reviews",),
    "quality-table-file": lambda h: ("reviews", "csv"),
    "plan-script": lambda h: (h.here.approved.uid,),
    "plan-gap": lambda h: (h.here.approved.uid, "at_once"),
    "plan-target": lambda h: (h.here.approved.uid, h.own.unit.uid),
    "item-substitute": lambda h: (h.own.sampled.uid,),
    "tutor-risk": lambda h: (h.here.people["tutor"].uid,),
    "tutor-rate": lambda h: (h.here.people["tutor"].uid,),
    "qualification-add": lambda h: (h.here.people["tutor"].uid,),
    "qualification-remove": lambda h: (StaffQualification.objects.get(centre=h.here.centre).uid,),
    "interest-end": lambda h: (DeclaredInterest.objects.get(centre=h.here.centre).uid,),
    "strategy-change": lambda h: (h.here.centre.uid,),
    "item": lambda h: (h.own.sampled.uid,),
    "item-reviewer": lambda h: (h.own.sampled.uid,),
    "item-report": lambda h: (h.own.sampled.uid,),
    "item-close": lambda h: (h.own.sampled.uid,),
    "unit-release": lambda h: (h.own.sampled.uid,),
    "review": lambda h: (h.own.sampled.uid, "1.1"),
    "widening": lambda h: (h.own.review.widening.uid,),
    "tutor-feedback-report": lambda h: (h.here.people["tutor"].uid,),
    "cohort-tracking": lambda h: (h.here.cohort.uid,),
    "standardisation-choose": lambda h: (h.here.centre.uid,),
    "standardisation-add": lambda h: (h.here.centre.uid, h.own.disputed.criterion.uid),
    "standardisation": lambda h: (h.here.exercises["discussed"].uid,),
    "standardisation-invite": lambda h: (h.here.exercises["judging"].uid,),
    "standardisation-judge": lambda h: (h.here.exercises["judging"].uid, 1),
    "standardisation-picture": lambda h: (h.here.exercises["judging"].uid, 1, 1, 1),
    "standardisation-discuss": lambda h: (h.here.exercises["judging"].uid,),
    "standardisation-agree": lambda h: (h.here.exercises["discussed"].uid, 1),
    "standardisation-meeting": lambda h: (h.here.exercises["discussed"].uid,),
    "standardisation-complete": lambda h: (h.here.exercises["discussed"].uid,),
    "tutor-feedback": lambda h: (h.here.people["tutor"].uid,),
    "action-point": lambda h: (h.own.point.uid,),
    "adjudicate": lambda h: (h.own.review.uid,),
    "cohort": lambda h: (h.here.cohort.uid,),
    "cohort-grid": lambda h: (h.here.cohort.uid, "csv"),
    "turnaround-file": lambda h: ("csv",),
    "turnaround-set": lambda h: (h.here.centre.uid,),
    "cohort-turnaround": lambda h: (h.here.cohort.uid,),
    "cohort-turnaround-file": lambda h: (h.here.cohort.uid, "csv"),
    "learner-timeline": lambda h: (h.own.unit.uid,),
    "learner-criterion": lambda h: (h.own.unit.uid, "1.1"),
    "cohort-learner-add": lambda h: (h.here.cohort.uid,),
    "cohort-allocate": lambda h: (h.here.cohort.uid,),
    "import-add": lambda h: (h.here.cohort.uid,),
    "import": lambda h: (h.here.lists["draft"].uid,),
    "import-columns": lambda h: (h.here.lists["draft"].uid,),
    "import-mend": lambda h: (h.here.lists["draft"].uid,),
    "import-commit": lambda h: (h.here.lists["draft"].uid,),
    "import-discard": lambda h: (h.here.lists["draft"].uid,),
    "allocation-end": lambda h: (h.here.allocations["tutor"].uid,),
    "notice-open": lambda h: (Notice.objects.filter(recipient=h.own.member).earliest("pk").uid,),
    "letter-retry": lambda h: (Letter.objects.get(centre=h.here.centre).uid,),
    "cohort-change": lambda h: (h.here.cohort.uid,),
    "cohort-due-dates": lambda h: (h.here.cohort.uid,),
    "extend": lambda h: (h.own.unit.uid,),
    "cohort-edition": lambda h: (h.here.cohort.uid,),
    "learner-move": lambda h: (h.own.unit.uid,),
    "takeover": lambda h: (h.here.people["tutor"].uid,),
    "visit-open": lambda h: (h.here.centre.uid,),
    **dict.fromkeys(
        ("room", "room-pack", "room-log", "room-ask", "room-note-add", "visit-extend", "visit-end", "visit-withdraw"),
        lambda h: (h.here.visit.uid,),
    ),
    **dict.fromkeys(
        ("room-note-change", "room-note-share", "room-note-remove"), lambda h: (h.here.visit.notes.get().uid,)
    ),
    "visit-answer": lambda h: (h.here.visit.requests.get().uid,),
    "unit-editions": lambda h: (_unit_draft(h).base.unit.uid,),
    "edition-practice": lambda h: (_unit_draft(h).base.uid,),
    "unit-edition": lambda h: (_unit_draft(h).base.uid,),
    "unit-draft": lambda h: (_unit_draft(h).uid,),
    "unit-draft-put-away": lambda h: (_unit_draft(h).uid,),
    "unit-draft-publish": lambda h: (_unit_draft(h).uid,),
    "draft-criterion-add": lambda h: (_unit_draft(h).uid,),
    "draft-outcome-add": lambda h: (_unit_draft(h).uid,),
    "draft-glossary-add": lambda h: (_unit_draft(h).uid,),
    "draft-part-remove": lambda h: (_unit_draft(h).uid, "1/1.2-heat-and-time.md"),
    "unit-draft-download": lambda h: (_unit_draft(h).uid,),
    "edition-download": lambda h: (_unit_draft(h).base.uid,),
    "edition-withdraw": lambda h: (_own_edition(h).uid,),
    "draft-file": lambda h: (_unit_draft(h).uid, SERVING),
    "draft-picture": lambda h: (_unit_draft(h).uid, "a-pot.webp"),
    "draft-picture-page": lambda h: (_unit_draft(h).uid, "a-pot"),
    "draft-picture-add": lambda h: (_unit_draft(h).uid, SERVING),
    "unit-picture": lambda h: (h.own.unit.unit_code, "pot.webp"),
    "draft-file-shown": lambda h: (_unit_draft(h).uid, SERVING),
    "draft-file-preview": lambda h: (_unit_draft(h).uid, SERVING),
    "draft-activity-try": lambda h: (_unit_draft(h).uid, "why-warm-the-pot", SERVING),
    "calendar-feed": lambda h: ("0123456789abcdef" * 4,),
}

_WHY = {"reason": "There is a reason."}
STRATEGY = _WHY | {
    "seen": "0",
    "confidence": "95",
    "tolerable": "5",
    "run": "10",
    "one_in": "5",
    "independence": "strict",
    "interim": "10",
    "summative": "20",
    "answer_days": "10",
}
# What a person would fill in, besides the one-time key; an address that is not here takes no form, or none of ours.
FORMS: dict[str, Callable[[House], dict[str, Any]]] = {
    "profile-set-keys": lambda h: {"single_keys": "off"},
    "profile-set-theme": lambda h: {"theme": "dark"},
    "account_reauthenticate": lambda h: {"password": PASSWORD},
    "passkey-rename": lambda h: {"name": "Old phone"},
    "factor-remove": lambda h: {},
    "recovery-codes": lambda h: {},
    "centre-security": lambda h: {"centre": h.here.centre.uid, "second_step": "staff", "seen": "nobody"},
    "second-step-reset": lambda h: {},
    "centre-switch": lambda h: {"centre": h.here.centre.uid},
    "markdownx_markdownify": lambda h: {"content": "*so*"},
    "member-add": lambda h: {
        "centre": h.here.centre.uid,
        "name": "New Person",
        "email": "new@example.org",
        "roles": ["learner"],
    },
    "member-rename": lambda h: {"name": "Another Name"},
    "member-grant-role": lambda h: {"role": "tutor"},
    "member-end-role": lambda h: {},
    "member-role-until": lambda h: {"ends_on": "2190-01-01"},
    "member-set-uln": lambda h: {"uln": "9276308686"},
    "member-invite": lambda h: {},
    "invitation-withdraw": lambda h: {},
    "member-set-author": lambda h: {"author": "on"},
    "member-set-trainee": lambda h: {"trainee": "on", "countersigner": h.here.people["tutor"].uid},
    "member-end": lambda h: {},
    "activity-answer": lambda h: {"option": "b"},
    "card-rate": lambda h: {
        "unit": h.own.unit.uid,
        "card": "point:2.1:points:warm",
        "seen": "0",
        "rating": "3",
    },
    "card-undo": lambda h: {"unit": h.own.unit.uid, "card": uuid.uuid4(), "number": "1"},
    "evidence-write": lambda h: {"title": "More", "text": "I saw more."},
    "evidence-upload": lambda h: {"file": SimpleUploadedFile("more.txt", b"I saw more.")},
    "evidence-link": lambda h: {
        "title": "More",
        "url": "https://example.org/",
        "what": "A page.",
        "seen_on": "2026-09-09",
    },
    "evidence-rules": lambda h: {"taken": ["pdf", "txt"], "quota_mb": "100", "seen": ";5000;0"},
    "upload-remove": lambda h: {},
    "upload-keep": lambda h: {},
    "upload-method": lambda h: {"method": "observation"},
    "evidence-rename": lambda h: {"title": "Another Title"},
    "evidence-remove": lambda h: {},
    "caption-remove": lambda h: {},
    "evidence-map": lambda h: {"use-1.2": "on", "why-1.2": "It shows it."},
    "evidence-pins": lambda h: {"link": make.latest(h.own.own_draft).links.get().uid, "paragraph": "1"},
    "pin-remove": lambda h: {},
    "note-remove": lambda h: {},
    "note-save": lambda h: {"sheet": "1", "cell": "B2", "text": "Well counted."},
    "draft-save": lambda h: {"about": f"evidence-{h.own.unit.uid}", "text": "still", "revision": "1"},
    "submission-draft": lambda h: {
        "criteria": [make.criteria(h.own.unit)[0].uid],
        "links": [make.latest(h.own.own_draft).links.get().uid],
        "revision": "0",
    },
    "submission-withdraw": lambda h: {},
    "comments": lambda h: {"text": "Well shown."},
    "comment-change": lambda h: {"text": "Well shown."},
    "marking-together": lambda h: {
        "criterion": "2.1",
        "unit": h.own.unit.unit_code,
        "chosen": [h.own.waiting.uid],
        "outcome": "met",
        "feedback": "Well said.",
    },
    "comment-retire": lambda h: {},
    "decision-withdraw": lambda h: {},
    "countersign": lambda h: {"outcome": "confirmed"},
    "feedback": lambda h: {"text": "Thank you."},
    "feedback-release": lambda h: {},
    "submission-return": lambda h: _WHY,
    "marking-desk": lambda h: {
        "learner_unit": h.own.unit.uid,
        "submission": h.own.waiting.uid,
        "criterion": make.criteria(h.own.unit)[2].uid,
        "outcome": "met",
        "feedback": "Well said.",
    },
    "sign-off": lambda h: {},
    "reopen": lambda h: _WHY | {"review": h.own.review.uid},
    "hold-place": lambda h: _WHY,
    "learner-withdraw": lambda h: _WHY,
    "hold-lift": lambda h: _WHY,
    "plan-add": lambda h: {**_rules(h)},
    "plan-change": lambda h: _rules(h) | {"size": "2", "seen": quality.rules_digest(h.here.drafted)},
    "plan-approve": lambda h: {"seen": quality.rules_digest(h.here.drafted)},
    "plan-complete": lambda h: {},
    "plan-target": lambda h: _WHY,
    "item-substitute": lambda h: {},
    "tutor-rate": lambda h: _WHY | {"level": "low"},
    "qualification-add": lambda h: {"title": "Assessor", "held_as": "assessor", "awarded_on": "2024-01-02"},
    "qualification-remove": lambda h: {},
    "interest-declare": lambda h: _WHY | {"learner": h.own.member.user.email},
    "interest-end": lambda h: _WHY,
    "strategy-change": lambda h: STRATEGY,
    "item-reviewer": lambda h: {"reviewer": h.here.people["iqa"].uid},
    "item-report": lambda h: make.CHECKLIST | {"strengths": "Clear."},
    "widening": lambda h: {"way": "decline", "reason": "There is a reason."},
    "standardisation-add": lambda h: {
        "title": "What is enough",
        "why": "We differ.",
        "submissions": [h.own.disputed.submission.uid],
        "members": [h.here.people["tutor"].uid, h.here.people["lead"].uid],
    },
    "standardisation-invite": lambda h: {"members": [h.here.people["lead"].uid]},
    "standardisation-judge": lambda h: _WHY | {"outcome": "met"},
    "standardisation-discuss": lambda h: _WHY,
    "standardisation-agree": lambda h: _WHY | {"outcome": "met"},
    "standardisation-meeting": lambda h: {
        "held_on": "2026-01-05",
        "minutes": "30",
        "members": [h.here.people["tutor"].uid],
        "notes": "We compared.",
    },
    "standardisation-complete": lambda h: {"change": "Two stages."},
    "item-close": lambda h: {},
    "unit-release": lambda h: {},
    "review": lambda h: {"item": h.own.sampled.uid, "decision": h.own.disputed.uid, "outcome": "agreed"},
    "action-point": lambda h: {
        "answer": ActionAnswer.objects.get(action_point=h.own.point).uid,
        "outcome": "closed",
    },
    "adjudicate": lambda h: _WHY | {"way": "stands"},
    "cohort-add": lambda h: {
        "centre": h.here.centre.uid,
        "name": "New Cohort",
        "unit": h.own.unit.specification.uid,
        "starts_on": "2026-09-09",
    },
    "cohort-learner-add": lambda h: {"learners": [h.here.people["spare"].uid]},
    "cohort-allocate": lambda h: {"who": f"{h.here.people['other'].uid}:tutor"},
    "import-add": lambda h: {"pasted": "New Person,new@example.org"},
    "import-columns": lambda h: {"column-1": "name", "column-2": "email"},
    "import-mend": lambda h: {"name-1": "New Person", "email-1": "new@example.org", "uln-1": ""},
    "import-commit": lambda h: {},
    "import-discard": lambda h: {},
    "allocation-end": lambda h: {},
    "turnaround-set": lambda h: {"days": "7"},
    "notice-open": lambda h: {},
    "notices-read": lambda h: {"until": "2030-01-01T00:00:00+00:00"},
    "notice-choices": lambda h: {
        f"{group}-{member.uid}": "none"
        for site in (h.here, h.away)
        for member in site.people.values()
        for group in ("learning", "work")
    },
    "letter-retry": lambda h: {},
    "cohort-change": lambda h: {"name": "Renamed", "starts_on": "2026-09-09"},
    "cohort-due-dates": lambda h: {"o1": "2030-12-09", "save": "1"},
    "extend": lambda h: (
        _WHY | {"criteria": [make.criteria(h.own.unit)[0].uid], "due_on": "2031-01-09", "kind": "extension"}
    ),
    "cohort-edition": lambda h: _WHY | {"name": "New words", "to": _own_edition(h).uid, "seen": "0" * 64},
    "learner-move": lambda h: _WHY | {"to": h.here.third.uid},
    "takeover": lambda h: {"all_tutor": h.here.people["other"].uid},
    "unit-start": lambda h: {"pasted": "Unit 7: Tea"},
    "unit-correct": lambda h: {
        "code": "7",
        "title": "Tea",
        "level": "1",
        "credit_value": "1",
        "guided_learning_hours": "1",
        "outline": "1 Know tea\n1.1 Name a tea",
    },
    "unit-upload": lambda h: {"file": SimpleUploadedFile("102.zip", changed("unit.md", b'"101"', b'"102"'))},
    "edition-withdraw": lambda h: {"reason": "Wrong."},
    "unit-draft-begin": lambda h: {"centre": h.here.centre.uid, "edition": _unit_draft(h).base.uid},
    "unit-draft-put-away": lambda h: {},
    "unit-draft-publish": lambda h: {"note": "Plainer words.", "seen": state_of(_unit_draft(h))},
    "draft-file": lambda h: {
        "title": "Serving",
        "statement": "Serve tea",
        "study_minutes": "5",
        "body": "Warm the pot.",
        "revision": _unit_draft(h).files.get(path=SERVING).revision,
    },
    "draft-criterion-add": lambda h: {"number": "1.2", "statement": "Explain cups"},
    "draft-outcome-add": lambda h: {"statement": "Know cups", "criterion": "Explain cups", "number": "1"},
    "draft-glossary-add": lambda h: {"term": "Cup", "definition": "A vessel."},
    "draft-part-remove": lambda h: {"seen": removal_of(_unit_draft(h), "1/1.2-heat-and-time.md").seen},
    "draft-picture-page": lambda h: {"seen": removal_of(_unit_draft(h), "figures/a-pot.webp").seen},
    "draft-picture-add": lambda h: {
        "picture": SimpleUploadedFile("cup.png", image()),
        "words": "A cup",
        "title": "Serving",
        "statement": "Serve tea",
        "study_minutes": "5",
        "body": "Warm the pot.",
        "revision": "1",
    },
    "draft-file-shown": lambda h: {"body": "Warm the pot."},
    "draft-activity-try": lambda h: {"option": "b"},
    "calendar-make": lambda h: {},
    "visit-open": lambda h: {
        "email": "ruth@example.org",
        "name": "Ruth Bell",
        "organisation": "Association",
        "purpose": "A visit.",
        "starts_at": "2030-01-02T09:00",
        "ends_at": "2030-01-03T09:00",
        "cohorts": [h.here.cohort.uid],
    },
    "room-ask": lambda h: {"text": "More."},
    "room-note-add": lambda h: {"text": "Well kept."},
    "room-note-change": lambda h: {"text": "Well kept."},
    "room-note-share": lambda h: {"seen": h.here.visit.notes.get().text},
    "room-note-remove": lambda h: {},
    "visit-extend": lambda h: (
        _WHY
        | {
            "ends_at": f"{h.here.visit.ends_at + dt.timedelta(days=1):%Y-%m-%dT23:59}",
            "seen": h.here.visit.ends_at.isoformat(),
        }
    ),
    "visit-end": lambda h: {},
    "visit-withdraw": lambda h: _WHY,
    "visit-answer": lambda h: _WHY | {"way": "decline"},
    "calendar-end": lambda h: {},
}


def _unit_draft(h: House) -> UnitDraft:
    return UnitDraft.objects.get(centre=h.here.centre)


def _own_edition(h: House) -> UnitEdition:
    return UnitEdition.objects.get(unit__owner=h.here.centre)


def _shared_comment(h: House) -> Comment:
    return Comment.objects.get(centre=h.here.centre, owner=None)


def _rules(h: House) -> dict[str, Any]:
    return {
        "period_from": "2026-01-01",
        "period_until": "2026-12-31",
        "method": "count",
        "size": "1",
        "reviewer": h.here.people["iqa"].uid,
    }


def address(h: House, name: str) -> str:
    """The address called `name`, of the house's things."""
    return reverse(name, args=ADDRESSES.get(name, lambda h: ())(h))


def form(h: House, name: str) -> dict[str, Any]:
    """The form that the address takes, with a fresh one-time key."""
    return {"key": uuid.uuid4(), **FORMS[name](h)}


def named(resolver: URLResolver | None = None) -> list[str]:
    """The name of every address that the resolver knows; raises AssertionError for one without a name."""
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            found += named(entry)
        else:
            assert isinstance(entry, URLPattern)
            assert entry.name, f"{entry.pattern} has no name"
            found.append(entry.name)
    return found


def table() -> dict[str, dict[str, dict[str, int]]]:
    """`matrix.txt`: the status by address, way of asking and person."""
    rows: dict[str, dict[str, dict[str, int]]] = {}
    for line in (Path(__file__).parent / "matrix.txt").read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, way, *statuses = line.split()
        assert way in WAYS, line
        ways = rows.setdefault(name, {})
        assert way not in ways, f"{name} {way} stands twice"
        ways[way] = dict(zip(PEOPLE, map(int, statuses), strict=True))
    return rows
