"""The second step at sign-in: which factors an account has, and how their secrets are kept."""

from __future__ import annotations

import base64
import logging
import re
from typing import Any, ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.crypto import salted_hmac

from .models import User

log = logging.getLogger(__name__)
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes alone are none


def _keys() -> MultiFernet:
    """The keys of this house, the one in use first."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        Fernet(
            base64.urlsafe_b64encode(
                salted_hmac("courseware.people.factors", "", secret=secret, algorithm="sha256").digest()
            )
        )
        for secret in secrets
    )


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # the library has no types
    """How the library's second step behaves here: secrets unreadable in the table alone, and our words."""

    error_messages: ClassVar[dict[str, Any]] = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code does not fit. Write the one that the app shows now.",
    }

    def encrypt(self, text: str) -> str:
        """`text` as it is kept: a copy of the database alone opens no account."""
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` was given; a secret that nobody knows when the house's key has changed since."""
        try:
            return _keys().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.error("a second step cannot be read: the house's secret key has changed")
            return str(generate_totp_secret())  # an empty one would be a secret that everybody knows

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """This site, as the device shows it beside the passkey."""
        return {**super().get_public_key_credential_rp_entity(), "name": "Courseware"}


def has_factor(user_id: str) -> Exists:
    """Whether the account that the outer query calls `user_id` has a second step; for annotations and filters."""
    return Exists(Authenticator.objects.filter(user=OuterRef(user_id), type__in=FACTORS))


def factors_of(user: User) -> QuerySet[Authenticator]:
    """The apps and passkeys of `user`, oldest first."""
    held: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type__in=FACTORS)
    return held.order_by("created_at", "pk")


def qr_code(url: str) -> tuple[int, str]:
    """The width of the square, and `url` in it as the `d` of an SVG path, one unit a module."""
    import qrcode  # type: ignore[import-untyped]  # it has no types

    made = qrcode.QRCode(border=4)
    made.add_data(url)
    made.make(fit=True)
    matrix = made.get_matrix()  # with its border
    path = "".join(
        f"M{run.start()},{y}h{run.end() - run.start()}v1h-{run.end() - run.start()}z"
        for y, row in enumerate(matrix)
        for run in re.finditer("1+", "".join("1" if dark else "0" for dark in row))
    )
    return len(matrix), path
