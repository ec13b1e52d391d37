"""The editor's field: the package's, without anything that the package would run."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.test import RequestFactory
from markdownx.fields import MarkdownxFormField
from markdownx.widgets import MarkdownxWidget

from courseware.kit import markdown
from courseware.kit.editor.fields import MarkdownEditor, MarkdownField, as_preview, wants_preview
from tests.editor_pages import WriteForm

pytestmark = pytest.mark.urls("tests.editor_pages")


def test_the_field_and_the_widget_are_the_packages() -> None:
    form = WriteForm()
    assert isinstance(form.fields["text"], MarkdownxFormField)
    assert isinstance(form.fields["text"].widget, MarkdownxWidget)


def test_nothing_of_the_packages_scripts_or_styles_comes_along() -> None:
    assert str(WriteForm().media) == ""
    assert "markdownx/js" not in str(WriteForm())


def test_the_textarea_keeps_the_packages_names() -> None:
    html = str(WriteForm()["text"])
    assert 'class="markdownx-editor"' in html
    assert 'data-markdownx-urls-path="/markdownx/markdownify/"' in html
    assert 'data-markdownx-upload-urls-path="/markdownx/upload/"' in html
    assert '<div class="preview markdownx-preview"' in html


def test_the_widget_has_no_inline_script_style_or_handler() -> None:
    html = str(WriteForm()["text"])
    assert "<script" not in html
    assert "style=" not in html
    assert " on" not in html.replace(" one", "")


def test_what_was_typed_is_escaped_in_the_box() -> None:
    html = str(WriteForm(initial={"text": "</textarea><script>x</script>"})["text"])
    assert "&lt;/textarea&gt;&lt;script&gt;" in html
    assert "<script" not in html


def test_a_widget_renders_by_itself_too() -> None:
    assert 'rows="12"' in MarkdownEditor().render("text", "words", {})
    assert 'rows="3"' in MarkdownEditor(attrs={"rows": 3}).render("text", "words", {})
    assert MarkdownEditor().get_context("text", "words", None)["widget"]["value"] == "words"


def test_a_text_that_is_too_long_is_refused_by_the_form() -> None:
    form = WriteForm({"title": "a", "text": "x" * (markdown.LIMIT + 1)})
    assert not form.is_valid()
    assert list(form.errors) == ["text"]
    short = type("ShortForm", (forms.Form,), {"text": MarkdownField(max_length=3)})
    assert not short({"text": "four"}).is_valid()


def test_the_preview_button_is_told_from_the_others() -> None:
    request = RequestFactory()
    assert wants_preview(request.post("/", {"preview": "text"}))
    assert not wants_preview(request.post("/", {"text": "words"}))
    assert not wants_preview(request.get("/", {"preview": "text"}))


def test_a_preview_keeps_what_was_typed_checks_nothing_and_shows_the_text() -> None:
    data: dict[str, Any] = {"x-title": "", "x-text": "**bold** <script>no</script>"}
    form = as_preview(WriteForm(data, prefix="x"))
    assert not form.is_bound
    assert form.errors == {}
    html = str(form["text"])
    assert "**bold** &lt;script&gt;" in html
    assert "<strong>bold</strong>" in html
    assert "<script" not in html


def test_a_preview_of_an_empty_text_shows_nothing() -> None:
    html = str(as_preview(WriteForm({"title": "a"}))["text"])
    assert 'data-preview role="group" aria-label="Preview"></div>' in html
