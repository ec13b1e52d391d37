"""The pages of standardisation: what they show to whom, what they never show, how many statements they take."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.urls import reverse
from django.utils.safestring import SafeString

from assessment.models import (
    AccessRecord,
    AgreedOutcome,
    Discussion,
    EvidenceVersion,
    ExerciseCompletion,
    ExerciseMeeting,
    Preview,
    StandardisationExercise,
    Submission,
)
from assessment.readings.quality import standardisation_item as items
from assessment.readings.quality import standardisation_list as lists
from assessment.readings.quality.agreement_words import few as few_words
from assessment.readings.quality.agreement_words import statistics
from assessment.sampling import agreement
from assessment.workflow import drafts, evidence, previews, reviews, submissions
from assessment.workflow import standardisation as verbs
from assessment.workflow.blind import judge_blind
from assessment.workflow.strategy import StrategyRules, set_strategy
from courseware.kit import storage
from courseware.people.models import Membership
from tests import make
from tests.flat import flat
from tests.hostile import jpeg_with
from tests.marking_pages import form_of, signed_in, statements
from tests.standardisation_builders import Scene, completed, facts, items_of, judge, met, scene
from tests.test_kit_previews_office import deck, photo

pytestmark = pytest.mark.django_db
LIST = "/quality/standardisation/"


@pytest.fixture
def here() -> Scene:
    return scene()


def at(name: str, exercise: StandardisationExercise, *more: object) -> str:
    """The address of a page of an exercise."""
    return reverse(f"standardisation-{name}" if name else "standardisation", args=(exercise.uid, *more))


def adding(here: Scene) -> str:
    """The address of the form of a new exercise."""
    return reverse("standardisation-add", args=(here.cohort.centre.uid, here.criterion.uid))


def page(member: Membership, address: str, status: int = 200) -> str:
    """What somebody reads there."""
    answer = signed_in(member.user).get(address)
    assert answer.status_code == status, address
    return flat(answer)


def post(member: Membership, address: str, **typed: Any) -> Any:
    """The form of a page, sent."""
    client = signed_in(member.user)
    return client.post(address, form_of(client, address) | typed)


# -- The list and opening ----------------------------------------------------------------------------------------------


def test_the_list_says_what_is_there_and_to_each_what_is_theirs(here: Scene) -> None:
    assert "No exercise yet" in page(here.helen, LIST)
    assert "No exercise for you" in page(here.daniel, LIST)
    assert "Open an exercise" not in page(here.daniel, LIST)
    exercise = here.opened(members=[here.daniel, here.martin])
    judge(items_of(exercise)[0], here.daniel)
    told = page(here.daniel, LIST)
    assert exercise.title in told
    assert "1 of 2" in told
    assert "You do not take part" in page(here.helen, LIST)
    assert exercise.title not in page(here.sunita, LIST)
    page(here.work[0].learner_unit.learner, LIST, 403)


def dispute(here: Scene) -> None:
    """A unit of the first learner signed off, drawn, and not agreed on 1.1."""
    unit = make.learner_unit(here.cohort)
    make.signed_off(unit, here.daniel.user)
    item = make.item(here.cohort, here.helen, here.martin)
    decision = unit.decisions.get(criterion=here.criterion)
    reviews.review_decision(
        by=here.helen.user, item=item, decision=decision, outcome="not_agreed", feedback="No.", action="Again."
    )


def test_a_review_that_did_not_agree_proposes_its_criterion_until_it_is_standardised(here: Scene) -> None:
    assert "Nobody disagreed" in page(here.martin, LIST)
    dispute(here)
    told = page(here.martin, LIST)
    assert "1 not agreed by an IQA" in told
    add = adding(here)
    assert add in told
    assert "Proposed by" not in page(here.daniel, LIST)
    form = page(here.martin, add)
    assert "not agreed by an IQA" in form
    assert form.count("checked") == 1, "the disputed one is ticked, and nobody is invited yet"
    (ticked,) = re.findall(r'value="([0-9a-f-]{36})"[^>]*checked', form)
    answer = post(
        here.martin,
        add,
        title="What is enough",
        why="We differ.",
        submissions=[ticked],
        members=[here.daniel.uid, here.helen.uid],
    )
    exercise = StandardisationExercise.objects.get()
    assert (answer.status_code, answer.url) == (303, at("", exercise))
    assert "Nobody disagreed" in page(here.martin, LIST)


def test_a_criterion_is_proposed_once_with_all_its_disagreements_the_most_first(here: Scene) -> None:
    trainee = make.staff(here.cohort, "tutor", trainee=True, countersigner=here.daniel)
    second = make.criteria(here.work[0].learner_unit)[1]
    for criterion, times in ((second, 1), (here.criterion, 2)):
        for _ in range(times):
            decided = make.decision(make.submission(make.learner_unit(here.cohort), criterion), criterion, trainee.user)
            make.decisions.countersign(by=here.daniel.user, decision=decided, outcome="declined", feedback="Not yet.")
    dispute(here)
    found = lists.list_page(make.fresh(here.martin.user), None, 1).proposals
    assert [(one.number, one.not_agreed, one.declined, one.otherwise) for one in found] == [
        (here.criterion.number, 1, 2, 0),
        (second.number, 0, 1, 0),
    ]


def test_countersigners_who_disagreed_propose_too(here: Scene) -> None:
    trainee = make.staff(here.cohort, "tutor", trainee=True, countersigner=here.daniel)
    unit = make.learner_unit(here.cohort)
    handed_in = make.submission(unit, here.criterion)
    decided = make.decision(handed_in, here.criterion, trainee.user)
    make.decisions.countersign(by=here.daniel.user, decision=decided, outcome="declined", feedback="Not yet.")
    assert "1 declined by a countersigner" in page(here.martin, LIST)


def test_a_blind_judgement_that_was_otherwise_proposes_its_criterion(here: Scene) -> None:
    unit = make.learner_unit(here.cohort)
    make.signed_off(unit, here.daniel.user)
    rules = StrategyRules(blind=True)
    set_strategy(by=here.martin.user, centre=here.cohort.centre, rules=rules, reason="Blind first.", seen=0)
    item = make.item(here.cohort, here.helen, here.martin)
    decision = unit.decisions.get(criterion=here.criterion)
    judge_blind(by=here.helen.user, item=item, decision=decision, outcome="not_yet_met")
    (found,) = lists.list_page(make.fresh(here.martin.user), None, 1).proposals
    assert (found.number, found.not_agreed, found.declined, found.otherwise) == (here.criterion.number, 0, 0, 1)
    assert "1 judged otherwise in blind" in " ".join(page(here.martin, LIST).split())
    assert "judged otherwise in a blind review" in page(here.martin, adding(here))


def test_the_form_says_what_is_missing(here: Scene) -> None:
    choose = reverse("standardisation-choose", args=(here.cohort.centre.uid,))
    told = page(here.helen, choose)
    assert "Choose a criterion" in told
    assert adding(here) in told
    before = facts()
    answer = post(here.helen, adding(here), title="", why="", members=[here.daniel.uid])
    told = flat(answer)
    assert answer.status_code == 422
    for fault in ("Choose the work", "Say why the exercise is held", "Choose two people or more"):
        assert fault in told
    assert facts() == before
    page(here.helen, reverse("standardisation-add", args=(here.cohort.centre.uid, uuid.uuid4())), 404)
    for address in (choose, adding(here)):
        page(here.daniel, address, 403)
        page(scene(1).martin, address, 404)


def test_a_criterion_without_work_says_so_and_too_much_is_refused() -> None:
    here = scene(13)
    last = make.criteria(here.work[0].learner_unit)[-1]
    assert "No work to judge" in page(
        here.helen, reverse("standardisation-add", args=(here.cohort.centre.uid, last.uid))
    )
    everything = [one.uid for one in here.work]
    answer = post(here.helen, adding(here), title="All", why="All.", submissions=everything, members=[])
    assert "Choose at most 12" in flat(answer)
    empty = make.staff(make.cohort(), "iqa")
    assert "No decision yet" in page(empty, reverse("standardisation-choose", args=(empty.centre.uid,)))


# -- Judging -----------------------------------------------------------------------------------------------------------


def test_each_judges_alone_item_after_item(here: Scene) -> None:
    exercise = here.opened()
    told = page(here.daniel, at("", exercise))
    assert "Two items wait for your judgement" in told
    answer = post(here.daniel, at("judge", exercise, 1), outcome="met", reason="Two stages.")
    assert (answer.status_code, answer.url) == (303, at("judge", exercise, 2))
    answer = post(here.daniel, at("judge", exercise, 2), outcome="not_yet_met", reason="One stage.")
    assert answer.url == at("", exercise)
    told = page(here.daniel, at("", exercise))
    assert "You have judged everything" in told
    again = page(here.daniel, at("judge", exercise, 1))
    assert "Two stages." in again
    assert "judge-form" not in again
    assert "Go to item 2" in again
    # The others read how many, never how or why, wherever they look.
    for other in (here.sunita, here.martin, here.helen):
        for address in (at("", exercise), at("judge", exercise, 1), at("judge", exercise, 2)):
            read = page(other, address)
            assert "Two stages." not in read
            assert "One stage." not in read
    assert "2 of 2" in page(here.martin, at("", exercise))
    assert "Not yet met" not in page(here.martin, at("", exercise))


def test_a_judgement_needs_its_reason_and_one_by_the_uninvited_is_refused(here: Scene) -> None:
    exercise = here.opened()
    before = facts()
    answer = post(here.daniel, at("judge", exercise, 1), outcome="", reason="")
    assert answer.status_code == 422
    assert "Say what in the evidence makes it so" in flat(answer)
    sent = {"key": uuid.uuid4(), "outcome": "met", "reason": "Mine."}
    assert signed_in(here.helen.user).post(at("judge", exercise, 1), sent).status_code == 403
    assert signed_in(here.helen.user).post(at("judge", exercise, 1), {}).status_code == 403
    assert facts() == before
    page(here.daniel, at("judge", exercise, 9), 404)
    page(make.staff(here.cohort, "iqa"), at("judge", exercise, 1), 403)
    page(make.staff(here.cohort, "tutor"), at("judge", exercise, 1), 404)


def with_files(here: Scene) -> Submission:
    """Work of four versions: a picture with a place and an author in it, a table, a link and a recording."""
    unit = make.learner_unit(here.cohort, name="Zebedee Quill")
    by = unit.learner.user
    versions = []
    for name, data in (
        ("zebedee-quill.jpg", jpeg_with("Zebedee Quill")),
        ("zebedee-costs.csv", b"shop,cost\nNorth,12\n"),
    ):
        kept = evidence.keep_upload(by, unit, [data], name)
        versions.append(evidence.add_evidence(by=by, learner_unit=unit, title=f"By Zebedee {name}", kept=kept))
    link = evidence.keep_link(by, unit, "https://example.org/zebedee", "Zebedee’s page", make.dt.date(2026, 1, 2))
    versions.append(evidence.add_evidence(by=by, learner_unit=unit, title="Zebedee online", kept=link))
    for item in versions:
        make.mapped(unit, here.criterion, item=item)
    links = [one for item in versions for one in make.latest(item).links.order_by("pk")]
    made = submissions.draft_submission(by=by, learner_unit=unit, criteria=[here.criterion], links=links)
    submissions.submit(by=by, submission=made, declared=True, others="redacted", ai_used=True, ai_text="For spelling.")
    for version in EvidenceVersion.objects.filter(learner_unit=unit, preview__isnull=False).order_by("pk"):
        previews.prepare_preview.func(str(version.uid))
    return Submission.objects.get(pk=made.pk)


def test_the_neutral_view_names_nobody_and_no_file_and_leads_to_no_original(here: Scene) -> None:
    work = with_files(here)
    exercise = here.opened(submissions=[work])
    told = page(here.sunita, at("judge", exercise, 1))
    lower = told.lower()
    for word in ("zebedee", "quill", ".jpg", ".csv", "example.org", str(work.uid), str(work.learner_unit.uid)):
        assert word not in lower, word
    versions = EvidenceVersion.objects.filter(learner_unit=work.learner_unit).order_by("pk")
    for version in versions:
        assert str(version.uid) not in told
        assert version.uid.hex[:8] not in told
        assert version.sha256 not in told
    for path in ("/evidence/", "/submissions/", "/learner-units/", "download"):
        assert f'href="{path}' not in told
        assert f'src="{path}' not in told
    assert "<td" in told, "the table is there to be judged"
    assert "North" in told
    assert told.count("It is not shown: a recording, a link") == 1
    assert "details are blacked out: check it" in told
    assert "AI was used" in told
    # Every look at the page leaves its trace.
    page(here.sunita, at("judge", exercise, 1))
    noted = AccessRecord.objects.filter(by=here.sunita).order_by("pk")
    assert [(row.what, row.role, row.version.kind) for row in noted] == [("shown", "tutor", "file")] * 4
    # Of what the page shows, only the copy comes, and never the bytes.
    client = signed_in(here.sunita.user)
    (src,) = re.findall(r'src="([^"]+/pages/1/)"', told)
    picture = client.get(src)
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/webp")
    assert b"Exif" not in b"".join(picture.streaming_content if picture.streaming else [picture.content])
    for version in versions:
        assert client.get(reverse("version-file", args=(version.uid,))).status_code == 404
        assert client.get(reverse("version-page", args=(version.uid, 1))).status_code == 404
    for wrong, status in (((1, 1, 2), 404), ((1, 9, 1), 404), ((1, 0, 1), 404), ((1, 3, 1), 409), ((1, 2, 1), 404)):
        assert client.get(at("picture", exercise, *wrong)).status_code == status, wrong


def test_pictures_inside_a_document_come_from_the_exercise(here: Scene) -> None:
    unit = make.learner_unit(here.cohort)
    by = unit.learner.user
    kept = evidence.keep_upload(
        by,
        unit,
        [deck("North Shop", picture=photo())],
        "shop.pptx",
    )
    item = evidence.add_evidence(by=by, learner_unit=unit, title="Shop", kept=kept)
    made = make.draft(unit, here.criterion, version=make.mapped(unit, here.criterion, item=item))
    submissions.submit(by=by, submission=made, declared=True, others="consent", ai_used=False)
    exercise = here.opened(submissions=[Submission.objects.get(pk=made.pk)])
    waiting = page(here.sunita, at("judge", exercise, 1))
    assert "Being prepared for showing here" in waiting
    version = make.latest(item)
    Preview.objects.filter(version=version).update(state="failed")
    assert "It cannot be shown without its file" in page(here.sunita, at("judge", exercise, 1))
    previews.prepare_preview.func(str(version.uid))
    told = page(here.sunita, at("judge", exercise, 1))
    address = at("picture", exercise, 1, 1, 1)
    assert f'src="{address}"' in told
    assert str(version.uid) not in told
    assert signed_in(here.sunita.user).get(address).status_code == 200
    assert "keep to yourself who they are" in told
    (storage.derived().folder(make.latest(item).address) / "picture-1.webp").unlink()
    assert signed_in(here.sunita.user).get(address).status_code == 404
    assert "North Shop" in told
    assert "image.png" not in told


def test_the_name_of_a_file_is_no_description_of_a_picture(here: Scene) -> None:
    (item, _), version = items_of(here.opened()), EvidenceVersion.objects.earliest("pk")
    told = '<p id="v1-p1"><img alt="C:\\\\maya\\\\Shop.PNG"><img alt="The shop, seen from the road"></p>'
    made = items._with_own_addresses(item, 1, version, SafeString(told), "v1", "e1-1")
    assert made == '<p id="e1-1-p1"><img alt="Picture"><img alt="The shop, seen from the road"></p>'


# -- The discussion and after ------------------------------------------------------------------------------------------


def test_from_the_discussion_to_the_change_by_forms(here: Scene) -> None:
    exercise = here.opened()
    here.judged(exercise, "mnm", "m--")
    assert "The lead IQA can close judging before that" in page(here.helen, at("", exercise))
    assert "Close judging and open the discussion" in page(here.martin, at("", exercise))
    asking = page(here.martin, at("discuss", exercise))
    assert "Sunita Rao, Martin Osei" in asking
    assert post(here.martin, at("discuss", exercise), reason="").status_code == 422
    assert post(here.martin, at("discuss", exercise), reason="Sunita is ill.").status_code == 303
    assert Discussion.objects.count() == 1
    told = page(here.sunita, at("", exercise))
    for words in ("Sunita Rao, 1 of 2", "Sunita is ill.", "Daniel Hughes sees two stages.", "Fleiss’ kappa", "knew it"):
        assert words in told, words
    assert "The work of Maya Okafor" not in told, "tutors judge on without knowing whose it is"
    assert "The work of Maya Okafor" in page(here.helen, at("", exercise))
    for position in (1, 2):
        answer = post(here.helen, at("agree", exercise, position), outcome="met", reason="Two stages are enough.")
        assert answer.status_code == 303
    assert "Record the meeting" in page(here.helen, at("", exercise))
    assert post(here.helen, at("meeting", exercise), held_on="", minutes="0").status_code == 422
    typed = {"held_on": "2026-01-05", "minutes": "50", "members": [here.daniel.uid, here.sunita.uid]}
    assert post(here.helen, at("meeting", exercise), notes="We compared.", **typed).status_code == 303
    assert post(here.helen, at("complete", exercise), change="").status_code == 422
    assert post(here.helen, at("complete", exercise), change="Two stages, each with an example.").status_code == 303
    assert "Everybody has judged" not in page(here.martin, at("discuss", exercise))
    counts = [model.objects.count() for model in (AgreedOutcome, ExerciseMeeting, ExerciseCompletion)]
    assert counts == [2, 1, 1]
    told = page(here.daniel, at("", exercise))
    for words in ("50 minutes", "Present: Daniel Hughes, Sunita Rao", "Two stages, each with an example.", "Complete"):
        assert words in told, words
    cpd = page(here.sunita, LIST)
    assert "What you took part in" in cpd
    assert here.asked().title in cpd


def test_the_discussion_is_opened_by_a_button_alone_once_everybody_has_judged(here: Scene) -> None:
    exercise = here.opened()
    here.judged(exercise, "mnm", "mmm")
    asking = page(here.helen, at("discuss", exercise))
    assert "Everybody has judged" in asking
    assert "<textarea" not in asking
    assert post(here.helen, at("discuss", exercise)).status_code == 303
    assert Discussion.objects.get().body is None


def test_texts_are_kept_only_for_who_may_act(here: Scene) -> None:
    exercise, other = here.opened(), scene(1)
    (item, _) = items_of(exercise)
    for member, about in (
        (other.daniel, f"judgement-{item.uid}"),
        (here.helen, f"judgement-{item.uid}"),
        (here.daniel, f"minutes-{exercise.uid}"),
        (other.helen, f"practice-{exercise.uid}"),
        (here.daniel, f"exercise-{here.cohort.centre.uid}"),
        (here.daniel, f"judgement-{exercise.uid}"),
        (here.daniel, f"agreed-{exercise.uid}"),
    ):
        assert drafts.can_save_draft(make.fresh(member.user), about).kind == "not_yours", about
    assert drafts.can_save_draft(make.fresh(here.daniel.user), f"judgement-{item.uid}")


def test_minutes_of_the_last_twelve_months_are_added_up(here: Scene) -> None:
    exercise = here.discussed()
    today = make.dt.datetime.now(make.dt.UTC).date()
    met(exercise, here.helen, [here.sunita], minutes=30)
    met(exercise, here.helen, [here.sunita, here.daniel], minutes=45)
    met(exercise, here.helen, [here.sunita], minutes=100, held_on=today - make.dt.timedelta(days=400))
    assert "75 minutes in the last twelve months" in page(here.sunita, LIST)
    assert "45 minutes in the last twelve months" in page(here.daniel, LIST)
    assert "minutes in the last" not in page(here.martin, LIST)


def test_acts_are_for_who_runs_the_exercise_and_in_their_turn(here: Scene) -> None:
    exercise = here.opened()
    for name in ("invite", "discuss", "meeting", "complete"):
        page(here.daniel, at(name, exercise), 403)
        page(here.helen, at(name, exercise))
    page(here.daniel, at("agree", exercise, 1), 403)
    before = facts()
    for name, typed in (("meeting", {"notes": "x"}), ("complete", {"change": "x"})):
        client = signed_in(here.helen.user)
        sent = {"key": uuid.uuid4(), "held_on": "2026-01-05", "minutes": "5", "members": [here.daniel.uid]} | typed
        assert client.post(at(name, exercise), sent).status_code == 409
    assert facts() == before
    uninvited = make.staff(here.cohort, "tutor", name="Una Novak")
    assert post(here.helen, at("invite", exercise), members=[uninvited.uid]).status_code == 303
    assert "Una Novak" in page(here.martin, at("", exercise))
    assert "does not" not in page(uninvited, at("", exercise))


def test_an_iqa_of_the_centre_who_does_not_run_it_reads_the_page_and_no_evidence(here: Scene) -> None:
    exercise = here.opened()
    other = make.staff(here.cohort, "iqa")
    told = page(other, at("", exercise))
    assert "Only who takes part in this exercise, or runs it, sees its evidence" in told
    here.judged(exercise, "mmm", "mmm")
    verbs.open_discussion(by=here.helen.user, exercise=exercise)
    told = page(other, at("", exercise))
    assert at("judge", exercise, 1) not in told
    assert "Record a meeting" not in told


def test_nobody_having_judged_leaves_nothing_to_compare(here: Scene) -> None:
    exercise = here.opened()
    verbs.open_discussion(by=here.martin.user, exercise=exercise, reason="Nobody came.")
    assert "Fewer than two people judged anything" in page(here.helen, at("", exercise))


# -- The words of the statistics ---------------------------------------------------------------------------------------


def test_statistics_say_when_they_mislead() -> None:
    heavy = [["met"] * 3] * 18 + [["met", "met", "not_yet_met"]] * 2
    percent, kappa, ac1 = statistics(agreement(heavy))
    assert (kappa.name, "That is so here: 97 % are Met" in kappa.misleads) == ("Fleiss’ kappa", True)
    assert "agree on about 94 %" in percent.misleads
    assert "not all said Met" in ac1.misleads
    assert kappa.value.startswith("−"), kappa.value
    even = agreement([["met", "met"], ["not_yet_met", "not_yet_met"], ["met", "not_yet_met"]])
    percent, kappa, ac1 = statistics(even)
    assert (kappa.name, percent.value) == ("Cohen’s kappa", "67 %")
    assert "That is so here" not in kappa.misleads
    assert "kinder than kappa" in ac1.misleads
    assert "With 3 items compared" in few_words(even)
    assert few_words(agreement(heavy)) == ""
    percent, kappa, ac1 = statistics(agreement([["met", "met"]] * 4))
    assert "Nobody disagreed" in percent.misleads
    assert percent.interval == "40 % to 100 %"
    assert (kappa.value, kappa.interval) == ("Not defined", "None: nothing varies, or too few items")
    assert "no chance to compare with" in kappa.misleads
    assert "With 1 item compared" in few_words(agreement([["met", "met"]]))


# -- Statements --------------------------------------------------------------------------------------------------------


BUDGET = {
    "list": 9,
    "choose": 7,
    "add": 10,
    "judging": 9,
    "results": 12,
    "judge": 11,
    "invite": 8,
    "discuss": 10,
    "agree": 8,
    "meeting": 9,
    "complete": 10,
}


def test_pages_take_the_same_few_statements_with_one_item_and_with_four() -> None:
    for works in (1, 4):
        here = scene(works)
        judging, settled = here.opened(), here.settled()
        completed(settled, here.helen)
        for _ in range(works):
            here.opened(submissions=here.work[:1])
        client = signed_in(here.martin.user)
        took = {
            "list": statements(client, LIST),
            "choose": statements(client, reverse("standardisation-choose", args=(here.cohort.centre.uid,))),
            "add": statements(client, adding(here)),
            "judging": statements(client, at("", judging)),
            "results": statements(client, at("", settled)),
            "judge": statements(client, at("judge", judging, 1)),
            "invite": statements(client, at("invite", judging)),
            "discuss": statements(client, at("discuss", judging)),
            "agree": statements(client, at("agree", judging, 1)),
            "meeting": statements(client, at("meeting", judging)),
            "complete": statements(client, at("complete", judging)),
        }
        assert took == BUDGET, works
