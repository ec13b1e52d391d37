"""In a real browser: the editor shows, yields and swallows nothing; sound and film play where a page would not open."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import files
from tests.browser import held

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.editor_pages")]

FLAGS = (
    "--headless --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync --autoplay-policy=no-user-gesture-required"
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Playwright's loop runs in this thread, so Django would take every query for one inside an event loop.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    flags = FLAGS.split() + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def signed_in(chromium: Browser, live_server: Any) -> Iterator[BrowserContext]:
    cache.clear()
    client = Client()
    client.force_login(get_user_model().objects.create(email="writer@centre.example"))
    context = chromium.new_context(base_url=live_server.url, accept_downloads=True)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    yield context
    context.close()


@pytest.fixture
def tab(signed_in: BrowserContext) -> Page:
    return signed_in.new_page()


def test_the_preview_follows_the_typing(tab: Page) -> None:
    tab.goto("/write/")
    tab.fill("textarea", "**Why** customers <img src=x onerror=alert(1)> leave")
    tab.wait_for_selector("[data-preview] strong")
    assert tab.inner_html("[data-preview]") == (
        "<p><strong>Why</strong> customers &lt;img src=x onerror=alert(1)&gt; leave</p>\n"
    )
    assert tab.locator("[data-plain]").is_hidden()
    tab.fill("textarea", "")
    tab.wait_for_selector("[data-preview]:empty", state="attached")


def test_tab_leaves_the_box(tab: Page) -> None:
    tab.goto("/write/")
    expect(tab.locator("[data-plain]")).to_be_hidden()
    tab.focus("textarea")
    tab.keyboard.type("a")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.name") == "file"
    tab.keyboard.press("Shift+Tab")
    assert tab.evaluate("document.activeElement.name") == "text"
    assert tab.input_value("textarea") == "a"


def test_the_button_that_a_script_replaces_is_not_taken_from_under_the_keyboard(tab: Page) -> None:
    script_comes = held(tab, "**/live-preview.js")
    tab.goto("/write/")
    tab.focus("textarea")
    tab.keyboard.type("**Why**")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.name") == "preview"
    script_comes()
    expect(tab.locator("[data-preview] strong")).to_have_text("Why")  # typed before the script was there
    assert tab.evaluate("document.activeElement.name") == "preview"
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.name") == "file"
    assert tab.locator("[data-plain]").is_hidden()


def test_files_dropped_on_a_file_field_stay_there(tab: Page) -> None:
    tab.goto("/write/")
    dropped = tab.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["x"], "a.pdf"));
          const input = document.querySelector("input[type=file]");
          return ["dragenter", "dragover", "drop"].map((kind) =>
            input.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true })));
        }"""
    )
    assert dropped == [True, True, True]  # nobody cancelled the browser's own doing


def test_a_session_that_ended_is_said_beside_the_text(tab: Page, signed_in: BrowserContext) -> None:
    tab.goto("/write/")
    signed_in.clear_cookies(name="sessionid")
    tab.fill("textarea", "words that stay")
    tab.wait_for_selector("[data-says]:has-text('You have been signed out.')")
    assert tab.input_value("textarea") == "words that stay"


def test_without_javascript_a_button_shows_the_preview(
    chromium: Browser, signed_in: BrowserContext, live_server: Any
) -> None:
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(signed_in.cookies())  # type: ignore[arg-type]  # the same shape both ways
    tab = context.new_page()
    tab.goto("/write/")
    tab.fill("textarea", "**Why**")
    tab.click("text=Preview")
    assert tab.inner_html("[data-preview]").strip() == "<p><strong>Why</strong></p>"
    assert tab.input_value("textarea") == "**Why**"
    assert tab.inner_text("#saved") == ""
    tab.fill("[name=title]", "Plan")
    tab.click("text=Save")
    assert tab.inner_text("#saved") == "Saved **Why**"
    context.close()


@pytest.fixture
def evidence(settings: Any, tmp_path: Path) -> Path:
    settings.EVIDENCE_ROOT = tmp_path
    (tmp_path / "talk.mp3").write_bytes(files.mp3(4))
    (tmp_path / "film.webm").write_bytes(files.webm(3))
    (tmp_path / "plan.pdf").write_bytes(files.pdf("Plan", ["Words."]))
    (tmp_path / "chart.png").write_bytes(files.image())
    (tmp_path / "page.html").write_bytes(files.HTML)
    return tmp_path


@pytest.mark.usefixtures("evidence")
def test_sound_and_film_play_in_place_and_can_be_scrubbed(tab: Page) -> None:
    ranges: list[str] = []
    tab.on("request", lambda request: ranges.append(request.headers.get("range", "")))
    tab.goto("/media/")
    for tag, length in (("audio", 4), ("video", 3)):
        played = tab.evaluate(
            """async (tag) => {
              const media = document.querySelector(tag);
              const on = (event) => new Promise((done, no) => {
                media.addEventListener(event, done, { once: true });
                media.addEventListener("error", () => no(new Error(media.error.message)), { once: true });
              });
              if (media.readyState < 2) { const loaded = on("loadeddata"); media.load(); await loaded; }
              const sought = on("seeked");
              media.currentTime = 1;
              await sought;
              const moved = on("timeupdate");
              await media.play();
              await moved;
              return [media.duration, media.currentTime >= 1, media.error];
            }""",
            tag,
        )
        assert played[0] == pytest.approx(length, abs=0.1)
        assert played[1:] == [True, None], tag
    assert any(asked.startswith("bytes=") for asked in ranges)


@pytest.mark.usefixtures("evidence")
@pytest.mark.parametrize("name", ["talk.mp3", "film.webm", "plan.pdf", "chart.png", "page.html"])
def test_opened_as_a_page_every_file_downloads(tab: Page, evidence: Path, name: str) -> None:
    tab.goto("/write/")
    with tab.expect_download() as download:
        tab.evaluate("(name) => { location.href = `/file/${name}`; }", name)
    assert download.value.suggested_filename == name
    assert Path(download.value.path()).read_bytes() == (evidence / name).read_bytes()
    assert tab.url.endswith("/write/")


@pytest.mark.usefixtures("evidence")
def test_a_file_in_a_frame_runs_nothing(tab: Page) -> None:
    tab.goto("/media/")
    tab.evaluate(
        """() => {
          window.fired = false;
          window.sentinel = () => { window.fired = true; };
          for (const tag of ["iframe", "embed", "object"]) {
            const frame = document.createElement(tag);
            frame.setAttribute(tag === "object" ? "data" : "src", "/file/page.html");
            document.body.append(frame);
          }
        }"""
    )
    tab.wait_for_timeout(500)
    assert tab.evaluate("window.fired") is False
