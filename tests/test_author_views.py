"""The author's pages: what they show, what they keep, and what they refuse."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
import time_machine
from django.test import Client

from assessment.models import Cohort
from content.activities import KINDS
from content.authoring import writing
from content.authoring.files import taken_apart
from content.canonical import files_of
from content.catalogue import offered_to
from content.checks import check
from content.models import UnitDraft, UnitEdition
from content.publishing import publish
from courseware.kit import clock
from courseware.people.models import Centre, User
from tests import make
from tests.people_builders import make_centre
from tests.study_pages import client_of, page_of

from .content_builders import HOUSE_412, TINY
from .test_authoring_writing import LESSON, author_of, change, change_of

pytestmark = pytest.mark.django_db
SERVING = "2/2.1-serving.md"
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def centre() -> Centre:
    return make_centre()


@pytest.fixture
def by(centre: Centre) -> User:
    return author_of(centre)


@pytest.fixture
def draft(by: User, centre: Centre) -> UnitDraft:
    return change_of(by, centre)


def fields(draft: UnitDraft, path: str, **more: Any) -> dict[str, Any]:
    """The editor's form as its page gives it."""
    row = draft.files.get(path=path)
    parts = taken_apart(path, row.text)
    given = {name: parts.values.get(name, "") for name in parts.fields}
    if not given.get("complete"):
        given.pop("complete", None)
    return given | {"body": parts.body, "revision": row.revision, "key": uuid.uuid4()} | more


def edit(draft: UnitDraft, path: str) -> str:
    return f"/author/{draft.uid}/edit/{path}"


def test_the_list_shows_the_houses_units_until_the_centre_has_its_own(centre: Centre, by: User) -> None:
    house = publish(check(TINY))
    page = page_of(by, "/author/")
    assert "Comes with the software" in page
    client = client_of(by)
    answer = client.post("/author/begin/", {"centre": centre.uid, "edition": house.uid})
    draft = UnitDraft.objects.get()
    assert answer["Location"] == f"/author/{draft.uid}/"
    assert client.post("/author/begin/", {"centre": centre.uid, "edition": house.uid})["Location"] == answer["Location"]
    change(by, draft, LESSON, "Leaves, fresh", "Warm hands. Leaves, fresh")
    writing.publish_draft(by=by, draft=draft, note="Warmer.", seen=writing.state_of(draft))
    page = page_of(by, "/author/")
    assert "Your centre’s" in page
    assert "Comes with the software" not in page
    assert {one.unit.owner for one in offered_to(centre)} == {None, centre}


def test_another_centres_edition_looks_as_if_it_were_not_there(centre: Centre, by: User) -> None:
    there = make_centre()
    other = author_of(there)
    theirs = change_of(other, there)
    edition = writing.publish_draft(by=other, draft=theirs, note="Ours.", seen=writing.state_of(theirs))
    client = client_of(by)
    for uid in (edition.uid, uuid.uuid4(), "x", ""):
        assert client.post("/author/begin/", {"centre": centre.uid, "edition": uid}).status_code == 404
    assert client.get(f"/author/{theirs.uid}/").status_code == 404
    assert client.get(edit(theirs, LESSON)).status_code == 404


def test_a_draft_page_names_every_fault_with_its_line(by: User, draft: UnitDraft) -> None:
    change(by, draft, LESSON, "Warm hands.", "<i>Warm</i> hands.")
    change(by, draft, "unit.md", "level: 1", "level: eleven")
    page = " ".join(page_of(by, f"/author/{draft.uid}/").split())
    assert "HTML is shown as text" in page
    assert "&#x27;level&#x27; must be a whole number" in page
    assert "See what changes, and publish" not in page


def test_saving_keeps_the_form_and_the_file_stays_canonical(by: User, draft: UnitDraft) -> None:
    client = client_of(by)
    told = fields(draft, LESSON, body="## Why\r\n\r\nWarm the pot.  \r\n", title="A  new\ntitle")
    answer = client.post(edit(draft, LESSON), told)
    assert answer.status_code == 303
    text = draft.files.get(path=LESSON).text
    assert "title: A new title\n" in text
    assert text.endswith("---\n\n## Why\n\nWarm the pot.\n")
    assert 'number: "1.1"\n' in text


def test_a_script_saves_while_one_types_and_the_second_author_gets_both_texts(
    by: User, centre: Centre, draft: UnitDraft
) -> None:
    other = author_of(centre)
    first, second = client_of(by), client_of(other)
    mine, theirs = fields(draft, LESSON, body="Mine."), fields(draft, LESSON, body="Theirs.")
    answer = first.post(edit(draft, LESSON), mine, headers=SCRIPT)
    said = answer.json()
    assert re.fullmatch(r"\d\d:\d\d", said["saved_at"])
    assert said["revision"] == mine["revision"] + 1
    refused = second.post(edit(draft, LESSON), theirs, headers=SCRIPT)
    assert refused.status_code == 409
    assert refused.json()["by"] == by.memberships.get().name
    assert "Mine." in refused.json()["text"]
    page = second.post(edit(draft, LESSON), theirs)
    assert page.status_code == 409
    html = page.content.decode()
    assert "Mine." in html
    assert "Theirs." in html
    assert "Mine." in draft.files.get(path=LESSON).text
    revision = re.search(r'name="revision" value="(\d+)"', html)
    assert revision is not None
    again = second.post(edit(draft, LESSON), theirs | {"revision": revision[1]})
    assert again.status_code == 303
    assert "Theirs." in draft.files.get(path=LESSON).text


def test_a_page_of_another_account_saves_nothing(by: User, draft: UnitDraft) -> None:
    told = fields(draft, LESSON, body="x", who="ffffffff")
    assert client_of(by).post(edit(draft, LESSON), told, headers=SCRIPT).status_code == 403


def test_what_is_too_long_is_told_and_nothing_typed_is_lost(by: User, draft: UnitDraft) -> None:
    told = fields(draft, LESSON, body="é" * 60_000)
    answer = client_of(by).post(edit(draft, LESSON), told)
    assert answer.status_code == 422
    assert "é" * 60_000 in answer.content.decode()
    said = client_of(by).post(edit(draft, LESSON), told, headers=SCRIPT)
    assert (said.status_code, "bytes" in said.json()["reason"]) == (422, True)
    assert (
        client_of(by).post(edit(draft, LESSON), fields(draft, LESSON, revision="x"), headers=SCRIPT).status_code == 422
    )


def test_without_a_script_a_button_shows_what_it_looks_like_and_saves_nothing(by: User, draft: UnitDraft) -> None:
    before = draft.files.get(path=LESSON).text
    answer = client_of(by).post(edit(draft, LESSON), fields(draft, LESSON, body="A *new* line.", preview="body"))
    page = answer.content.decode()
    assert "<em>new</em>" in page
    assert "A *new* line." in page
    assert draft.files.get(path=LESSON).text == before


def test_the_live_preview_tells_lines_and_shows_activities(by: User, draft: UnitDraft) -> None:
    client = client_of(by)
    body = f"First.\n\n<b>x</b>\n\n```choice\n{KINDS['choice'].blank}```\n"
    page = client.post(f"/author/{draft.uid}/shown/{LESSON}", {"body": body}).content.decode()
    assert 'data-line="3"' in page
    assert "HTML is shown as text" in page
    assert "still the sample" in page
    assert 'name="option"' in page
    assert client.post(f"/author/{draft.uid}/shown/{LESSON}", {"body": "x" * 100_001}).status_code == 413
    assert client.post(f"/author/{draft.uid}/shown/nothing.md", {"body": "x"}).status_code == 404
    assert Client().post(f"/author/{draft.uid}/shown/{LESSON}", {"body": "x"}).status_code == 401


def test_previews_are_limited_in_a_minute(by: User, draft: UnitDraft, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("courseware.kit.editor.views.PER_MINUTE", 2)
    client = client_of(by)
    with time_machine.travel(clock.now(), tick=False):  # within one minute
        answers = [client.post(f"/author/{draft.uid}/shown/{LESSON}", {"body": "x"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert answers[-1]["Content-Type"].startswith("text/plain")


def test_an_activity_is_tried_as_a_learner_would_and_nothing_is_kept(by: User, draft: UnitDraft) -> None:
    client = client_of(by)
    page = client.get(f"/author/{draft.uid}/preview/{SERVING}").content.decode()
    assert 'id="why-warm-the-pot"' in page
    address = f"/author/{draft.uid}/try/why-warm-the-pot/{SERVING}"
    assert "Right." in client.post(address, {"option": "b"}).content.decode()
    assert "Not yet." in client.post(address, {"option": "a"}).content.decode()
    assert client.post(address, {"option": "zz"}).status_code == 400
    assert client.post(f"/author/{draft.uid}/try/nothing/{SERVING}", {"option": "b"}).status_code == 404


def test_a_tutor_sees_activities_in_words_and_how_the_criterion_is_judged(by: User, centre: Centre) -> None:
    draft = writing.begin_draft(by=by, centre=centre, edition=publish(check(TINY)))
    address = f"/author/{draft.uid}/preview/{SERVING}"
    learner, tutor = (" ".join(page_of(by, f"{address}{query}").split()) for query in ("", "?as=tutor"))
    assert "<fieldset" in learner
    assert "Only staff see this" not in learner
    assert "<fieldset" not in tutor
    assert "Too few decisions were made on this criterion" in tutor
    cohort = make.cohort(centre)
    member = make.staff(cohort, "tutor")
    for _ in range(5):
        unit = make.learner_unit(cohort)
        make.marked(make.submission(unit, make.criteria(unit)[2]), member.user, "not_yet_met")
    asked = "Of 5 decisions on it here, 5 (100 %) said Not yet met."
    assert asked in " ".join(page_of(by, f"{address}?as=tutor").split())
    assert asked in " ".join(page_of(by, "/units/101/2.1/").split())
    assert asked not in " ".join(page_of(by, address).split())
    # What cannot be read yet stands there as what it lacks; what is no lesson has one way of being read.
    change(by, draft, SERVING, "stem:", "steam:")
    assert "This activity cannot be shown yet" in page_of(by, f"{address}?as=tutor")
    assert "As a tutor" not in page_of(by, f"/author/{draft.uid}/preview/unit.md?as=tutor")
    new = "2/2.2-new.md"
    writing.save_file(by=by, draft=draft, path=new, text=draft.files.get(path=SERVING).text, seen=0)
    assert "Too few decisions" in page_of(by, f"/author/{draft.uid}/preview/{new}?as=tutor")


def test_publishing_says_what_changes_and_for_whom(by: User, centre: Centre, draft: UnitDraft) -> None:
    running = make.cohort(centre, name="Autumn")
    make.learner_unit(running)
    page = " ".join(page_of(by, f"/author/{draft.uid}/publish/").split())
    assert "This becomes your centre’s own unit" in page
    assert "Autumn, 1 learner: stays as it is" in page
    assert "<ins>Warm hands. </ins>" in page
    first = _publish(by, draft)
    Cohort.objects.filter(pk=running.pk).update(specification=first.specification)
    change(by, draft, LESSON, "Warm hands", "Cold hands")
    page = " ".join(page_of(by, f"/author/{draft.uid}/publish/").split())
    assert "Cohorts on it read the new lessons from the moment you publish" in page
    assert "Autumn, 1 learner: reads the new lessons" in page
    change(by, draft, "1/outcome.md", "statement: Know", "statement: Truly know")
    page = " ".join(page_of(by, f"/author/{draft.uid}/publish/").split())
    assert "The specification changes" in page
    assert "Autumn, 1 learner: stays as it is" in page


def _publish(by: User, draft: UnitDraft) -> UnitEdition:
    client = client_of(by)
    page = client.get(f"/author/{draft.uid}/publish/").content.decode()
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert seen is not None
    told = {"note": "Plainer.", "seen": seen[1], "key": uuid.uuid4()}
    assert client.post(f"/author/{draft.uid}/publish/", told).status_code == 303
    return UnitEdition.objects.filter(unit__owner=draft.centre).order_by("-number")[0]


def test_a_unit_that_was_never_published_is_told_as_new(centre: Centre, by: User) -> None:
    files = files_of(check(TINY))
    draft = writing.begin_unit(by=by, centre=centre, code="101", files=files)
    title = taken_apart("unit.md", files["unit.md"]).values["title"]
    assert f"101 {title}</a>" in page_of(by, "/author/")
    page = page_of(by, f"/author/{draft.uid}/publish/")
    assert f"Lesson 1.1: new, {len(files[LESSON].split())} words" in " ".join(page.split())
    assert "taken out" not in page
    assert "<ins>" not in page
    shown = page_of(by, edit(draft, "figures/pot.svg")).partition("data-preview")[2]
    assert '<rect x="5" y="8"' in shown
    assert "Before: Outcome 1</a>" in " ".join(page_of(by, edit(draft, LESSON)).split())


def test_a_draft_in_which_nothing_changed_leads_back_and_promises_nothing(centre: Centre, by: User) -> None:
    draft = writing.begin_draft(by=by, centre=centre, edition=publish(check(TINY)))
    assert "Nothing is changed yet." in " ".join(page_of(by, f"/author/{draft.uid}/").split())
    page = page_of(by, f"/author/{draft.uid}/publish/")
    assert "Back to the draft" in page
    assert "What it means for cohorts" not in page


def test_publishing_is_refused_with_what_was_typed(by: User, draft: UnitDraft) -> None:
    client, address = client_of(by), f"/author/{draft.uid}/publish/"
    told = {"note": "My note.", "seen": writing.state_of(draft), "key": uuid.uuid4()}
    change(by, draft, LESSON, "Warm hands", "Cold hands")
    answer = client.post(address, told)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "changed while you looked at it" in page
    assert "My note." in page
    assert writing.state_of(draft) in page
    change(by, draft, LESSON, "Cold hands", "<b>Cold</b> hands")
    faulty = client.post(address, told | {"seen": writing.state_of(draft)})
    assert faulty.status_code == 422
    assert "See what is wrong" in faulty.content.decode()
    assert client.post(address, told | {"note": ""}).status_code == 422
    assert not UnitEdition.objects.filter(unit__owner=draft.centre).exists()


def test_a_draft_is_put_away_after_being_asked(by: User, draft: UnitDraft) -> None:
    client = client_of(by)
    assert "published nowhere" in client.get(f"/author/{draft.uid}/put-away/").content.decode()
    assert client.post(f"/author/{draft.uid}/put-away/", {"key": uuid.uuid4()}).status_code == 303
    assert client.post(f"/author/{draft.uid}/put-away/", {"key": uuid.uuid4()}).status_code == 409
    assert client.post(edit(draft, LESSON), fields(draft, LESSON)).status_code == 409


@pytest.mark.parametrize("page", ["", "publish/", f"edit/{LESSON}", f"preview/{LESSON}?as=tutor"])
def test_pages_cost_a_fixed_number_of_statements(
    by: User, draft: UnitDraft, page: str, django_assert_max_num_queries: Any
) -> None:
    address = f"/author/{draft.uid}/{page}"
    client = client_of(by)
    client.get(address)
    with django_assert_max_num_queries(12):
        client.get(address)


def test_the_unit_of_the_house_costs_as_many_as_the_small_one(
    by: User, centre: Centre, django_assert_max_num_queries: Any
) -> None:
    big = writing.begin_draft(by=by, centre=centre, edition=publish(check(HOUSE_412)))
    client = client_of(by)
    assert big.base is not None
    editions = (f"/author/unit/{big.base.unit.uid}/", f"/author/edition/{big.base.uid}/")
    for address in ("/author/", *editions, f"/author/{big.uid}/", f"/author/{big.uid}/edit/1/1.1-customer-journey.md"):
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200


def test_an_older_edition_is_looked_at_and_published_again(by: User, draft: UnitDraft) -> None:
    first = _publish(by, draft)
    change(by, draft, LESSON, "Warm hands", "Cold hands")
    second = _publish(by, draft)
    client = client_of(by)
    listed = " ".join(page_of(by, f"/author/unit/{first.unit.uid}/").split())
    assert "Edition 1" in listed
    assert "Edition 2" in listed
    newest = page_of(by, f"/author/edition/{second.uid}/")
    assert "<ins>Cold" in newest
    assert "Publish this text again" not in newest
    address = f"/author/edition/{first.uid}/"
    assert "Publish this text again" in page_of(by, address)
    assert client.post(address, {"note": "", "key": uuid.uuid4()}).status_code == 422
    assert client.post(address, {"note": "Back.", "key": uuid.uuid4()}).status_code == 303
    third = UnitEdition.objects.get(unit=first.unit, number=3)
    assert third.lessons_digest == first.lessons_digest
    assert client.post(address, {"note": "Again.", "key": uuid.uuid4()}).status_code == 409
    house = publish(check(TINY))
    assert client.post(f"/author/edition/{house.uid}/", {"note": "x", "key": uuid.uuid4()}).status_code == 403
    assert client_of(author_of(make_centre())).get(address).status_code == 404
