"""The letters about signing in: what changed, when, and what to do if it was somebody else. No code, no device."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from courseware.kit import clock

from .invitations import base_url
from .lost_device import VALID_FOR, link_for
from .models import Membership, User

CHANGES = {
    "totp_added": "An authenticator app was set up for your account",
    "totp_removed": "The authenticator app was removed from your account",
    "passkey_added": "A passkey was added to your account",
    "passkey_removed": "A passkey was removed from your account",
    "codes_renewed": "New recovery codes were made for your account; the earlier ones no longer work",
    "code_used": "A recovery code of your account was used",
    "password_changed": "The password of your account was changed",
    "lost_removed": "The second step was removed from your account, with the link from a letter",
    "wrong_codes": "Somebody gave the right password of your account and many wrong codes",
}


def tell_of_change(user: User, what: str) -> None:
    """Write to `user` after commit that `what` (of CHANGES) happened; a mail that fails is logged and stops nothing."""
    body = render_to_string(
        "people/email/security_changed.txt",
        {
            "what": CHANGES[what],
            "at": clock.now(),
            "security": base_url() + reverse("security"),
            "reset": base_url() + reverse("account_reset_password"),
        },
    )

    def tell() -> None:  # a function with a name: Django's log of a failure asks for it
        send_mail(CHANGES[what], body, settings.DEFAULT_FROM_EMAIL, [user.email])

    transaction.on_commit(tell, robust=True)


def tell_of_reset(membership: Membership) -> None:
    """Send the member the link that removes a lost second step, after commit."""
    body = render_to_string(
        "people/email/second_step_lost.txt",
        {
            "membership": membership,
            "link": link_for(membership.user),
            "hours": int(VALID_FOR.total_seconds()) // 3600,
            "reset": base_url() + reverse("account_reset_password"),
        },
    )

    def tell() -> None:
        send_mail("Remove a second step you have lost", body, settings.DEFAULT_FROM_EMAIL, [membership.user.email])

    if not membership.centre.demo:  # nobody real is behind a demo's addresses
        transaction.on_commit(tell, robust=True)
