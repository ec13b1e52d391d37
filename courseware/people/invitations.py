"""The single-use link with which somebody new sets a password.

The token names the account and a fingerprint of its unset password, signed with the house's key and the time. Setting
a password changes the fingerprint, so a link works once; an account that has a password has no valid link at all.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from .models import User

VALID_FOR = dt.timedelta(days=7)
_signer = signing.TimestampSigner(salt="courseware.people.invitation")


def _fingerprint(user: User) -> str:
    return salted_hmac("courseware.people.invitation", f"{user.email}\n{user.password}", algorithm="sha256").hexdigest()


def token_for(user: User) -> str:
    """A token that opens `user`'s account for setting the first password; raises ValueError when it has one."""
    if user.has_usable_password():
        raise ValueError("an account that has a password gets no link to set one")
    return _signer.sign_object([str(user.uid), _fingerprint(user)], compress=False)


def base_url() -> str:
    """Where the house is reached, without a slash at the end: for links in letters, which no request knows."""
    return str(settings.BASE_URL).rstrip("/")


def link_for(user: User, base: str = "") -> str:
    """The whole address of the page that takes the token; below `base`, or the settings' own address without it."""
    return (base or base_url()).rstrip("/") + reverse("welcome", args=[token_for(user)])


def account_for(token: str, lock: bool = False) -> User | None:
    """The account that `token` opens; None when it is forged, used or older than seven days.

    With `lock` the row is locked first, so that of two people with the same link only one can use it.
    """
    users = User.objects.select_for_update() if lock else User.objects.all()
    try:
        uid, fingerprint = _signer.unsign_object(token, max_age=VALID_FOR)
        user = users.get(uid=uuid.UUID(uid), is_active=True)
    except (signing.BadSignature, ValueError, TypeError, User.DoesNotExist):
        return None
    if user.has_usable_password() or not constant_time_compare(fingerprint, _fingerprint(user)):
        return None
    return user
