"""People with a second step, for tests: made by the real verbs; codes as an app would show them."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from courseware.kit import clock
from courseware.people import workflow
from courseware.people.models import Membership, User

from .people_builders import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_of(secret: str = SECRET, later: int = 0) -> str:
    """What the app shows now, or `later` steps of half a minute from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def with_totp(user: User, secret: str = SECRET) -> User:
    """`user`, with an authenticator app and recovery codes."""
    workflow.add_totp(by=user, secret=secret)
    return user


def with_passkey(user: User, name: str = "My phone") -> User:
    """`user`, with a passkey that no device holds."""
    workflow.add_passkey(by=user, name=name, credential={})
    return user


def passkey_of(member: Membership) -> Authenticator:
    """The passkey of this member."""
    return Authenticator.objects.get(user=member.user_id, type="webauthn")


def totp_of(user: User) -> Authenticator:
    """The app of `user`."""
    return Authenticator.objects.get(user=user, type="totp")


def codes_of(user: User) -> list[str]:
    """The recovery codes of `user` that are left."""
    codes: list[str] = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    return codes


def signed_in(user: User, confirmed: bool = True) -> Client:
    """A browser in which `user` has signed in, just now or (not `confirmed`) a while ago."""
    client = Client()
    client.force_login(user)
    if confirmed:
        confirm(client)
    return client


def confirm(client: Client) -> None:
    """As if the person had just proved who they are."""
    session = client.session
    session["confirmed_at"] = int(clock.now().timestamp())
    session.save()


def has_signed_in(user: User) -> None:
    """As if the person had signed in once, long after they were added."""
    User.objects.filter(pk=user.pk).update(last_login=clock.now() + dt.timedelta(seconds=1))


def give_password(client: Client, user: User, **more: str) -> Any:
    """The answer to the right password."""
    return client.post("/sign-in/", {"login": user.email, "password": PASSWORD} | more)


def give_code(client: Client, code: str) -> Any:
    """The answer to a code in the second step."""
    return client.post("/sign-in/second-step/", {"code": code, "key": str(uuid.uuid4())})


def is_signed_in(client: Client) -> bool:
    """Whether the browser has a session of somebody."""
    return "_auth_user_id" in client.session


def key() -> dict[str, str]:
    """A fresh one-time key, as a form carries it."""
    return {"key": str(uuid.uuid4())}
