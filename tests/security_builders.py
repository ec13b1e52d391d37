"""People with a second step, for tests: made by the real verbs; codes as an app would show them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
import time
import uuid
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

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


class SecurityKey:
    """A key with a passkey of `user`, which answers as a real one does; with or without asking for its PIN."""

    FLAG = AuthenticatorData.FLAG
    SITE = hashlib.sha256(b"testserver").digest()

    def __init__(self, user: User, name: str = "My key") -> None:
        self.user, self.secret, self.id = user, ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)
        public = ES256.from_cryptography_key(self.secret.public_key())
        held = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        data = AuthenticatorData.create(self.SITE, self.FLAG.UP | self.FLAG.UV | self.FLAG.AT, 0, held)
        made = AttestationObject.create("none", data, {})
        client = CollectedClientData.create("webauthn.create", b"made before", "https://testserver")
        workflow.add_passkey(by=user, name=name, credential=self._told(client, attestationObject=made))

    def _told(self, client: CollectedClientData, **more: bytes) -> dict[str, Any]:
        response = {name: websafe_encode(value) for name, value in (more | {"clientDataJSON": client}).items()}
        name = websafe_encode(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}, "response": response}

    def answer(self, question: dict[str, Any], *, checked: bool) -> str:
        """What the browser sends for `question`; `checked` when the key has asked for the PIN."""
        flags = self.FLAG.UP | self.FLAG.UV if checked else self.FLAG.UP
        client = CollectedClientData.create("webauthn.get", question["publicKey"]["challenge"], "https://testserver")
        data = AuthenticatorData.create(self.SITE, flags, 0)
        signature = self.secret.sign(data + client.hash, ec.ECDSA(SHA256()))
        handle = user_pk_to_url_str(self.user).encode()
        return json.dumps(self._told(client, authenticatorData=data, signature=signature, userHandle=handle))


def question(client: Client, address: str) -> dict[str, Any]:
    """What a passkey is asked at this door."""
    asked: dict[str, Any] = client.post(address, headers={"X-Requested-With": "XMLHttpRequest"}).json()
    return asked


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
