"""Proving who one is: codes of an app, recovery codes, passkeys, the password again; each with its limits.

Codes and passwords are limited per account: five wrong ones in five minutes, and thirty wrong codes a day, because six
figures could be found by trying for weeks. A passkey cannot be guessed, so what is counted is failures of a network
address, where a class of forty shares one.
"""

from __future__ import annotations

import json
import re
import struct
from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from courseware.kit import clock

from .models import User
from .notices_security import tell_of_change

A_DAY = 24 * 3600
CODE_LIVES = 180  # seconds in which a code of an app could be accepted, and more
# What the decoders of JSON and CBOR raise at what no device sends: cut short, of another shape, nested without end.
NONSENSE = (ValidationError, ValueError, TypeError, LookupError, AttributeError, RecursionError, struct.error)
NO_PASSKEY = "This passkey does not belong to an account here. Try another way to sign in."


def _wrong_today(user: User) -> str:
    return f"people.wrong-codes:{user.pk}:{clock.now():%Y-%m-%d}"


def forget_wrong_codes(user: User) -> None:
    """Begin the day's count anew: whoever set a new password is not held up by whoever knew the old one."""
    cache.delete(_wrong_today(user))


def take_code(user: User, text: str) -> Authenticator:
    """The factor of `user` whose code this is, of the app or a recovery code, which is spent by it.

    Raises ValidationError for a wrong code and after too many.
    """
    key = _wrong_today(user)
    wrong: int = cache.get(key, 0)
    if wrong >= settings.WRONG_CODES_A_DAY:
        raise ValidationError("Too many wrong codes today. Set a new password by e-mail, then try again.")
    begin_anew = check_rate_limit(user)
    code = re.sub(r"[\s-]", "", text)
    rows = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN).order_by("-type")
    for factor in rows:
        if factor.wrap().validate_code(code) and _first_use(factor, code):
            begin_anew()
            factor.record_usage()
            factor.user = user
            if factor.type == Authenticator.Type.RECOVERY_CODES:
                tell_of_change(user, "code_used")
            return factor
    cache.set(key, wrong + 1, timeout=A_DAY)
    if wrong + 1 == settings.WRONG_CODES_A_DAY:
        tell_of_change(user, "wrong_codes")
    raise mfa_adapter().validation_error("incorrect_code")


def _first_use(factor: Authenticator, code: str) -> bool:
    """Whether this code of an app comes for the first time; the library forgets one before it is out of date."""
    if factor.type != Authenticator.Type.TOTP:
        return True
    return bool(cache.add(f"people.code-used:{factor.user_id}:{code}", True, timeout=CODE_LIVES))


def read_credential(text: str) -> dict[str, Any]:
    """What a browser's passkey answered, as JSON; raises ValidationError for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("response"), dict):
        raise ValidationError("The passkey did not answer. Try again.")
    return found


def take_passkey(request: HttpRequest, user: User | None, text: str) -> Authenticator:
    """The passkey that answered: of `user`, or of whoever it names. Raises ValidationError.

    Of a known account tries are counted; of an unknown one failures of the network address. Alone a passkey counts only
    when its device has checked the person. The answer itself is asked for that: the question in the session may be one
    of another door, where a password stood before it.
    """
    adapter = account_adapter(request)
    begin_anew = check_rate_limit(user) if user else None
    if user is None:
        adapter.refuse_after_failures(request)
    try:
        credential = read_credential(text)
        answer = webauthn.parse_authentication_response(credential)
        if user is None and not answer.response.authenticator_data.is_user_verified():
            raise ValidationError(NO_PASSKEY)
        account = user or webauthn.extract_user_from_response(credential)
        factor: Authenticator = webauthn.complete_authentication(account, credential)
    except NONSENSE as wrong:
        if user is None:
            adapter.authentication_failed(request)
        raise ValidationError(NO_PASSKEY) from wrong
    if begin_anew:
        begin_anew()
    factor.user = account
    return factor


def new_passkey(text: str) -> dict[str, Any]:
    """The credential of a passkey that was just made for the options of this session. Raises ValidationError."""
    try:
        credential = read_credential(text)
        webauthn.parse_registration_response(credential)
        binding = webauthn.complete_registration(credential)
    except NONSENSE as wrong:
        raise ValidationError("The passkey was not made. Try again.") from wrong
    if not binding.is_user_verified():
        raise ValidationError("This device did not check that it is you. Set a PIN or a fingerprint on it first.")
    return credential


def take_password(request: HttpRequest, user: User, password: str) -> None:
    """Whether this is the password of `user`, with the limits of signing in. Raises ValidationError."""
    adapter = account_adapter(request)
    found = adapter.authenticate(request, email=user.email, password=password)
    if found is None or found.pk != user.pk or not found.is_active:
        raise ValidationError("This is not your password. Check it and try again.")
