"""Quality assurance from the strategy to the end of a visit, through the pages alone: by keyboard, and without scripts.

Four acts. Each begins where the one before ends, brought there by the verbs that its pages call. By keyboard every
kind of page that is passed is looked at with axe in both themes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Browser, Locator, expect

from assessment.models import BlindJudgement, Decision, LearnerUnit, SampleItem, SamplePlan, SamplingStrategy
from assessment.readings.proof import steps
from assessment.workflow import blind, decisions, quality, reviews
from courseware.kit import clock
from courseware.people.models import Membership
from tests import make
from tests.browser import Looked, Person, chromium, person, sign_in
from tests.quality_pages import Scene, current, desk, scene
from tests.test_story_admin_browser import Typist, choose, day
from tests.visit_builders import Place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]
WHY = "The second tool is only named."
ANEW = "Page 2 explains the second tool; I had overlooked it."


@dataclass
class House:
    """The people of the story, each at a browser of their own."""

    chromium: Browser
    site: str
    scripts: bool
    here: Scene
    looked: Looked = field(default_factory=Looked)
    at: dict[int, Person] = field(default_factory=dict)

    def __call__(self, member: Membership) -> Person:
        """The browser of this member of staff."""
        if member.pk not in self.at:
            made = person(self.chromium, self.site, self.looked, java_script_enabled=self.scripts)
            sign_in(made.page.context, self.site, member.user)
            self.at[member.pk] = Typist(made.page, self.site, self.looked) if self.scripts else made
        return self.at[member.pk]


@pytest.fixture(params=[True, False], ids=["by keyboard", "without scripts"])
def house(request: Any, chromium: Browser, live_server: Any, settings: Any) -> Iterator[House]:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    made = House(chromium, str(live_server.url), request.param, scene(6))
    if not request.param:
        made.looked.seen = {"*"}  # axe is a script
    yield made
    for somebody in made.at.values():
        somebody.page.context.close()
    assert made.looked.faults == []
    assert [fault for step in steps() for fault in step.faults()] == []


def pick(who: Person, target: Locator) -> None:
    """Choose a radio or tick a box: by keyboard Tab to it (radios are one stop), then Space and the arrows."""
    if not isinstance(who, Typist):
        target.check()
        return
    if target.get_attribute("type") == "checkbox":
        who.reach(target)
        who.page.keyboard.press("Space")
        return
    group = who.page.locator(f"main input[name='{target.get_attribute('name')}']")
    stop = group.and_(who.page.locator(":checked"))
    who.reach(stop if stop.count() else group.first)
    who.page.keyboard.press("Space")
    for _ in range(8):
        if target.is_checked():
            return
        who.page.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrows do not choose {target}")


def outcome(who: Person, value: str) -> Locator:
    """A choice of the form on a desk."""
    return who.page.locator(f"main input[type=radio][value='{value}']").first


def go_on(who: Person, words: str, says: str) -> None:
    """Press a button of a desk; with scripts the next desk comes in its place, without a page."""
    button = who.page.locator("main").get_by_role("button", name=words, exact=True)
    if isinstance(who, Typist):
        who.reach(button)
        who.page.keyboard.press("Enter")
    else:
        button.click()
    expect(who.page.locator("main")).to_contain_text(says)
    who.looked.seen.discard("review")  # another state of it
    who.look()


def sure(here: Scene) -> SamplePlan:
    """The plan that the first act ends with, approved: two of six, blind."""
    plan = here.approved(ask={"blind": True}, method="sure", confidence=80, tolerable=50)
    assert plan.items.count() == 2
    return plan


def drawn(plan: SamplePlan) -> list[SampleItem]:
    """The items of a plan in the order of the draw."""
    rows = SampleItem.objects.select_related("learner_unit__learner", "plan", "reviewer").filter(plan=plan)
    return list(rows.order_by("position"))


def settle_all(here: Scene, item: SampleItem, *but: str) -> None:
    """Every criterion judged blind and agreed by the reviewer, but these and those that are reviewed."""
    for row in item.learner_unit.statuses.select_related("criterion", "current").order_by("position"):
        if row.criterion.number in but or row.current.reviews.exists():
            continue
        own = {"by": here.iqa.user, "item": item, "decision": row.current}
        if not BlindJudgement.objects.filter(item=item, decision=row.current).exists():
            blind.judge_blind(**own, outcome="met")
        reviews.review_decision(**own, outcome="agreed")


def test_from_the_strategy_over_plan_and_approval_to_the_draw(house: House) -> None:
    here = house.here
    lead, iqa = house(here.lead), house(here.iqa)
    lead.go("/quality/strategy/")
    lead.says("The usual strategy.")
    lead.press("Change the strategy")
    lead.fill("How sure, in per cent", "80")
    lead.fill("Fewer than so many wrong, in per cent", "50")
    pick(lead, lead.page.get_by_label("Blind first"))
    lead.fill("Why it changes", "A first, small sample.")
    lead.press("Set the new version")
    lead.says("Version 1")
    assert SamplingStrategy.objects.get().blind
    iqa.go("/quality/")
    iqa.says("Six signed-off units")
    iqa.press("Draft a plan", exact=False)
    today = clock.now().date()
    day(iqa, "Signed off from", today - dt.timedelta(days=30))
    day(iqa, "Signed off until", today + dt.timedelta(days=1))
    pick(iqa, outcome(iqa, "sure"))
    iqa.press("Count, and say what it proves")
    iqa.says("In the population now 6")
    choose(iqa, "Reviewer", "Helen Ashworth")
    iqa.press("Draft the plan")
    plan = SamplePlan.objects.get()
    assert (plan.confidence, plan.tolerable, plan.blind) == (80, 50, True)
    iqa.says("Its digest is on record since the plan was drafted")
    iqa.says(plan.secret_digest)
    assert not plan.items.exists()
    lead.go(f"/quality/plans/{plan.uid}/")
    lead.press("Approve the plan")
    lead.press("Approve and draw")
    lead.says("Drawn: 2 of 6")
    lead.says("Population, seed and draw cannot change any more.")
    iqa.go("/quality/")
    iqa.says("To review")
    assert plan.items.count() == 2


def test_from_a_blind_review_that_does_not_agree_to_the_review_of_the_new_decision(house: House) -> None:
    here = house.here
    item = drawn(sure(here))[0]
    learner, unit = item.learner_unit.learner.name, f"/learner-units/{item.learner_unit.uid}/"
    iqa, lead, tutor = house(here.iqa), house(here.lead), house(here.tutor)
    iqa.go(desk(item))
    assert make.FEEDBACK not in iqa.page.content()
    pick(iqa, outcome(iqa, "not_yet_met"))
    iqa.fill("Your note", WHY)
    go_on(iqa, "Record and show the decision", make.FEEDBACK)
    iqa.says("The tutor decided otherwise.")
    pick(iqa, outcome(iqa, "not_agreed"))
    iqa.fill("Feedback to Daniel Hughes", WHY)
    iqa.fill("What the tutor must do", "Ask for the second tool.")
    go_on(iqa, "Record and go to 1.2", "Recorded: Not agreed on 1.1")
    assert make.FEEDBACK not in iqa.page.content()
    settle_all(here, item)
    reopen(lead, learner)
    supersede(tutor, unit)
    tutor.go("/")
    tutor.press("Answer", exact=False)
    tutor.fill("What you did about it", "I decided 1.1 anew.")
    tutor.press("Answer the action point")
    tutor.go(unit)
    tutor.press("Sign off", exact=False)
    tutor.press("Sign off", exact=False)
    tutor.says("Signed off")
    assert item.learner_unit.sign_offs.count() == 2
    review_again(here, iqa, item)


def reopen(lead: Person, learner: str) -> None:
    lead.go("/quality/")
    lead.says(learner)
    lead.press("Settle", exact=False)
    lead.fill("Reason", "The IQA is right: the second tool is only named.")
    lead.press("Reopen the unit")
    lead.says("The unit was reopened")


def supersede(tutor: Person, unit: str) -> None:
    """The tutor decides 1.1 anew and releases it."""
    tutor.go(unit)
    tutor.page.wait_for_load_state()
    row = tutor.page.locator("main table tr").filter(has=tutor.page.get_by_role("rowheader", name="1.1", exact=True))
    tutor.go(str(row.get_by_role("link").first.get_attribute("href")))
    summary = tutor.page.locator("summary", has_text="Record another decision in its place")
    if isinstance(tutor, Typist):
        tutor.reach(summary)
        tutor.page.keyboard.press("Enter")
    else:
        summary.click()
    pick(tutor, outcome(tutor, "met"))
    tutor.fill("Feedback to", ANEW)
    tutor.fill("Reason for the change", "The IQA asked for it.")
    tutor.press("Record and go to the release")
    tutor.press("Release 1 decision")
    assert Decision.objects.filter(supersedes__isnull=False).count() == 1


def review_again(here: Scene, iqa: Person, item: SampleItem) -> None:
    """The action point is closed by the second key, the new decision judged and agreed."""
    iqa.go("/quality/action-points/")
    link = iqa.page.locator("main table tr", has_text="Answered").get_by_role("link").first
    iqa.go(str(link.get_attribute("href")))
    pick(iqa, outcome(iqa, "closed"))
    iqa.press("Send to Daniel Hughes")
    assert item.action_points.get().state == "closed"
    iqa.go(desk(item))
    assert ANEW not in iqa.page.content()
    pick(iqa, outcome(iqa, "met"))
    go_on(iqa, "Record and show the decision", ANEW)
    pick(iqa, outcome(iqa, "agreed"))
    go_on(iqa, "Record", "Recorded: Agreed on 1.1")
    iqa.says("IQA review: Not agreed.")
    assert [row.outcome for row in item.reviews.filter(decision__criterion__number="1.1").order_by("pk")] == [
        "not_agreed",
        "agreed",
    ]
    item.refresh_from_db()
    assert item.state == "reviewed"
    assert current(item).body.text.startswith(ANEW)


def after_the_second_act(here: Scene) -> SamplePlan:
    """Of two sampled units one was found wrong, put right, signed off again and agreed; the other is agreed."""
    plan = sure(here)
    first, second = drawn(plan)
    seen = current(first)
    own = {"by": here.iqa.user, "item": first}
    blind.judge_blind(**own, decision=seen, outcome="not_yet_met")
    review = reviews.review_decision(**own, decision=seen, outcome="not_agreed", feedback=WHY, action="Decide again.")
    settle_all(here, first)
    decisions.reopen(by=here.lead.user, learner_unit=first.learner_unit, reason=WHY, review=review)
    make.decision(seen.submission, seen.criterion, here.tutor.user, supersedes=seen, feedback=ANEW)
    decisions.release_feedback(by=here.tutor.user, submission=seen.submission)
    decisions.sign_off(by=here.tutor.user, learner_unit=first.learner_unit)
    point = review.action_point
    reviews.answer_action_point(by=here.tutor.user, action_point=point, text="Done.")
    point.refresh_from_db()
    reviews.judge_answer(by=here.iqa.user, action_point=point, outcome="closed")
    for item in (first, second):
        settle_all(here, item)
    return plan


def test_from_the_proposal_to_widen_to_the_completed_plan(house: House) -> None:
    here = house.here
    plan = after_the_second_act(here)
    lead, iqa = house(here.lead), house(here.iqa)
    lead.go(f"/quality/plans/{plan.uid}/")
    lead.says("2 to 4 units")
    lead.says("Helen Ashworth did not agree with 1.1")
    lead.press("Answer the proposal", exact=False)
    lead.press("Widen to 4")
    lead.says("Drawn: 4 of 6")
    items = drawn(plan)
    assert [item.chosen for item in items] == ["drawn", "drawn", "widened", "widened"]
    settle_all(here, items[2])
    settle_all(here, items[3], "2.1")
    iqa.go(desk(items[3], "2.1"))
    pick(iqa, outcome(iqa, "met"))
    go_on(iqa, "Record and show the decision", make.FEEDBACK)
    pick(iqa, outcome(iqa, "agreed"))
    iqa.press("Record and go to the item")
    close_and_release(iqa, items[3])
    for item in items[:3]:
        make.report(item)
        reviews.close_item(by=here.iqa.user, item=item)
        quality.release_unit(by=here.iqa.user, item=item)
    lead.go(f"/quality/plans/{plan.uid}/")
    lead.says("80 % sure")
    lead.press("Complete the plan")
    lead.press("Complete the plan and release 2")
    lead.says("Completed by Martin Osei")
    assert set(LearnerUnit.objects.values_list("state", flat=True)) == {"achieved"}
    assert SamplePlan.objects.get().state == "complete"


def close_and_release(iqa: Person, item: SampleItem) -> None:
    """The report with its checklist, then the item is closed and the unit released."""
    iqa.press("Write the report")
    for name in sorted({str(one.get_attribute("name")) for one in iqa.page.locator("main input[type=radio]").all()}):
        pick(iqa, iqa.page.locator(f"main input[name='{name}'][value=yes]"))
    iqa.fill("What was good", "Every criterion has feedback that says what to do next.")
    iqa.press("Record the report")
    iqa.press("Close the item")
    iqa.press("Close", exact=False)
    iqa.says("Closed: the item")
    iqa.press("Release the unit")
    iqa.press("Release", exact=False)
    assert re.search("Released: Unit 101 of ", iqa.page.locator("#notices").inner_text())
    item.learner_unit.refresh_from_db()
    assert item.learner_unit.state == "achieved"


def completed(here: Scene) -> SamplePlan:
    """The plan that the third act ends with, where nothing was found."""
    plan = sure(here)
    for item in drawn(plan):
        settle_all(here, item)
        make.report(item)
        reviews.close_item(by=here.iqa.user, item=item)
        quality.release_unit(by=here.iqa.user, item=item)
    quality.complete_plan(by=here.lead.user, plan=plan)
    return plan


def test_the_external_quality_assurer_reads_the_completed_plan_until_the_visit_ends(house: House) -> None:
    here = house.here
    plan = completed(here)
    visit = Place(here.cohort, here.tutor, here.iqa, here.lead).opened()
    pack = f"/visits/{visit.uid}/pack/"
    eqa = house(visit.eqa)
    eqa.go(f"/visits/{visit.uid}/")
    eqa.go(pack)
    section = eqa.page.get_by_role("region", name=re.compile(f"^{here.cohort.name}: summative"))
    says = " ".join(section.inner_text().split())
    assert "Complete Approved by Martin Osei" in says
    assert "Six units were in the population; 2 are in the sample, 4 are not" in says
    assert all(item.learner_unit.learner.name in says for item in drawn(plan))
    assert "Helen Ashworth" in says
    with time_machine.travel(visit.ends_at + dt.timedelta(seconds=1), tick=True):
        house.at.pop(visit.eqa.pk).page.context.close()
        late = house(visit.eqa)
        answer = late.page.goto(house.site + pack)
        assert answer is not None
        assert answer.status in (403, 404, 409)
        assert here.cohort.name not in late.page.content()
        assert "This visit has ended." in late.page.content()


def test_what_else_quality_assurance_shows_is_whole_on_a_phone(house: House) -> None:
    here = house.here
    plan = after_the_second_act(here)
    item = drawn(plan)[0]
    draft = here.plan(1)
    lead, tutor = house(here.lead), house(here.tutor)
    for who, names in (
        (lead, ("quality", "strategy", "risks", "interests", "independence", "action-points", "reports")),
        (lead, (f"plan {plan.uid}", f"plan {draft.uid}", f"plan-change {draft.uid}", f"plan-add {here.cohort.uid}")),
        (lead, (f"tutor-risk {here.tutor.uid}", f"item {item.uid}", "interest-declare")),
        (tutor, ("own-quality-feedback", "action-points")),
    ):
        who.page.set_viewport_size({"width": 360, "height": 740})
        for name, *uids in (words.split() for words in names):
            who.go(reverse(name, args=uids))
            if house.scripts:
                wide = who.page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0, f"{name} is {wide} px too wide"
