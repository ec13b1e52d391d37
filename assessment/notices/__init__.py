"""Who is told of what happened, in the site and by e-mail, after the commit."""

from __future__ import annotations

from .overdue import remind
from .post import forget, send_letters, write_letters
from .telling import follow


def tick() -> None:
    """The worker's round: read on in the record, remind of what is overdue, write and send letters, forget the old."""
    follow()
    remind()
    write_letters()
    send_letters()
    forget()
