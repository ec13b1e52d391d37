"""What browsers fetch: one stylesheet, few bytes, names by content, and every symbol that pages use."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from courseware.kit.bundle import BUNDLES, COMMENT, bundled
from courseware.kit.static import StaticStorage

ROOT = Path(__file__).parents[1]
CSS = ROOT / "static" / "css"
KB = 1024


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Static files as production serves them."""
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("static")
    storages = {"staticfiles": {"BACKEND": "courseware.kit.static.StaticStorage"}}
    with override_settings(STATIC_ROOT=folder, STORAGES=storages, DEBUG=False):
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        yield folder


def weight(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def named(folder: Path, name: str) -> Path:
    return folder / json.loads((folder / "staticfiles.json").read_text())["paths"][name]


def test_the_stylesheet_is_one_file_with_everything_in_it(collected: Path) -> None:
    text = named(collected, "css/site.css").read_text()
    assert "@import" not in text
    for part in [*CSS.glob("components/*.css"), *CSS.glob("pages/*.css"), CSS / "tokens.css", CSS / "base.css"]:
        assert COMMENT.sub("", part.read_text()) in text, part


def test_comments_of_the_stylesheet_stay_at_home_and_nothing_else_does(collected: Path) -> None:
    text = named(collected, "css/site.css").read_text()
    assert ("/*" in text, "*/" in text) == (False, False)
    assert COMMENT.sub("", '.a { content: "/" / ""; } /* one\n * two */\n.b { inset: 0; }') == (
        '.a { content: "/" / ""; } .b { inset: 0; }'
    )


def test_layers_are_ordered_before_any_is_used(collected: Path) -> None:
    text = named(collected, "css/site.css").read_text()
    assert text.index("@layer reset, tokens, base, components, pages;") == text.index("@layer")


def test_all_css_weighs_less_than_11_kb(collected: Path) -> None:
    assert weight(named(collected, "css/site.css")) < 11 * KB


# What the heaviest pages of each kind load beside site.js, which loads a part only where its element stands.
LOADED = {
    "a lesson": ("auto-save", "live-preview", "viewer"),
    "a unit's editor": ("auto-save", "live-preview", "palette", "picture"),
    "files on their way": ("uploader",),
    "a grid": ("matrix",),
    "sign-in": ("passkey",),
    "a form that came after the session ended": ("once-more",),
    "the desk": ("auto-save", "live-preview", "viewer", "desk-keys", "desk-comments", "desk-ahead"),
}


def _with_imports(module: str, found: set[str]) -> set[str]:
    """A module and what it imports at once, and so on."""
    if module not in found:
        found.add(module)
        for name in re.findall(
            r'^import .* from "\./(.+)\.js"', (ROOT / f"static/js/{module}.js").read_text(), re.MULTILINE
        ):
            _with_imports(name, found)
    return found


def test_every_part_of_the_scripts_is_loaded_by_some_page() -> None:
    loaded: set[str] = set()
    for parts in LOADED.values():
        for part in ("site", *parts):
            _with_imports(part, loaded)
    assert loaded == {path.stem for path in (ROOT / "static/js").glob("*.js")}


@pytest.mark.parametrize("page", LOADED)
def test_a_first_view_weighs_what_it_may_without_its_html(collected: Path, page: str) -> None:
    """With 12 KB of HTML a first view stays under 60 KB; a learner's is under 52."""
    files = ["css/site.css", "icons.svg", "icon.svg", "django_htmx/htmx-2.min.js"]
    modules: set[str] = set()
    for part in ("site", *LOADED[page]):
        _with_imports(part, modules)
    files += [f"js/{module}.js" for module in sorted(modules)]
    assert sum(weight(named(collected, name)) for name in files) < (46 if page == "the desk" else 40) * KB


def test_modules_name_each_other_by_content(collected: Path) -> None:
    text = named(collected, "js/site.js").read_text()
    assert re.search(r'from "\./net\.[0-9a-f]{12}\.js"', text)
    assert re.search(r'import\("\./auto-save\.[0-9a-f]{12}\.js"\)', text)


def test_a_missing_part_of_a_bundle_is_an_error() -> None:
    paths = {name: (finder, name) for name, finder in _found().items() if name != "css/components/button.css"}
    with pytest.raises(KeyError):
        bundled(BUNDLES[0], paths)


def _found() -> dict[str, Any]:
    return {path: storage for finder in finders.get_finders() for path, storage in finder.list([])}


def test_nothing_is_bundled_on_a_dry_run_or_without_its_file(tmp_path: Path) -> None:
    storage = StaticStorage(location=str(tmp_path))
    assert list(storage.post_process({}, dry_run=True)) == []
    assert [name for name, _, _ in storage.post_process({})] == []
    assert not (tmp_path / BUNDLES[0]).exists()


def test_every_symbol_that_is_used_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/icons.svg").read_text()))
    used = set()
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text()
        used |= set(re.findall(r'{% glyph "([^"]+)"', text)) | set(re.findall(r'glyph="([^"]+)"', text))
    assert used <= drawn


def test_no_style_reaches_outside_or_counts_on_ids() -> None:
    for path in CSS.rglob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        assert "url(" not in text, path
        assert not re.search(r"(^|[\s,}>])#[a-z][\w-]*\s*[{,:.]", text), path
        assert {line.strip() for line in text.splitlines() if "!important" in line} <= {
            "[hidden] { display: none !important; }",
            ".no-print { display: none !important; }",
        }
