"""Invitations, and the single-use link with which somebody new sets a password.

The token names the account, a fingerprint of its unset password and the invitation that the letter is of, signed with
the house's key and the time. Setting a password changes the fingerprint, so a link works once; an account that has a
password has no valid link at all; and the link of an invitation that was replaced or withdrawn opens nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from courseware.kit import clock

from .models import Invitation, User

VALID_FOR = dt.timedelta(days=7)
_signer = signing.TimestampSigner(salt="courseware.people.invitation")


def _fingerprint(user: User) -> str:
    return salted_hmac("courseware.people.invitation", f"{user.email}\n{user.password}", algorithm="sha256").hexdigest()


def token_for(user: User, invitation: Invitation | None = None) -> str:
    """A token that opens `user`'s account for setting the first password, as long as `invitation`, if any, is open.

    Raises ValueError when the account has a password.
    """
    if user.has_usable_password():
        raise ValueError("an account that has a password gets no link to set one")
    named = [str(invitation.uid)] if invitation else []
    return _signer.sign_object([str(user.uid), _fingerprint(user), *named], compress=False)


def base_url() -> str:
    """Where the house is reached, without a slash at the end: for links in letters, which no request knows."""
    return str(settings.BASE_URL).rstrip("/")


def link_for(user: User, base: str = "", invitation: Invitation | None = None) -> str:
    """The whole address of the page that takes the token; below `base`, or the settings' own address without it."""
    return (base or base_url()).rstrip("/") + reverse("welcome", args=[token_for(user, invitation)])


def account_for(token: str, lock: bool = False) -> User | None:
    """The account that `token` opens; None when it is forged, used, withdrawn, replaced or older than seven days.

    With `lock` the row is locked first, so that of two people with the same link only one can use it.
    """
    users = User.objects.select_for_update() if lock else User.objects.all()
    try:
        uid, fingerprint, *named = _signer.unsign_object(token, max_age=VALID_FOR)
        user = users.get(uid=uuid.UUID(uid), is_active=True)
        if named and not Invitation.objects.filter(uid=uuid.UUID(named[0]), ended_at__isnull=True).exists():
            return None
    except (signing.BadSignature, ValueError, TypeError, User.DoesNotExist):
        return None
    if user.has_usable_password() or not constant_time_compare(fingerprint, _fingerprint(user)):
        return None
    return user


# -- Where an invitation stands ----------------------------------------------------------------------------------------

STATES = (
    ("waiting", "Not accepted yet"),
    ("expired", "The link is too old"),
    ("accepted", "Accepted"),
    ("withdrawn", "Withdrawn"),
    ("replaced", "Replaced by a newer one"),
)


def expires_at(invitation: Invitation) -> dt.datetime:
    """When the link of the letter stops working; until the letter has left, counted from the invitation."""
    return (invitation.written_at or invitation.made_at) + VALID_FOR


def state_of(invitation: Invitation) -> str:
    """A key of STATES. It follows from the invitation alone, never from the account behind the address."""
    if invitation.ended_as:
        return str(invitation.ended_as)
    return "expired" if expires_at(invitation) <= clock.now() else "waiting"
