"""The way back for somebody whose device is lost: an administrator vouches, the mailbox and the password prove.

No administrator takes a second step off an account by themselves, because the account may belong to several centres,
and none of them is to learn of, or to weaken, another. The letter's link works once, for a day; where several centres
ask for a second step, it works when each of them has vouched.
"""

from __future__ import annotations

import datetime as dt
import uuid

from allauth.mfa.models import Authenticator
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from courseware.kit import clock
from courseware.ledger.models import LedgerEntry

from .factors import factors_of
from .invitations import base_url
from .models import User
from .standing import standing_of

VALID_FOR = dt.timedelta(days=1)
VOUCHED = "reset_second_step"
_signer = signing.TimestampSigner(salt="courseware.people.lost-device")


def _fingerprint(user: User) -> str:
    rows = Authenticator.objects.filter(user=user).order_by("pk").values_list("pk", "created_at")
    said = "\n".join([str(user.uid), user.password, *(f"{pk} {at.isoformat()}" for pk, at in rows)])
    return salted_hmac("courseware.people.lost-device", said, algorithm="sha256").hexdigest()


def link_for(user: User) -> str:
    """The whole address of the page that removes `user`'s second step, given the password; void once it has changed."""
    token = _signer.sign_object([str(user.uid), _fingerprint(user)], compress=False)
    return base_url() + reverse("account_second_step_lost", args=[token])


def account_for(token: str, lock: bool = False) -> User | None:
    """Whose second step `token` removes; None when it is forged, used or older than a day. `lock` locks the row."""
    users = User.objects.select_for_update() if lock else User.objects.all()
    try:
        uid, fingerprint = _signer.unsign_object(token, max_age=VALID_FOR)
        user = users.get(uid=uuid.UUID(uid), is_active=True)
    except (signing.BadSignature, ValueError, TypeError, User.DoesNotExist):
        return None
    return user if constant_time_compare(fingerprint, _fingerprint(user)) else None


def still_to_vouch(user: User) -> int:
    """How many of the centres that ask a second step of `user` have not vouched since it was set up, within a day."""
    newest = factors_of(user).order_by("-created_at").values_list("created_at", flat=True).first()
    since = max(clock.now() - VALID_FOR, newest) if newest else clock.now() - VALID_FOR
    standing = standing_of(user)
    asked = {standing.memberships[pk].uid for pk in standing.bound_by}
    vouched = LedgerEntry.objects.filter(verb=VOUCHED, about__in=asked, at__gte=since).values_list("about", flat=True)
    return len(asked - set(vouched.order_by()))
