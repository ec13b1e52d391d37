"""The product's settings, and two pages to compare with."""

from pathlib import Path

from courseware.settings import *  # noqa: F403
from courseware.settings import TEMPLATES

ALLOWED_HOSTS = ["testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # of the builders; no page of these signs in
ROOT_URLCONF = "tests.bench.urls"
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]
