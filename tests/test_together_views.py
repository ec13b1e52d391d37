"""The same feedback to several learners on one criterion: chosen, ticked one by one, each a decision of its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from assessment.models import AccessRecord, Decision, EvidenceRules, PinnedNote, SubmissionEvidence
from assessment.readings.marking_line import Filters
from assessment.readings.proof import steps
from assessment.readings.together import waiting_together
from tests import make
from tests.flat import flat
from tests.marking_pages import Scene, facts, form_of, hidden, record, scene, signed_in, statements
from tests.test_noted_decisions import decide, note

pytestmark = pytest.mark.django_db
TOGETHER = "/marking/together/"


def along(here: Scene) -> str:
    return f"{TOGETHER}?criterion=1.1&unit={here.unit.unit_code}"


def class_of(here: Scene, *names: str) -> dict[str, str]:
    """More learners who wait on 1.1: name and the uid of the submission."""
    found = {"Maya Okafor": str(here.submission.uid)}
    for name in names:
        found[name] = str(make.submission(make.learner_unit(here.cohort, name=name), here.first).uid)
    return found


def choose(client: Any, here: Scene, chosen: list[str], **more: Any) -> Any:
    sent = form_of(client, along(here), outcome="met", feedback="Well shown, {first name}.")
    return client.post(TOGETHER, sent | {"chosen": chosen, "step": "choose"} | more)


def tick(client: Any, page: Any, *submissions: str, **more: Any) -> Any:
    sent = hidden(page.content.decode()) | more
    return client.post(TOGETHER, sent | {"tick": list(submissions), "step": "record"})


def test_each_tick_is_a_decision_of_its_own_in_each_ones_name() -> None:
    here = scene()
    people = class_of(here, "Peer One", "Quin Two", "Rose Three")
    client = signed_in(here.tutor)
    maya, peer, quin, rose = people.values()
    before = facts()
    each = choose(client, here, [maya, peer, quin])
    assert facts() == before
    assert "Rose Three" not in flat(each)
    done = tick(client, each, maya, peer)
    assert done.status_code == 200
    rows = Decision.objects.order_by("pk").values_list("learner_unit__learner__name", "body__text", "outcome")
    assert list(rows) == [("Maya Okafor", "Well shown, Maya.", "met"), ("Peer One", "Well shown, Peer.", "met")]
    assert [fault for step in steps() for fault in step.faults()] == []
    left = [row.learner for row in waiting_together(here.tutor.user, Filters(criterion="1.1", unit="101"))]
    assert left == ["Quin Two", "Rose Three"]
    assert rose not in each.content.decode()


def test_the_same_page_sent_again_records_nothing_more() -> None:
    here = scene()
    people = class_of(here, "Peer One")
    client = signed_in(here.tutor)
    each = choose(client, here, list(people.values()))
    for _ in range(2):
        assert "Not recorded" not in flat(tick(client, each, *people.values()))
    assert Decision.objects.count() == 2


def test_who_is_refused_neither_stops_nor_hides_the_others() -> None:
    here = scene()
    people = class_of(here, "Peer One", "Quin Two")
    client = signed_in(here.tutor)
    maya, peer, quin = people.values()
    each = choose(client, here, [maya, peer, quin])
    other = make.staff(here.cohort, "tutor", name="Sunita Rao")
    make.decision(here.submission, here.first, other.user)
    page = flat(tick(client, each, maya, peer, "x", quin))
    assert "Sunita Rao decided this while you were writing" in page
    assert page.count("Recorded Met") == 2
    assert page.count("Not recorded.") == 2
    assert "Well shown, {first name}." in page  # what was written is kept
    assert Decision.objects.filter(by=here.tutor).count() == 2


def test_a_tick_with_another_learners_ids_is_refused() -> None:
    here, elsewhere = scene(), scene()
    people = class_of(here, "Peer One")
    client = signed_in(here.tutor)
    maya, peer = people.values()
    each = choose(client, here, [maya, peer])
    sent = hidden(each.content.decode())
    before = facts()
    page = flat(tick(client, each, maya, **{f"learner_unit-{maya}": sent[f"learner_unit-{peer}"]}))
    assert "This submission belongs to another learner" in page
    page = flat(tick(client, each, maya, **{f"learner_unit-{maya}": str(elsewhere.unit.uid)}))
    assert "It is not there any more" in page
    page = flat(tick(client, each, maya, **{f"key-{maya}": "x"}))
    assert "It is not there any more" in page
    page = flat(tick(client, each, str(elsewhere.submission.uid)))
    assert "does not say whose work" in page
    assert "Nobody was ticked" in flat(tick(client, each))
    assert facts() == before


def test_not_yet_met_has_a_reason_and_varcs_go_where_they_are_asked_for() -> None:
    here = scene()
    EvidenceRules.objects.create(centre=here.unit.centre, varcs=True)
    people = class_of(here, "Peer One")
    client = signed_in(here.tutor)
    assert choose(client, here, list(people.values()), outcome="not_yet_met", reason="").status_code == 422
    assert choose(client, here, []).status_code == 422
    each = choose(client, here, list(people.values()), outcome="not_yet_met", reason="verb", varcs=["V", "C"])
    tick(client, each, *people.values())
    assert set(Decision.objects.values_list("reason", "varcs")) == {("verb", "VC")}


def test_the_list_is_of_one_criterion_of_one_unit_and_of_those_who_wait() -> None:
    here = scene()
    client = signed_in(here.tutor)
    assert "Nobody waits here" in flat(client.get(TOGETHER))
    assert "Nobody waits here" in flat(client.get(f"{TOGETHER}?criterion=1.1"))
    assert "Nobody waits here" in flat(client.get(f"{TOGETHER}?criterion=1.1&unit=999"))
    assert "Maya Okafor" in flat(client.get(along(here)))
    assert "The same feedback to several" in flat(client.get(f"{here.desk()}?criterion=1.1&unit=101"))
    assert client.get(TOGETHER).status_code == 200
    assert signed_in(make.staff(here.cohort, "iqa")).get(along(here)).status_code == 403
    assert waiting_together(here.unit.learner.user, Filters(criterion="1.1", unit="101")) == ()


def test_the_list_costs_as_much_for_many_as_for_one() -> None:
    here = scene()
    client = signed_in(here.tutor)
    client.get(along(here))
    assert statements(client, along(here)) == 6
    class_of(here, "Peer One", "Quin Two", "Rose Three")
    assert statements(client, along(here)) == 6


def test_evidence_opened_in_the_list_is_noted_as_shown() -> None:
    here = scene()
    client = signed_in(here.tutor)
    answer = client.get(f"{here.desk()}?only=evidence", headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert 'id="evidence"' in answer.content.decode()
    assert AccessRecord.objects.get().what == "shown"
    gone = reverse("marking-desk", args=(here.submission.uid, make.criteria(here.unit)[2].number))
    assert client.get(gone, headers={"HX-Request": "true", "X-Ahead": "yes"}).status_code == 404


# -- Before it is sent, and countersigning -----------------------------------------------------------------------------


def test_the_release_shows_reason_and_pinned_notes_as_the_learner_will_see_them() -> None:
    here = scene()
    note(here, "Here it *stops*.")
    note(here, "", place="time", number=None, x=None, y=None, width=None, height=None, from_ms=65_000)
    decide(here, reason="insufficient")
    page = flat(signed_in(here.tutor).get(reverse("feedback-release", args=(here.submission.uid,))))
    assert "Reason: Insufficient" in page
    assert "Here it <em>stops</em>." in page
    title = SubmissionEvidence.objects.select_related("link__version__item").earliest("pk").link.version.item.title
    assert f"{title}, version 1, page 2, a part of it" in page
    assert f"{title}, version 1, at 1:05" in page
    assert PinnedNote.objects.count() == 2


def test_countersigning_goes_from_one_to_the_next_and_back_to_the_queue() -> None:
    here = scene()
    trainee = make.staff(here.cohort, "tutor", trainee=True, countersigner=here.tutor)
    first, second = (make.decision(here.submission, one, trainee.user) for one in (here.first, here.second))
    third = make.decision(make.submission(make.learner_unit(here.cohort), here.first), here.first, trainee.user)
    client = signed_in(here.tutor)
    to = lambda decision: reverse("countersign", args=(decision.uid,))  # noqa: E731 - said briefly
    page = flat(client.get(to(second)))
    assert "2 of 3 to countersign" in page
    assert to(first) in page
    assert to(third) in page
    sign = lambda one: client.post(to(one), form_of(client, to(one), outcome="confirmed"))["Location"]  # noqa: E731
    assert sign(second) == to(third)
    assert sign(third) == to(first)
    assert sign(first) == "/marking/"


def test_a_reason_is_shown_with_what_is_on_record() -> None:
    here = scene()
    EvidenceRules.objects.create(centre=here.unit.centre, varcs=True)
    client = signed_in(here.tutor)
    record(client, here.desk(), "not_yet_met", "Say more.", reason="verb", varcs="V")
    page = flat(client.get(here.desk()))
    assert "Reason: Command verb not satisfied" in page
    assert "The evidence is: valid." in page
