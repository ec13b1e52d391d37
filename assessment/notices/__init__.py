"""Who is told of what happened, in the site and by e-mail, after the commit."""

from __future__ import annotations

from .post import forget, send_letters, write_letters
from .telling import follow


def tick() -> None:
    """The worker's round: read on in the record, write the letters that are due, send them, forget what is old."""
    follow()
    write_letters()
    send_letters()
    forget()
