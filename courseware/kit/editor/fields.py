"""The form field for Markdown, its widget, and the preview for those without JavaScript."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from markdownx.fields import MarkdownxFormField
from markdownx.widgets import MarkdownxWidget

from courseware.kit import markdown

PREVIEW = "preview"


class MarkdownEditor(MarkdownxWidget):  # type: ignore[misc]  # the package is not typed
    """A textarea with its preview beneath. `preview`, when set, is shown at once, without a script."""

    template_name = "markdownx/widget.html"
    preview: SafeString | None = None

    class Media:
        # The package's own script traps Tab and swallows dropped files; ours comes with every page.
        extend = False

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 12, **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The package's context with its addresses looked up, and the preview."""
        context: dict[str, Any] = super().get_context(name, value, dict(attrs or {}))
        urls = {
            "data-markdownx-urls-path": reverse("markdownx_markdownify"),
            "data-markdownx-upload-urls-path": reverse("markdownx_upload"),
        }
        context["widget"]["attrs"].update(urls)
        context["widget"].update(preview=self.preview, preview_url=urls["data-markdownx-urls-path"])
        return context


class MarkdownField(MarkdownxFormField):  # type: ignore[misc]  # the package is not typed
    """Text in Markdown, at most `markdown.LIMIT` characters."""

    widget = MarkdownEditor

    def __init__(self, *, max_length: int = markdown.LIMIT, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)


def wants_preview(request: HttpRequest) -> bool:
    """Whether the form was sent by its Preview button: show it again (`as_preview`) and save nothing."""
    return request.method == "POST" and PREVIEW in request.POST


def as_preview(form: forms.BaseForm) -> forms.BaseForm:
    """The bound `form` as it was typed, unchecked, with every Markdown field shown as it will look."""
    for name, field in form.fields.items():
        value = field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        form.initial[name] = value
        if isinstance(field.widget, MarkdownEditor):
            field.widget.preview = markdown.render(str(value or ""))
    form.is_bound = False
    return form
