"""Adding files in a real browser: each with its own bar, through lost lines and closed tabs, and without scripts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from assessment.models import EvidenceItem, EvidenceRules, EvidenceVersion, LearnerUnit, Upload
from assessment.workflow import checking, uploads
from courseware.kit import storage, tasks
from courseware.people.sessions import SessionStore
from tests import files, make
from tests.browser import Looked, Person, chromium, sign_in, wait_for
from tests.upload_site import text_of

__all__ = ("chromium",)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MB = 1 << 20
Device = Callable[..., BrowserContext]


@pytest.fixture
def unit(settings: Any, tmp_path: Path) -> LearnerUnit:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    settings.EVIDENCE_ROOT = tmp_path / "evidence"
    return make.learner_unit()


@pytest.fixture
def device(chromium: Browser, live_server: Any, unit: LearnerUnit) -> Iterator[Device]:
    """A browser in which the learner is signed in."""
    made = []

    def signed_in(**options: Any) -> BrowserContext:
        context = chromium.new_context(base_url=live_server.url, reduced_motion="reduce", **options)
        sign_in(context, live_server.url, unit.learner.user)
        context.set_default_timeout(20_000)
        made.append(context)
        return context

    yield signed_in
    for context in made:
        context.close()


def opened(context: BrowserContext, unit: LearnerUnit) -> Page:
    page = context.new_page()
    page.goto(reverse("evidence-upload", args=[unit.uid]))
    if page.evaluate("typeof customElements") and page.locator("[data-plain]").count():
        page.wait_for_load_state("networkidle")
    return page


def row_of(page: Page, name: str) -> Locator:
    return page.locator(".upload", has=page.locator(".upload__name", has_text=re.compile(f"^{re.escape(name)}$")))


def method_of(page: Page) -> Locator:
    return page.locator("form[data-uploads]").get_by_label("How it came about")


def choose(page: Page, *paths: Path) -> None:
    page.get_by_label("Choose files").set_input_files([str(path) for path in paths])


def drop(page: Page, *found: Path) -> None:
    """What a file manager does when several files are let go of over the field."""
    held = page.evaluate_handle(
        """(all) => {
          const held = new DataTransfer();
          for (const [name, text] of all) held.items.add(new File([text], name));
          return held;
        }""",
        [[path.name, path.read_text()] for path in found],
    )
    page.locator(".drop").dispatch_event("drop", {"dataTransfer": held})


def kept() -> dict[str, str]:
    """Name and hash of what is evidence, its bytes read again."""
    store, found = storage.evidence(), {}
    for version in EvidenceVersion.objects.select_related("centre", "learner_unit").order_by("pk"):
        assert store.rehash(version.address) == version.sha256
        found[version.file_name] = version.sha256
    return found


def put(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def saved(page: Page, name: str) -> None:
    expect(row_of(page, name).locator(".upload__meta")).to_contain_text("Saved.", timeout=30_000)


def test_several_are_picked_and_dropped_each_with_a_bar_and_a_sentence_of_its_own(
    unit: LearnerUnit, device: Device, tmp_path: Path
) -> None:
    picked = [put(tmp_path, f"picked-{n}.txt", text_of(40_000, n)) for n in range(3)]
    dropped = [put(tmp_path, f"dropped-{n}.txt", text_of(30_000, 10 + n)) for n in range(2)]
    page_html = put(tmp_path, "page.html", b"<!doctype html><script>1</script>")
    context = device()
    page = opened(context, unit)
    held: list[Route] = []
    page.route(
        "**/evidence/uploads/*/",
        lambda route: held.append(route) if route.request.method == "PATCH" else route.continue_(),
    )
    choose(page, *picked, page_html)
    drop(page, *dropped)
    for path in (*picked, page_html, *dropped):
        bar = page.get_by_role("progressbar", name=path.name)
        expect(bar).to_be_visible()
        assert bar.evaluate("bar => bar.max") == 100
    expect(page.locator("[data-summary]")).to_have_text("6 on the way.")
    wait_for(page, lambda: len(held) == 3, "three are on the way at once")
    page.unroute_all()  # lets go of them
    for path in (*picked, *dropped):
        saved(page, path.name)
    refused = row_of(page, "page.html")
    expect(refused).to_contain_text("page.html is a web page")
    expect(refused.get_by_role("button", name="Remove page.html")).to_be_visible()
    expect(refused.get_by_role("progressbar")).to_have_count(0)
    expect(page.locator("[data-summary]")).to_have_text("5 saved, 1 not taken.")
    assert kept() == {path.name: sha(path) for path in (*picked, *dropped)}
    expect(page.get_by_role("link", name="Say what they show")).to_be_visible()
    again = put(tmp_path, "again.txt", picked[0].read_bytes())
    choose(page, again)
    expect(row_of(page, "again.txt")).to_contain_text("You already have this as “picked-0”.")
    with page.expect_navigation():
        row_of(page, "again.txt").get_by_role("button", name=re.compile("Keep both")).click()
    assert kept()["again.txt"] == kept()["picked-0.txt"]


def test_it_pauses_goes_on_and_outlives_a_lost_line(unit: LearnerUnit, device: Device, tmp_path: Path) -> None:
    path = put(tmp_path, "long.txt", text_of(21 * MB, 5))
    context = device()
    page = opened(context, unit)
    parts: list[int] = []

    def slowly(route: Route) -> None:
        parts.append(int(route.request.headers["upload-offset"]))
        page.wait_for_timeout(400)
        route.continue_()

    page.route(
        "**/evidence/uploads/*/", lambda route: slowly(route) if route.request.method == "PATCH" else route.continue_()
    )
    choose(page, path)
    row = row_of(page, "long.txt")
    wait_for(page, lambda: len(parts) >= 2, "it is sent in parts")
    row.get_by_role("button", name="Pause long.txt").click()
    expect(row).to_contain_text("Paused.")
    expect(page.locator("[data-summary]")).to_have_text("1 paused.")
    page.wait_for_timeout(800)
    stands, sent = Upload.objects.get().offset, len(parts)
    page.wait_for_timeout(800)
    assert (Upload.objects.get().offset, len(parts)) == (stands, sent), "nothing is sent while it rests"
    assert 0 < stands < path.stat().st_size
    row.get_by_role("button", name="Go on long.txt").click()
    wait_for(page, lambda: len(parts) > sent, "it goes on")
    assert parts[sent] == stands, "from where it stood"
    context.set_offline(True)
    expect(row).to_contain_text("The line is broken; it is tried again.")
    expect(row.get_by_role("button", name="Try now long.txt")).to_be_visible()
    context.set_offline(False)
    expect(row).to_contain_text("Arrived, being checked.", timeout=60_000)
    tasks.run_due()
    saved(page, "long.txt")
    assert kept() == {"long.txt": sha(path)}
    assert len(set(parts)) >= 6


def test_a_tab_closed_midway_asks_for_the_same_file_and_goes_on_from_there(
    unit: LearnerUnit, device: Device, tmp_path: Path
) -> None:
    path = put(tmp_path, "film.txt", text_of(13 * MB, 6))
    context = device()
    page = opened(context, unit)
    method_of(page).select_option("observation")
    count = 0

    def first_part(route: Route) -> None:
        nonlocal count
        count += route.request.method == "PATCH"
        route.continue_() if count < 2 else route.abort()

    page.route("**/evidence/uploads/*/", first_part)
    choose(page, path)
    expect(row_of(page, "film.txt")).to_contain_text("The line is broken")
    page.close(run_before_unload=False)
    stands = Upload.objects.get().offset
    assert 0 < stands < path.stat().st_size
    page = opened(context, unit)
    row = row_of(page, "film.txt")
    expect(row).to_contain_text("Choose the same file again to go on")
    assert row.get_by_role("progressbar").evaluate("bar => bar.value") == pytest.approx(
        100 * stands / path.stat().st_size, abs=1
    )
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.headers["upload-offset"]) if one.method == "PATCH" else None)
    choose(page, path)
    expect(row_of(page, "film.txt")).to_have_count(1)
    expect(row_of(page, "film.txt")).to_contain_text("Arrived, being checked.", timeout=60_000)
    assert asked[0] == str(stands), "nothing is sent twice"
    assert Upload.objects.count() == 1
    tasks.run_due()
    saved(page, "film.txt")
    assert kept() == {"film.txt": sha(path)}
    assert EvidenceItem.objects.get().method == "observation"


def test_a_session_that_ends_keeps_what_has_arrived(unit: LearnerUnit, device: Device, tmp_path: Path) -> None:
    path = put(tmp_path, "long.txt", text_of(13 * MB, 7))
    context = device()
    page = opened(context, unit)
    held: list[Route] = []

    def second_waits(route: Route) -> None:
        if route.request.method == "PATCH" and route.request.headers["upload-offset"] != "0":
            return held.append(route)
        return route.continue_()

    page.route("**/evidence/uploads/*/", second_waits)
    choose(page, path)
    wait_for(page, lambda: bool(held), "the first part is through")
    SessionStore.get_model_class().objects.all().delete()
    page.unroute_all()
    row = row_of(page, "long.txt")
    expect(row).to_contain_text("You have been signed out; what has arrived is kept.")
    expect(row.get_by_role("link", name="Sign in")).to_have_attribute("href", re.compile(r"/sign-in/\?next=.+upload"))
    assert Upload.objects.get().offset == 4 * MB
    site = "/".join(page.url.split("/")[:3])
    page.close(run_before_unload=False)
    sign_in(context, site, unit.learner.user)
    page = opened(context, unit)
    choose(page, path)
    expect(row_of(page, "long.txt")).to_have_count(1)
    expect(row_of(page, "long.txt")).to_contain_text("Arrived, being checked.", timeout=60_000)
    tasks.run_due()
    saved(page, "long.txt")
    assert kept() == {"long.txt": sha(path)}


def test_the_same_file_in_two_windows_becomes_one(unit: LearnerUnit, device: Device, tmp_path: Path) -> None:
    path = put(tmp_path, "both.txt", text_of(13 * MB, 8))
    context = device()
    first = opened(context, unit)
    held: list[Route] = []

    def second_waits(route: Route) -> None:
        if route.request.method == "PATCH" and route.request.headers["upload-offset"] == str(4 * MB):
            return held.append(route)
        return route.continue_()

    first.route("**/evidence/uploads/*/", second_waits)
    choose(first, path)
    wait_for(first, lambda: bool(held), "the first part is through")
    second = opened(context, unit)
    choose(second, path)
    expect(row_of(second, "both.txt")).to_have_count(1)
    first.unroute_all()
    for page in (first, second):
        expect(row_of(page, "both.txt")).to_contain_text("being checked.", timeout=60_000)
    tasks.run_due()
    for page in (first, second):
        saved(page, "both.txt")
    assert kept() == {"both.txt": sha(path)}
    assert Upload.objects.count() == 1


def test_what_was_picked_before_the_script_arrived_is_sent(unit: LearnerUnit, device: Device, tmp_path: Path) -> None:
    page = device().new_page()
    held: list[Route] = []
    page.route(re.compile(r"/uploader[^/]*\.js"), lambda route: held.append(route))  # noqa: PLW0108 - its shape is looked at
    page.goto(reverse("evidence-upload", args=[unit.uid]), wait_until="commit")
    choose(page, put(tmp_path, "early.txt", b"What I saw."))
    wait_for(page, lambda: bool(held), "the script is asked for")
    page.unroute_all()
    saved(page, "early.txt")
    assert list(kept()) == ["early.txt"]


def test_a_double_click_does_one_thing_to_one_file(unit: LearnerUnit, device: Device, tmp_path: Path) -> None:
    """What comes to lie under the pointer after the first click is not pressed by the second."""
    for n in range(3):
        make.upload(unit, f"half-{n}.txt", b"half", size=100 + n)
    page = opened(device(), unit)
    page.get_by_role("button", name="Remove half-2.txt").dblclick(delay=30)
    expect(row_of(page, "half-2.txt")).to_have_count(0)
    page.wait_for_timeout(600)
    assert set(Upload.objects.order_by().values_list("file_name", flat=True)) == {"half-0.txt", "half-1.txt"}
    page.route("**/evidence/uploads/*/", lambda route: None if route.request.method == "PATCH" else route.continue_())
    choose(page, put(tmp_path, "a.txt", text_of(2000)), put(tmp_path, "b.txt", text_of(3000)))
    row_of(page, "b.txt").get_by_role("button", name="Pause b.txt").dblclick()
    expect(row_of(page, "b.txt")).to_contain_text("Paused.")
    page.wait_for_timeout(600)
    expect(row_of(page, "b.txt")).to_contain_text("Paused.")
    page.get_by_role("button", name="Remove b.txt").dblclick()
    expect(row_of(page, "b.txt")).to_have_count(0)
    expect(row_of(page, "a.txt")).to_have_count(1)


def test_what_cannot_be_kept_of_how_a_file_came_about_is_said_and_taken_back(unit: LearnerUnit, device: Device) -> None:
    row = make.upload(unit, "map.txt", b"The journey.")
    page = opened(device(), unit)
    make.signed_off(unit, make.staff(unit.cohort, "tutor").user)
    choice = page.get_by_label("How it came about: map.txt")
    choice.select_option("prior")
    expect(page.locator("[data-summary]")).to_contain_text("signed off")
    expect(choice).to_have_value("product")
    assert EvidenceItem.objects.get(pk=row.became_id).method == "product"


def test_what_another_window_has_sent_to_its_end_is_not_called_refused(
    unit: LearnerUnit, device: Device, tmp_path: Path
) -> None:
    path = put(tmp_path, "both.txt", text_of(5 * MB, 9))
    page = opened(device(), unit)
    held: list[Route] = []
    page.route(
        "**/evidence/uploads/*/",
        lambda route: held.append(route) if route.request.method == "PATCH" else route.continue_(),
    )
    choose(page, path)
    wait_for(page, lambda: bool(held), "it is announced, and nothing is sent")
    row, data = Upload.objects.get(), path.read_bytes()
    uploads.append(by=unit.learner.user, upload=row, offset=0, blocks=[data[: 4 * MB], data[4 * MB :]])
    checking.finish_upload(upload=row)
    page.unroute_all()
    saved(page, "both.txt")
    assert kept() == {"both.txt": sha(path)}


def test_more_than_the_room_of_the_unit_is_said_by_name(unit: LearnerUnit, device: Device, tmp_path: Path) -> None:
    EvidenceRules.objects.create(centre=unit.centre, quota_mb=1)
    small, large = put(tmp_path, "small.txt", text_of(500)), put(tmp_path, "large.txt", text_of(2 * MB, 1))
    page = opened(device(), unit)
    choose(page, large, small, put(tmp_path, "empty.txt", b""))
    expect(row_of(page, "large.txt")).to_contain_text("large.txt is 2.1 MB, and of the 1 MB for your evidence")
    expect(row_of(page, "empty.txt")).to_contain_text("empty.txt is empty: it has no bytes.")
    saved(page, "small.txt")
    assert list(kept()) == ["small.txt"]


def test_each_row_says_how_its_file_came_about(unit: LearnerUnit, device: Device, tmp_path: Path) -> None:
    page = opened(device(), unit)
    method_of(page).select_option("testimony")
    choose(page, put(tmp_path, "letter.txt", b"She did it well."))
    expect(row_of(page, "letter.txt")).to_contain_text("Say who the witness is, and how they know your work.")
    page.get_by_text("Who the witness is, for a witness testimony").click()
    page.get_by_label("Name of the witness").fill("Ada")
    page.get_by_label("How they know your work").fill("My manager")
    row_of(page, "letter.txt").get_by_role("button", name="Clear away letter.txt").click()
    choose(page, put(tmp_path, "letter.txt", b"She did it well."))
    saved(page, "letter.txt")
    wait_for(page, lambda: EvidenceItem.objects.filter(method="testimony", witness="Ada").exists(), "it is a testimony")
    method_of(page).select_option("product")
    choose(page, put(tmp_path, "map.txt", b"The journey."), put(tmp_path, "talk.txt", b"What we said."))
    saved(page, "map.txt")
    saved(page, "talk.txt")
    page.get_by_label("How it came about: talk.txt").select_option("discussion")
    expect(page.locator("[data-summary]")).to_have_text("talk.txt: Professional discussion.")
    found = dict(EvidenceItem.objects.order_by("pk").values_list("title", "method"))
    assert found == {"letter": "testimony", "map": "product", "talk": "discussion"}


def test_by_thumb_and_by_keyboard(unit: LearnerUnit, device: Device, tmp_path: Path) -> None:
    """On a phone every control of a row is as large as a thumb; with keys alone a file is paused and removed."""
    context = device(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = opened(context, unit)
    camera = page.get_by_role("button", name="Take a photograph")
    assert box(camera)["height"] >= 44
    with page.expect_file_chooser() as chooser:
        camera.tap()
    chooser.value.set_files(str(put(tmp_path, "wall.jpg", files.image("JPEG"))))
    saved(page, "wall.jpg")
    page.route("**/evidence/uploads/*/", lambda route: None if route.request.method == "PATCH" else route.continue_())
    choose(page, put(tmp_path, "notes.txt", b"What I saw."))
    row = row_of(page, "notes.txt")
    pause = row.get_by_role("button", name="Pause notes.txt")
    expect(pause).to_be_visible()
    for control in page.locator(".upload :is(a.btn, button, select)").all():
        if control.is_visible():
            assert box(control)["height"] >= 44, control.evaluate("one => one.outerHTML")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    pause.tap()
    expect(row).to_contain_text("Paused.")
    expect(row.get_by_role("button", name="Go on notes.txt")).to_be_focused()
    page.keyboard.press("Tab")
    expect(row.get_by_role("button", name="Remove notes.txt")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row).to_have_count(0)
    wait_for(page, lambda: not Upload.objects.filter(file_name="notes.txt").exists(), "it is removed")
    expect(page.locator("body")).not_to_be_focused()
    looked = Looked()
    Person(page, "", looked).look()
    assert looked.faults == []


def box(one: Locator) -> Any:
    one.scroll_into_view_if_needed()
    found = one.bounding_box()
    assert found is not None
    return found


def test_without_scripts_the_plain_field_gives_the_same(unit: LearnerUnit, device: Device, tmp_path: Path) -> None:
    sent = [put(tmp_path, f"{n}.txt", text_of(50_000, n)) for n in range(2)]
    page_html = put(tmp_path, "page.html", b"<!doctype html><script>1</script>")
    page = device(java_script_enabled=False).new_page()
    page.goto(reverse("evidence-upload", args=[unit.uid]))
    method_of(page).select_option("observation")
    choose(page, *sent, page_html)
    with page.expect_navigation():
        page.get_by_role("button", name="Save and say what they show").click()
    expect(page.get_by_role("heading", name="Two files saved, 1 not taken")).to_be_visible()
    expect(row_of(page, "page.html")).to_contain_text("page.html is a web page")
    for path in sent:
        saved(page, path.name)
    assert kept() == {path.name: sha(path) for path in sent}
    page.get_by_label("How it came about: 1.txt").select_option("prior")
    with page.expect_navigation():
        page.get_by_role("button", name="Change how it came about: 1.txt").click()
    expect(page.locator("#notices, main").first).to_contain_text("1.txt: Recognition of prior learning.")
    found = dict(EvidenceItem.objects.order_by("pk").values_list("title", "method"))
    assert found == {"0": "observation", "1": "prior"}
