"""The working pages of quality assurance by keyboard alone: TAB comes to every control, in order, and is seen there."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from assessment.workflow import risk
from tests.browser import chromium
from tests.standardisation_builders import scene
from tests.test_desk_browser import Room, room

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium", "room"]

# What TAB is to come to, numbered in the order of the page: of radios that belong together the one that it stops at.
NUMBERED = """() => {
    const all = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
    const shown = [...document.querySelectorAll(all)].filter(one => one.checkVisibility() && !one.disabled);
    const group = one => shown.filter(other => other.type === 'radio' && other.name === one.name);
    const stops = one => one.type !== 'radio' || one === (group(one).find(other => other.checked) ?? group(one)[0]);
    return shown.filter(stops).map((one, place) => one.dataset.place = String(place)).length;
}"""
FOCUSED = """() => {
    const one = document.activeElement, lit = ({outlineStyle, boxShadow}) =>
        outlineStyle !== 'none' || boxShadow !== 'none';
    const seen = [one, one.closest('label')].some(part => part && lit(getComputedStyle(part)));
    return [one.dataset.place ?? '', seen, one.outerHTML.slice(0, 120)];
}"""


def tabbed(page: Page) -> list[str]:
    """What is wrong with the way of TAB over a page; nothing when each control is met once, in order, and seen."""
    expected, met, faults = page.evaluate(NUMBERED), list[str](), []
    for _ in range(200):
        page.keyboard.press("Tab")
        place, seen, html = page.evaluate(FOCUSED)
        if met and met[-1] == place:  # the parts of a date
            continue
        if not place or place in met:  # out of the page, or round it
            break
        met.append(place)
        if not seen:
            faults.append(f"not seen: {html}")
    if met != [str(place) for place in range(expected)]:
        faults.append(f"of {expected}: {met}")
    return faults


def test_tab_comes_to_every_control_and_shows_where_it_is(room: Room) -> None:
    here = scene(1)
    exercise = here.opened(members=[here.martin, here.daniel])
    risk.declare_interest(by=here.martin.user, holder=here.helen, colleague=here.daniel, reason="Kin.")
    page, centre = room.enter(here.martin).page, here.cohort.centre.uid
    pages = {
        "risks": (),
        "tutor-rate": (here.daniel.uid,),
        "qualification-add": (here.daniel.uid,),
        "interests": (),
        "interest-declare": (),
        "strategy-change": (centre,),
        "reports": (),
        "standardisation-add": (centre, here.criterion.uid),
        "standardisation": (exercise.uid,),
        "standardisation-judge": (exercise.uid, 1),
        "visit-open": (centre,),
    }
    for name, args in pages.items():
        page.goto(room.site + reverse(name, args=args))
        assert tabbed(page) == [], name
