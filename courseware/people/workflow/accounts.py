"""A person's own account: no centre's business, so nothing of it is recorded."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from courseware.kit import clock
from courseware.kit.verdict import NotNow
from courseware.people.invitations import account_for
from courseware.people.models import Invitation, User

USED = "This link has been used or withdrawn, or is older than seven days."


def set_first_password(*, token: str, password: str) -> User:
    """Set the first password of the account that `token` opens; the link is spent by it.

    Raises NotNow when the link is forged, used or too old, and ValidationError for a password that is too weak.
    """
    with transaction.atomic():
        account = account_for(token, lock=True)
        if account is None:
            raise NotNow(USED)
        validate_password(password, account)
        account.set_password(password)
        account.save(update_fields=["password"])
        accept_invitations(account)
    return account


def accept_invitations(account: User) -> None:
    """Whoever signs in has accepted what they are invited to. Asked at every sign-in, old account or new."""
    opened = Invitation.objects.filter(membership__user=account, ended_at__isnull=True)
    opened.update(ended_at=clock.now(), ended_as="accepted")


def set_single_keys(*, by: User, on: bool) -> User:
    """Keep whether single keys act for a person, in every browser that they use."""
    by.single_keys = on
    by.save(update_fields=["single_keys"])
    return by


def set_theme(*, by: User, theme: str) -> User:
    """Keep the appearance that a person chose for every page; raises ValidationError for one that does not exist."""
    if theme not in dict(User.THEMES):
        raise ValidationError("Choose one of the appearances.")
    by.theme = theme
    by.save(update_fields=["theme"])
    return by
