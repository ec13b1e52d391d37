"""How static files are named and stored, and which of the libraries' own are published at all."""

from __future__ import annotations

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage

from .bundle import BundlesMixin


class StaticStorage(BundlesMixin, CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it ships no types
    """Names by content, kept for ever by browsers; the `import` lines of our JavaScript modules are followed too."""

    support_js_module_import_aggregation = True


class HouseStaticFilesConfig(StaticFilesConfig):
    """Static files without those that our pages replace or never ask for."""

    ignore_patterns = [  # noqa: RUF012 - as its base declares it
        *StaticFilesConfig.ignore_patterns,
        "django_htmx/ext/*",
        "django_htmx/htmax*",
        "django_htmx/htmx-4*",
        "markdownx/*",
        "mfa/*",
    ]
