"""The letters about people, sent after commit."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from .invitations import VALID_FOR, base_url, link_for
from .models import Membership


def tell_of_membership(membership_id: int) -> None:
    """Write to somebody who was added to a centre: with a link to set a password, or to sign in with the one they have.

    The administrator sees neither the letter nor which of the two it was.
    """
    membership = Membership.objects.select_related("user", "centre").get(pk=membership_id)
    person = membership.user
    new = not person.has_usable_password()
    body = render_to_string(
        "people/email/membership.txt",
        {
            "membership": membership,
            "link": link_for(person) if new else "",
            "days": VALID_FOR.days,
            "sign_in": base_url() + reverse("account_login"),
            "reset": base_url() + reverse("account_reset_password"),
        },
    )
    send_mail(f"You have been added to {membership.centre.name}", body, settings.DEFAULT_FROM_EMAIL, [person.email])
