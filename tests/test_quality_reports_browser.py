"""Reports of quality assurance in a real browser: by keyboard alone, without scripts, seen by axe, and on paper."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser import chromium
from tests.quality_pages import scene
from tests.test_desk_browser import Room, room
from tests.test_quality_tables import told

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium", "room"]


def by_keys(page: Page, words: str) -> None:
    """TAB until a link with these words has the focus, and Enter."""
    for _ in range(90):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText || ''").strip() == words:
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"TAB never comes to {words!r} on {page.url}")


def sheets(page: Page, folder: Path) -> list[str]:
    """The words of each sheet of paper."""
    page.pdf(path=folder / "report.pdf", format="A4", prefer_css_page_size=True)
    return [" ".join(sheet.extract_text().split()) for sheet in PdfReader(folder / "report.pdf").pages]


def test_a_lead_iqa_finds_reads_and_prints_the_reports_by_keyboard(room: Room, tmp_path: Path) -> None:
    here = scene(1)
    told(here)
    room.looked.seen.clear()  # axe looks at every page
    lead = room.enter(here.lead)
    page = lead.page
    lead.go(reverse("quality"))
    by_keys(page, "Reports and tables")
    lead.look()
    by_keys(page, f"{here.cohort.name}, until {here.cohort.plans.get().period_until:%-d %B %Y}")
    lead.look()
    lead.says("Approved and drew")
    (first, *others) = sheets(page, tmp_path)
    assert "Sampling report" in first
    assert f"1 / {1 + len(others)}" in first
    assert "Skip to" not in first
    for name in ("tutor-feedback-report", "action-log", "cohort-tracking", "strategy", "independence"):
        whose = {"tutor-feedback-report": (here.tutor.uid,), "cohort-tracking": (here.cohort.uid,)}.get(name, ())
        lead.go(reverse(name, args=whose))
        printed = sheets(page, tmp_path)
        assert "Made by Martin Osei, Lead IQA" in printed[0], name
        assert f"1 / {len(printed)}" in printed[0], name
    lead.go(reverse("quality-table", args=("reviews",)))
    lead.go(reverse("plan-table", args=(here.cohort.plans.get().uid, "items")))
    assert room.looked.faults == []


def test_a_table_is_taken_away_without_scripts(room: Room, tmp_path: Path) -> None:
    here = scene(1)
    told(here)
    page: Any = room.enter(here.iqa, java_script_enabled=False).page
    page.goto(room.site + reverse("reports"))
    page.get_by_role("link", name="Findings by criterion", exact=True).click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="XLSX", exact=True).click()
    taken.value.save_as(tmp_path / "table.xlsx")
    rows = list(load_workbook(tmp_path / "table.xlsx").worksheets[0].values)
    assert [row[0] for row in rows] == ["Criterion", "1.1", "1.2", "2.1"]
    page.goto(room.site + reverse("action-log"))
    page.get_by_label("Action points", exact=True).select_option("overdue")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("state=overdue"))
    expect(page.locator("main")).to_contain_text("There is no action point of this kind.")
