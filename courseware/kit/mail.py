"""Mail settings from one address."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

HERE = ("localhost", "127.0.0.1", "::1")


def mail_from(url: str, folder: Path) -> dict[str, Any]:
    """Django's mail settings for one of these addresses; without any, letters are files in `folder`.

    - `smtp+tls://name:password@host:587`, in short `smtp://`: begins in clear and goes on encrypted (STARTTLS), or not
      at all;
    - `smtps://name:password@host:465`: encrypted from the first byte;
    - `smtp://localhost:25`, by this or another name of this very machine and without a password: in clear. Nothing is
      in between, and the mail server of a machine often has no certificate.

    Raises ValueError for any other scheme.
    """
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": folder}
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtp+tls", "smtps"):
        raise ValueError("COURSEWARE_MAIL must start with smtp://, smtp+tls:// or smtps://")
    here = parts.scheme == "smtp" and (parts.hostname or "localhost") in HERE and not parts.password
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25 if here else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme != "smtps" and not here,
        "EMAIL_TIMEOUT": 20,
    }
