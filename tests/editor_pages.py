"""Pages for the tests of the editor and of downloads: the smallest that hold them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import engines
from django.urls import include, path

from courseware.kit.editor.fields import MarkdownField, as_preview, wants_preview
from courseware.kit.streaming import serve_bytes

PAGE = """{% load static %}<!doctype html><html lang="en-GB"><title>Write</title>
<script type="module" src="{% static 'js/site.js' %}"></script>
<form method="post" enctype="multipart/form-data">{% csrf_token %}
<label>Title {{ form.title }}</label><label for="{{ form.text.id_for_label }}">Text</label>{{ form.text }}
<label>File {{ form.file }}</label><button>Save</button></form>{{ form.media }}<p id="saved">{{ saved }}</p></html>"""

MEDIA = """<!doctype html><html lang="en-GB"><title>Play</title>
<audio src="/file/talk.mp3" controls></audio><video src="/file/film.webm" controls></video></html>"""

TYPES = {"mp3": "audio/mpeg", "webm": "video/webm", "html": "text/plain", "pdf": "application/pdf", "png": "image/png"}


class WriteForm(forms.Form):
    title = forms.CharField()
    text = MarkdownField(label="Text")
    file = forms.FileField(required=False)


def write(request: HttpRequest) -> HttpResponse:
    form: forms.BaseForm = WriteForm(request.POST or None, request.FILES or None)
    saved = ""
    if wants_preview(request):
        form = as_preview(form)
    elif form.is_valid():
        saved = f"Saved {form.cleaned_data['text']}"
    return HttpResponse(engines["django"].from_string(PAGE).render({"form": form, "saved": saved}, request))


def media(request: HttpRequest) -> HttpResponse:
    return HttpResponse(MEDIA)


def file(request: HttpRequest, name: str) -> HttpResponseBase:
    path = Path(settings.EVIDENCE_ROOT) / name
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return serve_bytes(request, path, sha256, name, TYPES[name.rpartition(".")[2]])


def changed(request: HttpRequest, name: str) -> HttpResponseBase:
    """The file, as if other bytes were on record."""
    return serve_bytes(request, Path(settings.EVIDENCE_ROOT) / name, "0" * 64, name, TYPES[name.rpartition(".")[2]])


urlpatterns = [
    path("changed/<str:name>", changed),
    path("markdownx/", include("courseware.kit.editor.urls")),
    path("write/", write),
    path("media/", media),
    path("file/<str:name>", file),
]
