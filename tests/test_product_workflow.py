"""A product of an activity becomes evidence: frozen, mapped, said where from, looking the same to the tutor."""

# ruff: noqa: E501 - hostile data read best one a line

from __future__ import annotations

import json
import uuid

import pytest
from django.db import DatabaseError, transaction

from assessment.models import Decision, EvidenceItem, EvidenceSource, EvidenceVersion
from assessment.readings.evidence import showable, shown
from content.activities import products
from courseware.kit.markdown import as_typed
from courseware.ledger.models import LedgerEntry
from tests import make
from tests.study_pages import client_of, page_of

from .test_practice_views import LESSON, send

pytestmark = pytest.mark.django_db
ROWS = {
    "rows": "2",
    "about-place": "Kiosk *at* the station",
    "1-step": "Welcome",
    "1-doing": "Says hello | and waits",
    "1-mood": "3",
    "1-moment": "yes",
    "2-step": "Pouring",
    "2-doing": "Looks",
    "2-mood": "1",
}


@pytest.fixture
def unit():
    return make.learner_unit()


@pytest.fixture
def learner(unit):
    return unit.learner.user


def turn(user, name="tea-round", key=None):
    return client_of(user).post(f"{LESSON}evidence/{name}/", {"key": key or uuid.uuid4()})


def hand_in(unit, version) -> None:
    draft = make.draft(unit, version.links.get().criterion, version=version)
    make.submissions.submit(by=unit.learner.user, submission=draft, declared=True, others="none", ai_used=False)


def as_shown(version):
    return shown(showable(EvidenceVersion.objects.filter(pk=version.pk)).get())


def svg_of(html: str) -> str:
    return html.partition('<svg class="drawing"')[2].partition("</svg>")[0]


def test_a_list_becomes_a_document_that_looks_to_the_tutor_as_it_did_to_its_learner(learner, unit):
    tutor = make.staff(unit.cohort, "tutor")
    assert "Turn into evidence" not in page_of(learner, LESSON)
    send(learner, "tea-round", **ROWS)
    lesson = page_of(learner, LESSON)
    assert "Turn into evidence for 2.1" in lesson
    response = turn(learner)
    version = EvidenceVersion.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/evidence/items/{version.item.uid}/")
    assert (version.state, version.item.title, version.kind) == ("draft", "A round of tea", "text")
    assert [link.criterion.number for link in version.links.all()] == ["2.1"]
    made = as_shown(version)
    assert svg_of(made.html)
    assert svg_of(made.html) == svg_of(lesson)
    assert "Says hello | and waits" in made.html
    assert "Kiosk *at* the station" in made.html
    assert made.note == "Made with the activity “A round of tea” of criterion 2.1, edition 1 of the unit."
    entry = LedgerEntry.objects.latest("pk")
    assert (entry.verb, entry.result) == ("turn_into_evidence", version.item.uid)
    assert json.loads(entry.text)["digests"]["bytes"] == version.sha256
    hand_in(unit, version)
    desk = page_of(tutor.user, f"/evidence/versions/{version.uid}/")
    assert svg_of(desk) == svg_of(lesson)
    assert "Made with the activity “A round of tea” of criterion 2.1" in desk
    assert not Decision.objects.exists()


def test_the_next_turning_replaces_a_draft_and_follows_what_was_submitted(learner, unit):
    send(learner, "tea-round", **ROWS)
    turn(learner)
    first = EvidenceVersion.objects.get()
    assert turn(learner).status_code == 409
    send(learner, "tea-round", **(ROWS | {"2-mood": "2"}))
    assert turn(learner).status_code == 303
    again = EvidenceVersion.objects.get()
    assert (again.pk, again.number) == (first.pk, 1)
    assert again.sha256 != first.sha256
    assert EvidenceSource.objects.get().sha256 == again.sha256
    hand_in(unit, again)
    send(learner, "tea-round", **(ROWS | {"2-mood": "3"}))
    assert turn(learner).status_code == 303
    new = EvidenceVersion.objects.latest("pk")
    assert (new.item, new.number, new.state) == (again.item, 2, "draft")
    assert [link.criterion.number for link in new.links.all()] == ["2.1"]
    assert EvidenceSource.objects.count() == 2
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        EvidenceSource.objects.filter(version=again).update(title="Another")


def test_a_draft_that_was_written_anew_does_not_say_that_it_was_made_by_the_activity(learner, unit):
    send(learner, "tea-round", **ROWS)
    turn(learner)
    version = EvidenceVersion.objects.get()
    assert as_shown(version).note
    kept = make.evidence.keep_text(learner, unit, "All my own.")
    make.evidence.add_version(by=learner, item=version.item, kept=kept)
    assert as_shown(version).note == ""


@pytest.mark.parametrize("submitted", [False, True])
def test_what_its_learner_wrote_is_never_replaced_by_what_is_made(learner, unit, submitted):
    send(learner, "tea-round", **ROWS)
    turn(learner)
    first = EvidenceVersion.objects.get()
    if submitted:
        hand_in(unit, first)
    kept = make.evidence.keep_text(learner, unit, "All my own.")
    make.evidence.add_version(by=learner, item=first.item, kept=kept)
    own = EvidenceVersion.objects.latest("pk")
    before = EvidenceVersion.objects.filter(item=first.item).order_by("pk")
    stays = list(before.values())
    send(learner, "tea-round", **(ROWS | {"2-mood": "2"}))
    assert turn(learner).status_code == 303
    assert list(before.values()) == stays
    assert "All my own." in as_shown(own).html
    made = EvidenceVersion.objects.latest("pk")
    assert (made.number, made.state) == (1, "draft")
    assert made.item != first.item
    assert as_shown(made).note
    assert turn(learner).status_code == 409


def test_an_essay_becomes_evidence_after_an_own_attempt_only(learner):
    send(learner, "explain-the-pot", text="Too short.")
    assert "Turn into evidence" not in page_of(learner, LESSON)
    assert turn(learner, "explain-the-pot").status_code == 409
    assert not EvidenceItem.objects.exists()
    send(learner, "explain-the-pot", text="**Because** it is so. " * 25)
    assert turn(learner, "explain-the-pot").status_code == 303
    html = as_shown(EvidenceVersion.objects.get()).html
    assert "Explain to somebody who never made tea" in html
    assert "<strong>Because</strong> it is so." in html
    assert "I warm the pot first" not in html


@pytest.mark.parametrize("name", ["steps", "best-cup", "nothing"])
def test_only_products_become_evidence(learner, name):
    assert turn(learner, name).status_code == 404
    assert not EvidenceItem.objects.exists()


def test_what_is_not_whole_or_not_theirs_is_refused(learner, unit):
    tutor = make.staff(unit.cohort, "tutor").user
    send(learner, "tea-round", **(ROWS | {"2-mood": ""}))
    response = turn(learner)
    assert response.status_code == 409
    assert "Pouring: How the guest feels." in response.content.decode()
    send(learner, "tea-round", **ROWS)
    assert turn(tutor).status_code == 403
    assert client_of(learner).post(f"{LESSON}evidence/tea-round/", {}).status_code == 400
    assert not EvidenceItem.objects.exists()


def test_the_same_form_twice_is_one_item(learner):
    send(learner, "tea-round", **ROWS)
    key = uuid.uuid4()
    for _ in range(2):
        assert turn(learner, key=key).status_code == 303
    assert EvidenceItem.objects.count() == EvidenceVersion.objects.count() == 1


def test_where_evidence_came_from_is_never_deleted(learner):
    send(learner, "tea-round", **ROWS)
    turn(learner)
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        EvidenceSource.objects.all().delete()


GOOD = {
    "title": "T",
    "drawing": {"as": "steps", "label": "a", "below": "b"},
    "columns": [{"name": "a", "label": "A", "sort": "line"}, {"name": "b", "label": "B", "sort": "text"}],
    "rows": [{"a": "One <b>", "b": "Two"}],
}


def block(data) -> str:
    return f"Before\n\n```drawing\n{data if isinstance(data, str) else json.dumps(data)}\n```\n\nAfter"


def test_a_drawing_in_a_text_is_drawn_and_its_words_are_escaped():
    html = products.shown(block(GOOD))
    assert "One &lt;b&gt;" in html
    assert html.startswith("<p>Before</p>")
    assert html.rstrip().endswith("<p>After</p>")


@pytest.mark.parametrize(
    "data",
    [
        "{",
        "[]",
        "[" * 5000,
        "x" * 70_000,
        {},
        GOOD | {"rows": []},
        GOOD | {"rows": [{}] * 30},
        GOOD | {"rows": [{"c": "x"}]},
        GOOD | {"rows": [{"a": 1}]},
        GOOD | {"rows": [{"a": "x" * 200}]},
        GOOD | {"title": 5},
        GOOD | {"drawing": {"as": "script"}},
        GOOD | {"drawing": {"as": "steps", "label": "b", "below": "a"}},
        GOOD | {"columns": [{"name": "a", "label": "A", "sort": "bomb"}]},
        GOOD | {"columns": [*GOOD["columns"], {"name": "c", "label": "C", "sort": "choice", "options": ["x"]}]},
        GOOD | {"rows": [{"a": "x", "c": "9"}], "columns": [*GOOD["columns"], {"name": "c", "label": "C", "sort": "choice", "options": ["x", "y"]}]},
    ],
    ids=range(16),
)  # fmt: skip
def test_what_no_builder_wrote_is_not_drawn(data):
    html = products.shown(block(data))
    assert "<svg" not in html
    assert "<p>Before</p>" in html
    assert "<p>After</p>" in html
    assert as_typed(block(data).split("```drawing\n")[1].split("```")[0]) in html, "nothing of the evidence is hidden"


def test_a_drawing_within_a_list_stays_a_block():
    html = products.shown("- x\n\n  ```drawing\n  {}\n  ```\n")
    assert "<svg" not in html
    assert "{}" in html


@pytest.mark.parametrize(
    "mark", ["&#xE003;", "&#57347;", "\ue003", "`&#xE003;`", "[x](/y '&#xE003;')", "![&#xE003;](/y)"]
)
def test_no_mark_hides_what_follows_it(mark):
    html = products.shown(f"seen {mark} hidden\n\n{block(GOOD)}")
    assert "seen" in html
    assert "hidden" in html
    assert html.count("<svg") == 1


def test_a_block_within_markup_hides_and_moves_none():
    drawn = block(GOOD).removeprefix("Before").removesuffix("After")
    html = products.shown(f"<div>\n```drawing\nALPHA\n```\n\n- x\n{drawn.replace(chr(10), chr(10) + '  ')}\n\nend")
    assert "ALPHA" in html
    assert "<svg" not in html
