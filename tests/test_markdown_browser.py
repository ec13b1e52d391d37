"""Hostile Markdown in a real browser that nothing else protects: no content policy, every request noted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from courseware.kit import markdown

from .browser import chromium
from .test_kit_markdown import HOSTILE, WRAPPINGS, _escaped, _numbered

__all__ = ("chromium",)
pytestmark = pytest.mark.browser
PAGE = "<!doctype html><html lang=en><title>x</title><main>{}</main>"
LOOK = """() => ({
  active: document.querySelectorAll(
    "script, iframe, object, embed, form, style, link, svg, math, img, video, base").length,
  handlers: [...document.querySelectorAll("*")].flatMap(e => [...e.attributes])
    .filter(a => /^on|^style$|^src/i.test(a.name)).length,
  schemes: [...new Set([...document.querySelectorAll("a[href]")]
    .map(a => new URL(a.getAttribute("href"), "https://own.example/").protocol))].sort(),
  rows: document.querySelectorAll("main > section").length,
})"""


def opened(chromium: Browser, html: str) -> tuple[Page, list[str]]:
    """A page of `html`, and what it has done since: dialogs, requests, words on the console."""
    page, done = chromium.new_page(), list[str]()
    page.on("dialog", lambda dialog: (done.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("console", lambda message: done.append(f"console {message.text}"))
    page.on("request", lambda request: done.append(f"request {request.url}"))
    page.on("framenavigated", lambda frame: done.append(f"went to {frame.url}"))
    page.set_content(html)
    page.wait_for_timeout(200)
    return page, [one for one in done if one != "went to about:blank"]


def test_nothing_hostile_runs_loads_or_leads_away_in_a_browser(chromium: Browser) -> None:
    texts = [around.replace("{}", text) for text in HOSTILE for around in ("{}", *WRAPPINGS)]
    texts += [
        around.replace("{}", form(text)) for text in HOSTILE for around in WRAPPINGS for form in (_numbered, _escaped)
    ]
    sections = "".join(f"<section>{markdown.render(text)}{markdown.line(text)}</section>" for text in texts)
    page, done = opened(chromium, PAGE.format(sections))
    assert done == []
    assert page.evaluate(LOOK) == {
        "active": 0,
        "handlers": 0,
        "schemes": ["https:"],
        "rows": len(texts),  # no text has closed what it stands in
    }


def test_the_same_browser_would_have_noticed(chromium: Browser) -> None:
    page, done = opened(chromium, PAGE.format('<img src=x onerror="alert(1)"><script>console.log(2)</script>'))
    assert {"dialog 1", "console 2"} <= set(done)
    assert page.evaluate(LOOK)["active"] == 2
