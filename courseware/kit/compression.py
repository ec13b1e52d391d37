"""Compression of pages, and of nothing else."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PageGZipMiddleware(GZipMiddleware):
    """Compress whole answers only.

    A stream is a download: it states its length, answers ranges and is hashed on the way, and what people hand in
    (pictures, films, office files) is compressed already.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """`response`, compressed when it is a whole one and the browser takes that."""
        if response.streaming:
            return response
        return super().process_response(request, response)
