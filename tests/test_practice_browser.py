"""In a real browser: by keyboard, by touch and without a script, every kind of activity stores the same answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect

from assessment.models import LearnerUnit
from tests import make
from tests.browser import chromium, held, sign_in
from tests.kinds import LESSON, Hands, classes_of_every_kind, kept, unit_with

__all__ = ("chromium",)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WAYS: dict[str, dict[str, Any]] = {
    "keyboard": {},
    "touch": {"has_touch": True, "is_mobile": True, "viewport": {"width": 360, "height": 740}},
    "no script": {"java_script_enabled": False},
}


def opened(chromium: Browser, live_server: Any, unit: LearnerUnit, options: dict[str, Any]) -> Page:
    cache.clear()
    context = chromium.new_context(base_url=live_server.url, reduced_motion="reduce", **options)
    sign_in(context, live_server.url, unit.learner.user)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(LESSON)
    return page


def test_by_keyboard_by_touch_and_without_a_script_the_same_is_stored(chromium, live_server, tmp_path):
    kinds = {name: tests for name, tests in classes_of_every_kind().items() if tests.by_hand}
    unit = unit_with(tmp_path, [tests.lesson() for tests in kinds.values()])
    people = [unit, *(make.learner_unit(unit.cohort) for _ in WAYS)][: len(WAYS)]
    found = {}
    for (way, options), somebody in zip(WAYS.items(), people, strict=True):
        page = opened(chromium, live_server, somebody, options)
        for tests in kinds.values():
            tests.by_hand(Hands(page, way, tests.activity().id))
        found[way] = kept(somebody)
        page.context.close()
    wanted = {tests.activity().id: dict(tests.forms[0][1]) for tests in kinds.values()}
    assert len(wanted) >= 9
    assert found == dict.fromkeys(WAYS, wanted)


@pytest.mark.parametrize(
    ("chosen", "order"),
    [({3: "1"}, "dabc"), ({0: "3"}, "bcad"), ({0: "2", 1: "3", 3: "1", 2: "4"}, "dabc"), ({}, "abcd")],
)
def test_places_chosen_before_the_script_was_there_are_where_the_items_then_stand(
    chromium, live_server, tmp_path, chosen, order
):
    kind = classes_of_every_kind()["order"]
    page = opened(chromium, live_server, unit_with(tmp_path, [kind.lesson()]), {})
    script_comes = held(page, "**/order/script.js")
    page.reload(wait_until="commit")
    items = page.locator("[data-order] > li")
    labels = items.locator("[id]")
    expect(labels).to_have_count(4)
    words = labels.all_inner_texts()
    for place, chose in chosen.items():
        page.get_by_label(words[place]).select_option(chose)
    script_comes()
    expect(page.get_by_role("button", name="Move up")).to_have_count(4)
    assert labels.all_inner_texts() == [words["abcd".index(one)] for one in order]
    assert items.locator("select").evaluate_all("all => all.map(one => one.value)") == ["1", "2", "3", "4"]
