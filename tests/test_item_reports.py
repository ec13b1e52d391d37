"""The report on a sampled unit: needed before it closes, corrected by a new one, read by the tutor."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from assessment.models import CHECKS, Body, ItemRemark, ItemReport
from assessment.readings.proof import steps
from assessment.workflow import drafts, item_reports, reviews
from courseware.kit.verdict import NotNow, NotYours
from tests import make
from tests.flat import flat
from tests.marking_pages import form_of, signed_in, statements
from tests.quality_pages import Scene, facts, item_of, reviewed, scene
from tests.test_record_database import fact, refuses

pytestmark = pytest.mark.django_db
GOOD, MORE = "The feedback names the standard.", "Say which version you read."


def address(item: Any) -> str:
    return reverse("item-report", args=(item.uid,))


def found() -> list[Any]:
    return [*facts(), *(list(model.objects.order_by("pk").values()) for model in (ItemReport, ItemRemark))]


def all_reviewed(here: Scene, **ask: Any) -> Any:
    """A drawn unit, agreed in everything and not reported on."""
    item = here.item(**ask)
    for number in ("1.1", "1.2", "2.1"):
        reviewed(here, item, "agreed", number)
    return item


def test_an_item_closes_once_it_is_reported_on() -> None:
    here = scene(1)
    item, client = all_reviewed(here), signed_in(here.iqa)
    shown = flat(client.get(reverse("item", args=(item.uid,))))
    assert "Write the report on this unit first." in shown
    before = found()
    with pytest.raises(NotNow, match="Write the report"):
        reviews.close_item(by=here.iqa.user, item=item)
    assert found() == before
    sent = form_of(client, address(item), **make.CHECKLIST, strengths=GOOD)
    answer = client.post(address(item), sent)
    assert (answer.status_code, answer["Location"]) == (303, reverse("item", args=(item.uid,)))
    page = flat(client.get(answer["Location"]))
    for says in (
        "Recorded: the report on the unit of Maya Okafor.",
        GOOD,
        "The checklist has no No.",
        "Correct the report",
    ):
        assert says in page
    assert client.post(address(item), sent).status_code == 303  # a double click
    assert ItemReport.objects.count() == 1
    reviews.close_item(by=here.iqa.user, item=item)
    assert [fault for step in steps() for fault in step.faults()] == []
    assert "This item is closed, and its report with it." in flat(client.get(address(item)))
    before = found()
    again = sent | {"key": "7b7c2f2e-70a5-4a5a-9f0d-3f9a1f6d0c11"}
    assert (client.post(address(item), again).status_code, found()) == (409, before)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"planning": ""}, "Answer “Assessment was planned with the learner”"),
        ({"declaration": "perhaps"}, "Answer “The learner declared the work as their own”"),
        ({"strengths": " \u200b"}, "Write what was good, or what to develop"),
        ({"feedback": "no"}, "A line says No: say what the tutor is to develop"),
    ],
)
def test_a_report_answers_every_line_and_says_something(change: dict[str, str], says: str) -> None:
    here = scene(1)
    item, client = all_reviewed(here), signed_in(here.iqa)
    sent = form_of(client, address(item), **(make.CHECKLIST | {"strengths": GOOD} | change))
    before = found()
    answer = client.post(address(item), sent)
    assert (answer.status_code, found()) == (422, before)
    assert says in flat(answer)


@pytest.mark.parametrize(
    ("checks", "says"),
    [
        ({name: "yes" for name, _ in CHECKS[1:]}, "every line"),
        (make.CHECKLIST | {"more": "yes"}, "every line"),
        (make.CHECKLIST | {"varcs": "perhaps"}, "every line"),
        (make.CHECKLIST | {"varcs": "no"}, "what the tutor is to develop"),
    ],
)
def test_the_verb_refuses_what_no_form_offers(checks: dict[str, str], says: str) -> None:
    here = scene(1)
    item = all_reviewed(here)
    before = found()
    with pytest.raises(NotNow, match=says):
        item_reports.report_item(by=here.iqa.user, item=item, checks=checks, strengths=GOOD)
    with pytest.raises(NotNow, match="Write what was good"):
        item_reports.report_item(by=here.iqa.user, item=item, checks=make.CHECKLIST, strengths=" \u00a0")
    assert found() == before


def test_a_report_comes_from_the_reviewer_once_something_is_reviewed() -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    assert "Review a criterion first" in flat(client.get(address(item)))
    before = found()
    sent = form_of(client, address(item), **make.CHECKLIST, strengths=GOOD)
    assert (client.post(address(item), sent).status_code, found()) == (409, before)
    reviewed(here, item, "agreed")
    stranger = make.staff(here.cohort, "iqa", allocate=False)
    for who, status in ((here.lead, 403), (here.tutor, 404), (stranger, 404), (item.learner_unit.learner, 404)):
        other = signed_in(who)
        before = found()
        assert (other.get(address(item)).status_code, other.post(address(item), sent).status_code) == (status, status)
        assert found() == before
    assert client.post(address(item), sent).status_code == 303


def test_a_correction_is_a_new_report_that_begins_with_the_last() -> None:
    here = scene(1)
    item, client = all_reviewed(here), signed_in(here.iqa)
    make.report(item, strengths=GOOD)
    page = client.get(address(item)).content.decode()
    assert GOOD in page
    assert "a new one takes its place" in flat(client.get(address(item)))
    sent = form_of(client, address(item), **(make.CHECKLIST | {"records": "no"}), strengths=GOOD, development=MORE)
    client.post(address(item), sent)
    shown = flat(client.get(reverse("item", args=(item.uid,))))
    assert "<strong>No:</strong> The records are complete." in shown
    assert MORE in shown
    assert ItemReport.objects.count() == 2
    texts = ItemRemark.objects.order_by("pk").values_list("kind", "body__text")
    assert list(texts) == [("strengths", GOOD), ("strengths", GOOD), ("development", MORE)]


def test_its_texts_are_kept_while_one_writes_for_the_reviewer_alone() -> None:
    here = scene(1)
    item, client = all_reviewed(here), signed_in(here.iqa)
    about = f"development-{item.uid}"
    drafts.save_draft(by=here.iqa.user, about=about, text=MORE, revision=0)
    assert MORE in flat(client.get(address(item)))
    for who in (here.lead, here.tutor):
        with pytest.raises(NotYours):
            drafts.save_draft(by=who.user, about=about, text=MORE, revision=0)
    client.post(address(item), form_of(client, address(item), **make.CHECKLIST, strengths=GOOD, development=MORE))
    assert drafts.offered(here.iqa.user, about).text == ""


def test_the_tutor_reads_outcomes_and_reports_and_nobody_elses() -> None:
    here = scene(1)
    item = here.item()
    reviewed(here, item, "action_required")
    reviewed(here, item, "agreed", "1.2")
    make.report(item, strengths=GOOD, development=MORE)
    page = flat(signed_in(here.tutor).get(reverse("own-quality-feedback")))
    assert "wo decisions were reviewed: Agreed 1, Agreed with advice 0, Action required 1, Not agreed 0." in page
    for says in (GOOD, MORE, "Name the standard that you judged against.", "The action point", "Maya Okafor, Unit 101"):
        assert says in page
    raw = signed_in(here.tutor).get(reverse("own-quality-feedback")).content.decode()
    reviews_part = raw.partition('id="reviews-h"')[2]
    assert reviews_part.count("<h3") == 1, "what asks for something has a heading"
    assert reviews_part.count("<tr>") == 2, "the other is a row below the head of a table"
    own = reverse("tutor-feedback", args=(here.tutor.uid,))
    assert "Your quality feedback" in flat(signed_in(here.tutor).get(own))
    assert GOOD in flat(signed_in(here.lead).get(own))
    assert "Quality feedback to Daniel Hughes" in flat(signed_in(here.lead).get(own))
    stranger = make.staff(here.cohort, "iqa", allocate=False)
    shown = flat(signed_in(stranger).get(own))  # knows of the tutor, and may not read this portfolio
    assert "No decision was reviewed yet." in shown
    assert GOOD not in shown
    other = make.staff(here.cohort, "tutor", allocate=False)
    assert GOOD not in flat(signed_in(other).get(reverse("own-quality-feedback")))
    for who in (other, item.learner_unit.learner, scene(0).lead):
        assert signed_in(who).get(own).status_code == 404


def test_the_pages_cost_the_same_at_1_and_at_4_rows() -> None:
    costs = []
    for rows in (1, 4):
        here = scene(rows)
        plan = here.approved(rows)
        for item in plan.items.select_related("learner_unit", "reviewer").order_by("position"):
            reviewed(here, item, "action_required")
            make.report(item, development=MORE)
        tutor, lead, iqa = signed_in(here.tutor), signed_in(here.lead), signed_in(here.iqa)
        costs.append(
            (
                statements(tutor, reverse("own-quality-feedback")),
                statements(lead, reverse("tutor-feedback", args=(here.tutor.uid,))),
                statements(iqa, address(item_of(plan))),
            )
        )
    assert costs == [(9, 10, 8), (9, 10, 8)]


def test_the_database_takes_no_report_with_an_unknown_answer_and_no_remark_without_words() -> None:
    here = scene(1)
    item = all_reviewed(here)
    own = fact(here.iqa, "iqa")
    assert refuses(lambda: ItemReport.objects.create(**own, item=item, **(make.CHECKLIST | {"varcs": "so"})))
    report = ItemReport.objects.create(**own, item=item, **make.CHECKLIST)
    assert refuses(lambda: ItemRemark.objects.create(**own, report=report, kind="strengths"))
    missing = Body(digest="0" * 64)
    assert refuses(
        lambda: ItemRemark.objects.create(**own, report=report, kind="strengths", body=missing, body_digest="0" * 64)
    )
    assert refuses(lambda: ItemReport.objects.filter(pk=report.pk).update(varcs="no"))
    assert refuses(lambda: ItemReport.objects.filter(pk=report.pk).delete())
