"""Whatever was let in, the tutor opens it in a real browser and nothing of it ever runs, loads or leads away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page

from assessment.models import EvidenceVersion, LearnerUnit, Preview, Submission, Upload
from assessment.workflow import submissions
from courseware.kit import filekinds, tasks
from courseware.kit.filekinds.decide import decide
from courseware.people.models import User
from tests import hostile, make
from tests.browser import chromium, sign_in, wait_for

__all__ = ("chromium",)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Set before any page's own scripts: called by every payload, and told of whatever the page's policy had to stop.
SENTINEL = """
window.name = "";
window.sentinel = () => console.error("SENTINEL called");
document.addEventListener("securitypolicyviolation", (one) =>
  console.error(`SENTINEL ${one.violatedDirective} ${one.blockedURI} ${one.sourceFile}:${one.lineNumber}`));
"""


@dataclass
class Watch:
    """A browser of somebody, and everything in it that must not be."""

    context: BrowserContext
    site: str
    seen: list[str] = field(default_factory=list)

    def page(self) -> Page:
        """A page that is watched."""
        page = self.context.new_page()
        page.on("dialog", lambda one: (self.seen.append(f"dialog {one.message}"), one.dismiss())[0])
        page.on("console", lambda one: self.seen.append(one.text) if "SENTINEL" in one.text else None)
        page.on("pageerror", lambda error: self.seen.append(f"error {error}"))
        page.on("request", lambda one: self.asked(one.url))
        page.on("popup", lambda one: self.seen.append(f"window {one.url}"))
        page.on("download", lambda one: self.seen.append(f"download {one.url}"))
        page.on("framenavigated", lambda one: self.seen.append("a frame") if one.parent_frame else None)
        return page

    def asked(self, url: str) -> None:
        """Only this site is asked, and never for what a file names."""
        ours = url.startswith((self.site + "/", "data:image/", "blob:")) and hostile.FAR not in url
        if not ours or urlsplit(url).path in ("/x", "/i"):
            self.seen.append(f"request {url}")


@pytest.fixture
def watch(chromium: Browser, live_server: Any, settings: Any) -> Iterator[Any]:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    made: list[BrowserContext] = []

    def watch(user: User) -> Watch:
        site = str(live_server.url)
        context = chromium.new_context(reduced_motion="reduce", viewport={"width": 1440, "height": 900})
        context.set_default_timeout(20_000)
        sign_in(context, site, user)
        context.add_init_script(SENTINEL)
        made.append(context)
        return Watch(context, site)

    yield watch
    for context in made:
        context.close()


def test_the_table_is_long_and_says_what_becomes_of_every_file() -> None:
    assert len(hostile.TABLE) >= 60
    assert len({(row.name, row.body) for row in hostile.TABLE}) == len(hostile.TABLE)
    assert all(bool(row.key) != bool(row.says) for row in hostile.TABLE)
    assert {row.key for row in hostile.TABLE} == {"", *filekinds.KINDS}


@pytest.mark.parametrize("row", hostile.EXECUTABLE, ids=lambda row: row.name)
def test_what_could_act_is_not_let_in(row: hostile.Row, tmp_path: Path) -> None:
    (tmp_path / "0123456789abcdef").write_bytes(row.body)
    with pytest.raises(filekinds.Unacceptable) as refusal:
        decide(tmp_path / "0123456789abcdef", row.name)
    assert row.says in refusal.value.about(row.name).sentence


def sent(unit: LearnerUnit, rows: list[hostile.Row]) -> dict[str, EvidenceVersion]:
    """Every file that is to be taken sent, and taken as the table says; versions by the file's given name."""
    found = {}
    for row in rows:
        upload = make.upload(unit, row.name, row.body)
        assert (upload.state, upload.format, upload.checkable) == ("saved", row.key, row.checked), row.name
        found[row.name] = make.latest(Upload.objects.select_related("became").get(pk=upload.pk).became)
    return found


def handed_in(unit: LearnerUnit, versions: dict[str, EvidenceVersion]) -> Submission:
    """All of them handed in for one criterion, as pages of the desk show them."""
    criterion = make.criteria(unit)[0]
    for version in versions.values():
        make.mapped(unit, criterion, item=version.item)
    links = [link for version in versions.values() for link in version.links.order_by("pk")]
    by = unit.learner.user
    made = submissions.draft_submission(by=by, learner_unit=unit, criteria=[criterion], links=links)
    return submissions.submit(by=by, submission=made, declared=True, others="none", ai_used=False)


@pytest.mark.parametrize("half", [0, 1])  # so that two processes share them
def test_the_tutor_opens_every_file_that_was_let_in_and_nothing_of_it_runs(watch: Any, half: int) -> None:
    unit = make.learner_unit()
    tutor = make.staff(unit.cohort, "tutor")
    versions = sent(unit, hostile.DISGUISED[half::2])
    assert len(versions) >= 30
    tasks.run_due()
    assert not Preview.objects.filter(state="waiting").exists()
    submission = handed_in(unit, versions)
    eyes = watch(tutor.user)
    page = eyes.page()
    opened(eyes, page, "desk", reverse("marking-desk", args=[submission.uid, "1.1"]))
    in_place = sum(page.locator(f"#version-{version.uid}").is_visible() for version in versions.values())
    assert in_place >= 10, "the desk shows some of them in place, and leads to the others"
    for name, version in versions.items():
        opened(eyes, page, name, reverse("evidence-version", args=[version.uid]))
        assert page.locator(f"#version-{version.uid}").is_visible(), name
    downloads(eyes, page, versions)


def opened(eyes: Watch, page: Page, name: str, address: str) -> None:
    """The page is there, and clean."""
    answer = page.goto(eyes.site + address)
    assert answer is not None
    assert answer.status == 200, name
    clean(eyes, page, name)


def clean(eyes: Watch, page: Page, name: str) -> None:
    """Nothing was seen, and the page is still ours."""
    assert eyes.seen == [], name
    assert "pwned" not in page.title(), name
    assert page.evaluate("window.name") == "", name
    main = page.locator("main")
    for active in ("script", "iframe", "object", "embed", "style", "base", "meta", "[onerror]", "[onload]"):
        assert main.locator(active).count() == 0, (name, active)
    links = main.locator("a[href], form[action]").evaluate_all("all => all.map(one => one.href || one.action)")
    assert [link for link in links if not link.startswith(eyes.site + "/")] == [], name
    assert all(one["name"] in ("sessionid", "csrftoken") for one in eyes.context.cookies()), name


def downloads(eyes: Watch, page: Page, versions: dict[str, EvidenceVersion]) -> None:
    """The bytes themselves are a file to be kept, whatever asks for them."""
    gone_to: set[str] = set()
    for name, version in versions.items():
        address = eyes.site + reverse("version-file", args=[version.uid])
        answer = eyes.context.request.get(address)
        told = answer.headers
        assert told["content-disposition"].startswith("attachment;"), name
        assert told["x-content-type-options"] == "nosniff", name
        assert told["content-security-policy"] == "default-src 'none'; sandbox", name
        assert "html" not in told["content-type"], name
        assert "set-cookie" not in told, name
        assert answer.body() == next(row.body for row in hostile.TABLE if row.name == name), name
        if version.format in gone_to:
            continue  # a browser that is led to the address, once for each kind
        gone_to.add(version.format)
        with page.expect_download() as got:
            page.evaluate("(address) => { location.href = address; }", address)
        assert got.value.suggested_filename not in ("", ".htaccess")
        assert eyes.seen.pop().startswith("download"), name
        assert page.url != address
        clean(eyes, page, name)


@pytest.mark.parametrize(
    "harm",
    [
        "sentinel()",
        "alert(1)",
        f"new Image().src = 'http://{hostile.FAR}/x'",
        "document.head.append(Object.assign(document.createElement('script'), {textContent: '1'}))",
        "document.body.insertAdjacentHTML('beforeend', '<img src=/x onerror=sentinel()>')",
        "open('/sign-in/')",
    ],
)
def test_the_watch_would_see_it(watch: Any, harm: str) -> None:
    unit = make.learner_unit()
    eyes = watch(unit.learner.user)
    page = eyes.page()
    page.goto(f"{eyes.site}/portfolio/")
    assert eyes.seen == []
    page.evaluate(f"() => {{ {harm}; }}")
    wait_for(page, lambda: eyes.seen != [], "what it would see")
