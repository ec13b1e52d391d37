"""The comment bank: who keeps what, what is offered at a criterion, and that given feedback never changes with it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from assessment.models import Comment, CommentUse, Decision
from assessment.permissions import comments as may
from assessment.readings import comments as readings
from assessment.workflow import comments
from courseware.kit.verdict import NotNow, NotYours, Refused
from tests import make
from tests.flat import flat
from tests.marking_pages import Scene, form_of, hidden, record, scene, signed_in, statements
from tests.people_builders import make_member

pytestmark = pytest.mark.django_db


def add(here: Scene, text: str = "Well shown.", **more: Any) -> Comment:
    return comments.add_comment(by=here.tutor.user, centre_id=here.unit.centre_id, text=text, **more)


def offered(here: Scene) -> list[str]:
    return [row.text for row in readings.offered(here.tutor.user, here.unit, here.first)]


def use(here: Scene, comment: Comment, number: str = "1.1", code: str = "") -> None:
    code = code or here.unit.unit_code
    comments.count_use(by=here.tutor.user, unit_code=code, number=number, used=[comment.uid])


# -- Keeping -----------------------------------------------------------------------------------------------------------


def test_a_comment_is_kept_once_however_often_it_is_sent() -> None:
    here = scene()
    first = add(here, "  Well\r\nshown. ", outcome="met")
    assert (first.text, first.owner, first.centre, first.outcome) == (
        "Well\nshown.",
        here.tutor,
        here.unit.centre,
        "met",
    )
    assert add(here, "Well\nshown.", outcome="met") == first
    assert add(here, "Well\nshown.") != first


@pytest.mark.parametrize(
    ("text", "outcome", "says"),
    [(" \r\n", "", "Write the comment"), ("x" * 2001, "", "at most 2,000"), ("Well.", "pass", "for Met")],
)
def test_what_is_no_comment_is_refused(text: str, outcome: str, says: str) -> None:
    here = scene()
    with pytest.raises(NotNow, match=says):
        add(here, text, outcome=outcome)
    assert not Comment.objects.exists()


def test_the_centres_comments_are_kept_by_the_lead_and_by_administrators_who_are_tutors() -> None:
    here = scene()
    lead = make.staff(here.cohort, "lead_iqa")
    both = make.staff(here.cohort, "tutor", roles=("tutor", "admin"))
    centre = here.unit.centre_id
    for member in (lead, both):
        shared = comments.add_comment(by=member.user, centre_id=centre, text=f"Of {member.pk}.", shared=True)
        assert shared.owner is None
    for member in (here.tutor, make.staff(here.cohort, "iqa"), make.staff(here.cohort, "admin"), scene().tutor):
        with pytest.raises(NotYours, match="kept by the lead IQA"):
            comments.add_comment(by=member.user, centre_id=centre, text="Mine.", shared=True)
    for member in (lead, make.staff(here.cohort, "iqa"), scene().tutor):
        with pytest.raises(NotYours, match="for tutors"):
            comments.add_comment(by=member.user, centre_id=centre, text="Mine.")
    assert Comment.objects.count() == 2


def test_only_whose_it_is_changes_and_retires_a_comment() -> None:
    here = scene()
    lead, other = make.staff(here.cohort, "lead_iqa"), make.staff(here.cohort, "tutor")
    own = add(here)
    shared = comments.add_comment(by=lead.user, centre_id=here.unit.centre_id, text="Say why.", shared=True)
    for by, what in ((other, own), (lead, own), (here.tutor, shared), (other, shared)):
        for act in (
            lambda by=by, what=what: comments.change_comment(by=by.user, comment=what, text="Mine now."),
            lambda by=by, what=what: comments.retire_comment(by=by.user, comment=what),
        ):
            with pytest.raises(Refused):
                act()
    assert list(Comment.objects.order_by("pk").values_list("text", "retired_at")) == [
        ("Well shown.", None),
        ("Say why.", None),
    ]
    assert comments.change_comment(by=here.tutor.user, comment=own, text="Better.", outcome="met").outcome == "met"
    assert comments.change_comment(by=lead.user, comment=shared, text="Say how.").text == "Say how."
    comments.retire_comment(by=here.tutor.user, comment=own)
    with pytest.raises(NotNow, match="was retired"):
        comments.retire_comment(by=here.tutor.user, comment=own)
    assert offered(here) == ["Say how."]


def test_a_tutor_who_left_keeps_nothing_more() -> None:
    here = scene()
    own = add(here)
    stranger = make_member(here.unit.centre, "learner")
    assert may.can_change_comment(stranger.user, own).reason == "This comment is another tutor's."
    assert list(Comment.objects.visible_to(stranger.user)) == []
    assert list(Comment.objects.visible_to(scene().tutor.user)) == []


# -- Using -------------------------------------------------------------------------------------------------------------


def test_what_was_used_most_on_this_criterion_is_offered_first() -> None:
    here = scene()
    here_often, elsewhere, never = add(here, "Here."), add(here, "Elsewhere."), add(here, "Never.")
    for _ in range(2):
        use(here, elsewhere, "1.2")
        use(here, elsewhere, code="999")
    use(here, here_often)
    assert offered(here) == ["Here.", "Elsewhere.", "Never."]
    first, second, third = readings.offered(here.tutor.user, here.unit, here.first)
    assert [(row.here, row.used) for row in (first, second, third)] == [(1, 1), (0, 4), (0, 0)]
    assert third.uid == never.uid


def test_use_is_counted_for_what_may_be_used_and_nothing_else() -> None:
    here, elsewhere = scene(), scene()
    foreign = add(elsewhere)
    use(here, foreign)
    comments.count_use(by=here.tutor.user, unit_code="101", number="1.1", used=[])
    comments.count_use(by=here.unit.learner.user, unit_code="101", number="1.1", used=[foreign.uid])
    assert not CommentUse.objects.exists()
    own = add(here)
    use(here, own)
    use(here, own)
    row = CommentUse.objects.get()
    assert (row.comment, row.user, row.number, row.times) == (own, here.tutor.user, "1.1", 2)


def test_placeholders_are_filled_and_other_braces_stay() -> None:
    here = scene()
    add(here, "{first name} ({name}): {verb} {criterion} of {unit}, {as it is}.")
    assert offered(here) == [f"Maya (Maya Okafor): identify 1.1 of {here.unit.unit_code}, {{as it is}}."]


def test_the_desk_offers_the_bank_and_puts_a_comment_into_the_text_without_scripts() -> None:
    here = scene()
    client = signed_in(here.tutor)
    assert "What you write often can be kept here" in flat(client.get(here.desk()))
    comment = add(here, "Well shown, {first name}.")
    assert "Well shown, Maya." in flat(client.get(here.desk()))
    sent = form_of(
        client, here.desk(), outcome="not_yet_met", reason="verb", feedback="So far.", insert=str(comment.uid)
    )
    answer = client.post(here.desk(), sent)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "So far.\n\nWell shown, Maya.</textarea>" in page
    assert page.count("checked") == 3  # Not yet met, its reason, and the switch of the keys
    assert not Decision.objects.exists()
    again = hidden(page) | {"outcome": "met", "feedback": "So far.\n\nWell shown, Maya."}
    assert client.post(here.desk(), again).status_code == 303
    assert CommentUse.objects.get().comment == comment


def test_what_is_no_comment_of_ones_own_is_not_put_in() -> None:
    here = scene()
    foreign = add(scene(), "Foreign words.")
    client = signed_in(here.tutor)
    for sent in (str(foreign.uid), "x"):
        answer = client.post(here.desk(), form_of(client, here.desk(), feedback="So far.", insert=sent))
        assert "So far.</textarea>" in answer.content.decode()
        assert "Foreign words" not in answer.content.decode()


def test_the_preview_without_scripts_keeps_the_text_and_records_nothing() -> None:
    here = scene()
    client = signed_in(here.tutor)
    answer = client.post(here.desk(), form_of(client, here.desk(), outcome="met", feedback="*So*", preview="feedback"))
    assert "<em>So</em>" in answer.content.decode()
    assert "*So*</textarea>" in answer.content.decode()
    assert not Decision.objects.exists()


def test_feedback_given_stays_when_its_comment_changes_and_goes() -> None:
    here = scene()
    client = signed_in(here.tutor)
    comment = add(here)
    record(client, here.desk(), "met", "Well shown.", used_keys=f"{comment.uid} x")
    comments.change_comment(by=here.tutor.user, comment=comment, text="Shown badly.")
    comments.retire_comment(by=here.tutor.user, comment=comment)
    assert Decision.objects.select_related("body").get().body.text == "Well shown."


# -- The page ----------------------------------------------------------------------------------------------------------


def test_the_bank_is_searched_and_narrowed() -> None:
    here = scene()
    client = signed_in(here.tutor)
    assert "No comments yet" in flat(client.get(reverse("comments")))
    add(here, "Crème de la crème.", outcome="met")
    add(here, "Say why.", outcome="not_yet_met")
    add(here, "Either way.")
    page = flat(client.get(reverse("comments"), {"q": "creme", "outcome": "met"}))
    assert "Crème" in page
    assert "Say why." not in page
    page = flat(client.get(reverse("comments"), {"outcome": "met"}))
    assert ("Either way." in page, "Say why." in page) == (True, False)
    assert "No comment with these words" in flat(client.get(reverse("comments"), {"q": "nowhere"}))
    assert flat(client.get(reverse("comments"), {"outcome": "bad"})).count('<th scope="row">') == 3


def test_a_comment_is_added_changed_and_retired_through_the_web() -> None:
    here = scene()
    client = signed_in(here.tutor)
    address = reverse("comments")
    assert client.post(address, form_of(client, address, text=" ")).status_code == 422
    sent = form_of(client, address, text="Well *shown*.", outcome="met")
    assert "<em>shown</em>" in client.post(address, sent | {"preview": "text"}).content.decode()
    assert not Comment.objects.exists()
    assert [client.post(address, sent).status_code for _ in range(2)] == [303, 303]
    comment = Comment.objects.get()
    change, retire = (reverse(name, args=(comment.uid,)) for name in ("comment-change", "comment-retire"))
    sent = form_of(client, change, text="*Better*.", outcome="")
    assert "<em>Better</em>" in client.post(change, sent | {"preview": "text"}).content.decode()
    assert client.post(change, sent).status_code == 303
    comment.refresh_from_db()
    assert (comment.text, comment.outcome) == ("*Better*.", "")
    assert client.post(retire, form_of(client, retire)).status_code == 303
    assert client.get(retire).status_code == 409
    assert "No comments yet" in flat(client.get(address))


def test_who_keeps_comments_in_two_ways_chooses_one() -> None:
    here = scene()
    both = make.staff(here.cohort, "tutor", roles=("tutor", "lead_iqa"))
    client = signed_in(both)
    address = reverse("comments")
    page = flat(client.get(address))
    assert "Every tutor of the centre" in page
    sent = form_of(client, address, text="Say why.", whose=f"{here.unit.centre.uid} all")
    assert client.post(address, sent).status_code == 303
    assert Comment.objects.get().owner is None
    assert "Kept by the lead IQA" in flat(signed_in(here.tutor).get(address))


def test_comments_are_added_only_where_one_may() -> None:
    here = scene()
    centre = here.unit.centre
    lead = make.staff(here.cohort, "lead_iqa")
    assert readings.places(make.fresh(here.tutor.user)) == ((str(centre.uid), "Only you"),)
    assert readings.places(make.fresh(lead.user)) == ((f"{centre.uid} all", "Every tutor of the centre"),)
    assert readings.places(make.fresh(here.unit.learner.user)) == ()


def test_the_bank_costs_as_much_however_much_is_in_it() -> None:
    here = scene()
    client = signed_in(here.tutor)
    client.get(reverse("comments"))
    add(here, "One.")
    assert statements(client, reverse("comments")) == 8
    for number in range(3):
        use(here, add(here, f"More {number}."))
    assert statements(client, reverse("comments")) == 8
