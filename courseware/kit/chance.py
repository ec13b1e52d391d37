"""The one door to randomness, so that draws and tests can be reproduced."""

from __future__ import annotations

import hashlib
import secrets


def secret_hex(size: int = 32) -> str:
    """`size` random bytes from the operating system, as lower-case hex."""
    return secrets.token_hex(size)


def sha256_hex(text: str) -> str:
    """SHA-256 of the UTF-8 bytes of `text`, as lower-case hex; what `printf %s TEXT | sha256sum` prints."""
    return hashlib.sha256(text.encode()).hexdigest()
