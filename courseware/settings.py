"""Settings: safe by default, everything that differs between machines from the environment.

`COURSEWARE_DATA` is the one folder that holds what must be kept: database, evidence, keys. `DATABASE_URL` moves the
database to PostgreSQL. `COURSEWARE_DEBUG=1` is for development only.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from courseware.kit.database import database_from

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("COURSEWARE_DATA", BASE_DIR / ".data")).resolve()
DEBUG = os.environ.get("COURSEWARE_DEBUG") == "1"


def _secret_key() -> str:
    key = os.environ.get("COURSEWARE_SECRET_KEY", "")
    kept = DATA_DIR / "secret-key"
    if not key and kept.exists():
        key = kept.read_text().strip()
    if not key:
        raise ImproperlyConfigured("No secret key: `manage.py up` makes one, or set COURSEWARE_SECRET_KEY.")
    return key


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = os.environ.get("COURSEWARE_HOSTS", "127.0.0.1 localhost [::1]").split()
ROOT_URLCONF = "courseware.urls"
WSGI_APPLICATION = "courseware.wsgi.application"
AUTH_USER_MODEL = "people.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "courseware.kit",
    "courseware.ledger",
    "courseware.people",
    "content",
    "assessment",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "django_htmx",
    "markdownx",
    "django_tasks",
    "django_tasks_db",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "courseware.people.standing.standing_middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {"default": database_from(os.environ.get("DATABASE_URL", ""), DATA_DIR)}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
EVIDENCE_ROOT = DATA_DIR / "evidence"
