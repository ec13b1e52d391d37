"""The letters about people, sent after commit."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from courseware.kit import clock
from courseware.kit.tasks import task

from .invitations import VALID_FOR, base_url, link_for
from .models import Invitation


def write_invitation(invitation_id: int) -> None:
    """Write to somebody who was added to a centre: with a link to set a password, or to sign in with the one they have.

    The administrator sees neither the letter nor which of the two it was.
    """
    rows = Invitation.objects.select_related("membership__user", "membership__centre")
    invitation = rows.get(pk=invitation_id)
    membership, person = invitation.membership, invitation.membership.user
    new = not person.has_usable_password()
    body = render_to_string(
        "people/email/membership.txt",
        {
            "membership": membership,
            "link": link_for(person, invitation=invitation) if new else "",
            "days": VALID_FOR.days,
            "sign_in": base_url() + reverse("account_login"),
            "reset": base_url() + reverse("account_reset_password"),
        },
    )
    send_mail(f"You have been added to {membership.centre.name}", body, settings.DEFAULT_FROM_EMAIL, [person.email])
    Invitation.objects.filter(pk=invitation_id).update(written_at=clock.now())


@task()
def write_invitations(uids: Sequence[str]) -> None:
    """Write the letters of these invitations that have not left, skipping what ended meanwhile; may run twice.

    A letter that fails holds up no other: the rest is written, then the first failure is raised, so that the task is
    tried again for what is left.
    """
    waiting = Invitation.objects.filter(uid__in=uids, written_at__isnull=True, ended_at__isnull=True)
    failed: Exception | None = None
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
        try:
            write_invitation(pk)
        except Exception as error:  # noqa: BLE001 - whatever the post office says, the others get their letters
            failed = failed or error
    if failed:
        raise failed
