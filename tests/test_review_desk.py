"""The review desk without a reload: the next desk takes the place of this one, its evidence is there already."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessment.models import AccessRecord, SampleItem
from tests import make
from tests.flat import flat
from tests.marking_pages import form_of, signed_in, statements
from tests.quality_pages import Scene, desk, facts, item_of, reviewed, scene
from tests.test_blind_review import judged, signed_off_with_notes
from tests.test_interim_samples import begun, interim
from tests.test_review_views import superseded

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
AHEAD = {**HTMX, "X-Ahead": "yes"}
NOTE = "Here the stages are named."


def ahead(client: Client, item: SampleItem, number: str = "1.2") -> Any:
    """What the browser fetches while another desk is read."""
    return client.get(desk(item, number), headers=AHEAD)


def token(answer: Any) -> str:
    """What the evidence that came says of itself."""
    (found,) = re.findall(r'data-token="([^"]+)"', answer.content.decode())
    return str(found)


def moved(client: Client, item: SampleItem, number: str, held: str = "") -> Any:
    """The next desk as a key asks for it; `held` is the token of the evidence that the browser has."""
    has = {"X-Evidence-Held": f"{item.uid}/{number}/{held}"} if held else {}
    return client.get(desk(item, number), headers=HTMX | has)


def items(here: Scene, size: int, **ask: Any) -> list[SampleItem]:
    """The items of an approved plan in the order of the draw."""
    plan = here.approved(size, ask=ask or None)
    rows = SampleItem.objects.select_related("learner_unit__learner", "plan", "reviewer").filter(plan=plan)
    return list(rows.order_by("position"))


def read(what: str) -> int:
    """How often evidence left the house in this way."""
    return AccessRecord.objects.filter(what=what).count()


def test_a_part_of_the_page_comes_with_its_title_crumbs_and_notices_and_the_page_is_the_same_without() -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    part, page = moved(client, item, "1.2"), client.get(desk(item, "1.2"))
    assert "<html" not in part.content.decode()
    assert "HX-Request" in part["Vary"]
    for words in (
        "<title>",
        'id="notices" hx-swap-oob',
        'id="desk-crumbs" hx-swap-oob="innerHTML"',
        'id="review-form"',
    ):
        assert words in flat(part)
    for words in (f'href="{desk(item, "2.1")}"', 'data-key="j"', "Record and go to 2.1", "Review 1.2: Maya Okafor"):
        assert words in flat(part)
        assert words in flat(page)


def test_the_next_evidence_is_fetched_ahead_and_noted_as_that_until_its_desk_is_open() -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    assert f'data-ahead="{desk(item, "1.2")}"' in flat(client.get(desk(item)))
    before = facts()
    answer = ahead(client, item)
    assert (answer.status_code, read("ahead"), read("shown"), facts()) == (200, 1, 1, before)
    assert "Why it shows 1.2:" in flat(answer)
    assert make.FEEDBACK not in flat(answer)
    held = moved(client, item, "1.2", token(answer))
    assert (read("ahead"), read("shown")) == (1, 2)
    assert 'id="evidence" data-held' in flat(held)
    assert "Why it shows" not in flat(held)
    assert make.FEEDBACK in flat(held)


def test_evidence_that_is_not_this_desks_any_more_is_made_anew() -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    had = token(ahead(client, item, "1.1"))
    superseded(here, item)
    for stale in (had, "", "none", token(ahead(client, item))):
        answer = flat(moved(client, item, "1.1", stale))
        assert "data-held" not in answer
        assert "Why it shows 1.1:" in answer
    page = client.get(desk(item), headers={"X-Evidence-Held": f"{item.uid}/1.1/{token(ahead(client, item, '1.1'))}"})
    assert "Why it shows 1.1:" in flat(page)  # without htmx nobody would put it in place


def test_before_the_judgement_nothing_of_the_decision_is_in_what_moves_or_is_fetched_ahead() -> None:
    here = scene(0)
    signed_off_with_notes(here, at_1=NOTE, at_2=NOTE, at_3=NOTE)
    (item,) = items(here, 1, blind=True)
    client = signed_in(here.iqa)
    tells = (make.FEEDBACK, NOTE, here.tutor.name, 'id="history"', 'id="decision"', "Attempt")
    judged(here, item, "1.1")
    answers = [ahead(client, item, number) for number in ("1.2", "2.1")]
    answers += [moved(client, item, number) for number in ("1.2", "2.1")]
    answers += [moved(client, item, "1.2", token(answers[0]))]
    answers += [client.post(desk(item, "1.2"), form_of(client, desk(item, "1.2")), headers=HTMX)]
    assert answers[-1].status_code == 422
    for answer in answers:
        for telling in (
            make.FEEDBACK,
            NOTE,
            here.tutor.name,
            'id="history"',
            'id="decision"',
            "review-form",
            "Attempt",
        ):
            assert telling not in answer.content.decode(), telling
    # It could have been there: it is for those who do not review, and once judged.
    for telling in tells:
        assert telling in moved(signed_in(here.lead), item, "1.2").content.decode(), telling
        assert telling in moved(client, item, "1.1").content.decode(), telling


def test_evidence_fetched_before_the_judgement_is_not_what_is_shown_after_it() -> None:
    here = scene(0)
    signed_off_with_notes(here, at_1=NOTE)
    (item,) = items(here, 1, blind=True)
    client = signed_in(here.iqa)
    answer = ahead(client, item, "1.1")
    assert NOTE not in answer.content.decode()
    judged(here, item)
    after = flat(moved(client, item, "1.1", token(answer)))
    assert "data-held" not in after
    assert NOTE in after


def test_recording_leads_on_to_the_next_desk_in_place_and_from_the_last_to_the_item() -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    for number, following in (("1.1", "1.2"), ("1.2", "2.1")):
        sent = form_of(client, desk(item, number), outcome="agreed", next=following)
        answer = client.post(desk(item, number), sent, headers=HTMX)
        to = json.loads(answer["HX-Location"])
        assert to == {"path": desk(item, following), "target": "#desk", "swap": "outerHTML show:none"}
    sent = form_of(client, desk(item, "2.1"), outcome="agreed", next="item")
    answer = client.post(desk(item, "2.1"), sent, headers=HTMX)
    assert answer["HX-Redirect"] == reverse("item", args=(item.uid,))


def test_a_judgement_shows_the_decision_in_place() -> None:
    here = scene(1)
    item, client = here.item(blind=True), signed_in(here.iqa)
    answer = client.post(desk(item), form_of(client, desk(item), judged="met"), headers=HTMX)
    assert json.loads(answer["HX-Location"])["path"] == desk(item)
    assert make.FEEDBACK in flat(moved(client, item, "1.1"))


def test_what_was_superseded_meanwhile_comes_in_place_of_the_desk_with_the_text() -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    sent = form_of(client, desk(item), outcome="agreed_with_advice", feedback="Name the standard.")
    superseded(here, item)
    answer = client.post(desk(item), sent, headers=HTMX)
    assert answer.status_code == 409
    assert "<html" not in answer.content.decode()
    for words in ("This decision was superseded.", "Name the standard.", "Now with the standard."):
        assert words in flat(answer)


def test_the_items_before_and_after_are_the_readers_own_that_wait() -> None:
    here = scene(4)
    first, second, third, fourth = items(here, 4)
    other = make.staff(here.cohort, "iqa")
    SampleItem.objects.filter(pk=second.pk).update(reviewer=other)
    for number in ("1.1", "1.2", "2.1"):
        reviewed(here, third, "agreed", number)
    reviewed(here, fourth, "agreed")
    client = signed_in(here.iqa)

    def ways(item: SampleItem, who: Client = client) -> list[str]:
        return re.findall(r'href="([^"]+)"[^>]*data-key="([hl])"', flat(who.get(desk(item))))

    assert ways(first) == [(desk(fourth, "1.2"), "l")]
    assert ways(fourth) == [(desk(first), "h")]
    assert ways(third) == [(desk(first), "h"), (desk(fourth, "1.2"), "l")]
    assert ways(first, signed_in(here.lead)) == []
    assert ways(first, signed_in(other)) == [(desk(second), "l")]
    # With nothing left in this item, the evidence of the next one is wanted.
    assert f'data-ahead="{desk(fourth, "1.2")}"' in flat(client.get(desk(third)))
    assert 'data-ahead=""' in flat(signed_in(here.lead).get(desk(third)))


def test_an_interim_desk_leads_to_no_criterion_that_nobody_decided() -> None:
    here = scene(0)
    begun(here)
    item = item_of(interim(here))
    client = signed_in(here.iqa)
    page = flat(client.get(desk(item)))
    assert "Record and go to the item" in page
    assert desk(item, "1.2") not in page
    assert client.get(desk(item, "1.2")).status_code == 404
    assert 'data-ahead=""' in page


def test_nothing_is_sent_ahead_to_whom_the_desk_is_not_open() -> None:
    here = scene(1)
    item = here.item()
    before = read("ahead")
    stranger = make.staff(here.cohort, "iqa", allocate=False)
    for member in (stranger, here.tutor, item.learner_unit.learner, scene(0).lead):
        assert ahead(signed_in(member), item).status_code == 404
    assert ahead(signed_in(here.iqa), item, "9.9").status_code == 404
    assert read("ahead") == before


@pytest.mark.parametrize("rows", [1, 4])
def test_what_moves_and_what_is_sent_ahead_costs_the_same_at_one_and_at_four(rows: int) -> None:
    here = scene(rows)
    item, client = items(here, rows)[0], signed_in(here.iqa)
    client.get(desk(item))
    client.defaults["HTTP_HX_REQUEST"] = "true"
    assert statements(client, desk(item, "1.2")) == 9
    client.defaults["HTTP_X_AHEAD"] = "yes"
    assert statements(client, desk(item, "1.2")) == 7
