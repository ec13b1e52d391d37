"""The gallery: staff see every component in every state, and nothing on it is unreachable or unreadable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.urls import reverse
from playwright.sync_api import Browser

from courseware.kit import looks
from courseware.kit.gallery import examples
from tests import make
from tests.browser import Looked, Person, chromium, person
from tests.flat import flat
from tests.marking_pages import signed_in, small_cohort

__all__ = ("chromium",)
TEMPLATES = Path(__file__).parents[1] / "templates"
# Whole pages of their own: those of an error, and parts of crispy that no form of this house asks for.
ERRORS = ("components/fault.html", "components/once_more.html")
ELSEWHERE = {*ERRORS, *(f"courseware/{name}.html" for name in ("uni_formset", "errors_formset"))}


@pytest.mark.django_db
def test_every_component_is_in_the_gallery_from_its_own_template() -> None:
    answer = signed_in(make.staff(small_cohort(), "tutor")).get(reverse("gallery"))
    shown = {template.name for template in answer.templates}
    components = {f"components/{path.name}" for path in (TEMPLATES / "components").glob("*.html")}
    assert components - shown == ELSEWHERE & components
    fields = {"field", "checkbox", "choices", "hint", "help_and_errors", "errors_of_field", "display_form"}
    assert {f"courseware/{name}.html" for name in fields} <= shown
    page = flat(answer)
    for look in looks.LOOKS.values():
        assert look.word in page


@pytest.mark.django_db
def test_the_gallery_is_for_staff() -> None:
    cohort = small_cohort()
    address = reverse("gallery")
    for role in ("tutor", "iqa", "lead_iqa", "eqa", "admin"):
        assert signed_in(make.staff(cohort, role)).get(address).status_code == 200
    assert signed_in(make.learner_unit(cohort).learner).get(address).status_code == 403


@pytest.mark.django_db
def test_the_menu_of_staff_leads_to_the_gallery_and_a_learners_does_not() -> None:
    cohort = small_cohort()
    link = f'href="{reverse("gallery")}"'
    assert link in signed_in(make.staff(cohort, "eqa")).get(reverse("profile")).content.decode()
    assert link not in signed_in(make.learner_unit(cohort).learner).get(reverse("profile")).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 4])
def test_the_gallery_takes_five_statements(rows: int, django_assert_num_queries: Any) -> None:
    cohort = small_cohort()
    for _ in range(rows):
        make.learner_unit(cohort)
    client = signed_in(make.staff(cohort, "tutor"))
    with django_assert_num_queries(5):
        client.get(reverse("gallery"))


def test_every_field_of_the_examples_is_shown_with_its_fault() -> None:
    faulty = examples()["faulty"]
    assert set(faulty.errors) == {"name", "kind", "target", "own", "decision"}


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    return str(live_server.url)


def opened(chromium: Browser, site: str, **options: Any) -> Person:
    """Somebody of staff before the gallery."""
    who = person(chromium, site, Looked(seen={"*"}), **options)
    client = signed_in(make.staff(small_cohort(), "tutor"))
    name = configured.SESSION_COOKIE_NAME
    who.page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])
    who.go(reverse("gallery"))
    return who


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_axe_finds_nothing_in_the_gallery_in_either_theme(chromium: Browser, site: str) -> None:
    who = opened(chromium, site)
    who.looked.seen.clear()
    who.look()
    assert who.looked.seen == {"gallery"}
    assert who.looked.faults == []
    who.page.context.close()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [320, 360, 720, 1440])
def test_the_gallery_never_scrolls_sideways(chromium: Browser, site: str, width: int) -> None:
    who = opened(chromium, site, viewport={"width": width, "height": 800})
    assert who.page.evaluate("document.documentElement.scrollWidth") == width
    who.page.context.close()
