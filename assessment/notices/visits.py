"""The letter that asks an external quality assurer to a visit."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from assessment.models import Visit
from courseware.kit import clock
from courseware.kit.tasks import task
from courseware.people.invitations import VALID_FOR, base_url, link_for
from courseware.people.models import Invitation


@task()
def write_visit_letter(visit: str, invitation: str) -> None:
    """Write to the EQA: with a link to set a password, or to the room with the one they have. May run twice.

    The centre sees neither the letter nor which of the two it was.
    """
    waiting = Invitation.objects.filter(uid=invitation, written_at__isnull=True)
    letter = waiting.exclude(ended_as__in=("withdrawn", "replaced")).first()
    if letter is None:
        return
    row = Visit.objects.select_related("eqa__user", "eqa__centre").get(uid=visit)
    person, zone = row.eqa.user, ZoneInfo(row.eqa.centre.zone)
    new = letter.ended_at is None and not person.has_usable_password()
    body = render_to_string(
        "visits/email/opened.txt",
        {
            "visit": row,
            "starts": row.starts_at.astimezone(zone),
            "ends": row.ends_at.astimezone(zone),
            "link": link_for(person, invitation=letter) if new else "",
            "days": VALID_FOR.days,
            "room": base_url() + reverse("room", args=(row.uid,)),
            "reset": base_url() + reverse("account_reset_password"),
        },
    )
    send_mail(f"A visit to {row.eqa.centre.name} is open to you", body, settings.DEFAULT_FROM_EMAIL, [person.email])
    waiting.update(written_at=clock.now())
