"""How a person proves who they are: their own second step and sessions, a centre's rule, and help with a lost device.

What somebody does with their own account is no centre's business: nothing of it is recorded, and a letter tells them.
"""

from __future__ import annotations

import uuid
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction

from courseware.kit.verdict import NotNow, Stale
from courseware.ledger.append import HOUSE, Act, append, open_chain
from courseware.ledger.verbs import verb
from courseware.people import lost_device
from courseware.people import permissions_security as may
from courseware.people.factors import factors_of
from courseware.people.models import SECOND_STEP, Centre, Membership, Session, User
from courseware.people.notices_security import tell_of_change, tell_of_reset
from courseware.people.standing import forget

from .steps import lock

SPENT = "This link has been used, or is older than a day."


def _lock_account(user: User) -> User:
    """`user`, locked until the transaction ends: whatever changes how they sign in happens one after the other."""
    forget()
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def add_totp(*, by: User, secret: str) -> bool:
    """Set up the authenticator app that holds `secret` (a code of it has been seen); whether recovery codes were made.

    The same secret again changes nothing. Raises NotNow when there is another app.
    """
    with transaction.atomic():
        account = _lock_account(by)
        there = Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).first()
        if there and decrypt(there.data["secret"]) == secret:
            return False
        may.can_add_totp(account).require()
        TOTP.activate(account, secret)
        tell_of_change(account, "totp_added")
        return _first_codes(account)


def add_passkey(*, by: User, name: str, credential: dict[str, Any]) -> bool:
    """Keep a passkey whose making was checked; whether recovery codes were made."""
    with transaction.atomic():
        account = _lock_account(by)
        WebAuthn.add(account, name, credential)
        tell_of_change(account, "passkey_added")
        return _first_codes(account)


def _first_codes(account: User) -> bool:
    if Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).exists():
        return False
    RecoveryCodes.activate(account)
    return True


def rename_passkey(*, by: User, factor: Authenticator, name: str) -> Authenticator:
    """Call a passkey of one's own something else. Raises NotYours."""
    with transaction.atomic():
        _lock_account(by)
        held = Authenticator.objects.get(pk=factor.pk, user=by, type=Authenticator.Type.WEBAUTHN)
        held.data["name"] = name
        held.save(update_fields=["data"])
    return held


def remove_factor(*, by: User, factor: Authenticator) -> None:
    """Remove an app or a passkey of one's own, and the recovery codes with the last of them.

    Raises NotYours, NotNow when it is the last one and a centre asks for one.
    """
    with transaction.atomic():
        account = _lock_account(by)
        may.can_remove_factor(account, factor).require()
        factor.delete()
        if not factors_of(account).exists():
            Authenticator.objects.filter(user=account).delete()
        passkey = factor.type == Authenticator.Type.WEBAUTHN
        tell_of_change(account, "passkey_removed" if passkey else "totp_removed")


def renew_recovery_codes(*, by: User) -> None:
    """Make new recovery codes; the earlier ones end. Raises NotNow without an app or a passkey."""
    with transaction.atomic():
        account = _lock_account(by)
        may.can_have_recovery_codes(account).require()
        Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).delete()
        RecoveryCodes.activate(account)
        tell_of_change(account, "codes_renewed")


def end_session(*, by: User, uid: uuid.UUID, but: str | None) -> bool:
    """Sign one device of one's own out, never the one that asks (its key is `but`); whether it was signed in."""
    return bool(Session.objects.filter(user=by, uid=uid).exclude(pk=but).delete()[0])


def end_other_sessions(*, by: User, but: str | None = None) -> int:
    """Sign every device of `by` out, except the one whose key is `but`; how many there were."""
    return Session.objects.filter(user=by).exclude(pk=but or "").delete()[0]


@verb(returns=Centre)
def set_second_step(*, by: User, centre: Centre, second_step: str, seen: str, key: uuid.UUID | None = None) -> Centre:
    """Say of whom the centre asks a second step; `seen` is the rule that the form showed.

    Raises NotYours, NotNow when that is the rule already, Stale when somebody changed it meanwhile.
    """
    centre = lock(centre)
    verdict = may.can_set_second_step(by, centre).require()
    if centre.second_step == second_step:
        raise NotNow("That is the rule already. Nothing was changed.")
    if centre.second_step != seen:
        rule = dict(SECOND_STEP)[centre.second_step]
        raise Stale(f"Somebody changed this while you were reading. The rule is now: {rule}.")
    before, centre.second_step = centre.second_step, second_step
    centre.save(update_fields=["second_step"])
    append(
        centre.uid,
        Act(
            verb="set_second_step",
            by=by.uid,
            role=verdict.role,
            result=centre.uid,
            states={"second_step": (before, second_step)},
        ),
    )
    return centre


@verb(returns=Membership)
def reset_second_step(*, by: User, membership: Membership, key: uuid.UUID | None = None) -> Membership:
    """Vouch for a member who lost their device: they get a letter whose link, with their password, removes it.

    Raises NotYours, NotNow (has left, is oneself, has not signed in here yet, or has no second step).
    """
    centre = lock(membership.centre)
    membership = Membership.objects.select_related("centre", "user").get(pk=membership.pk)
    verdict = may.can_reset_second_step(by, membership).require()
    append(
        centre.uid,
        Act(verb=lost_device.VOUCHED, by=by.uid, role=verdict.role, about=membership.uid, result=membership.uid),
    )
    tell_of_reset(membership)
    return membership


def remove_lost(*, token: str) -> User:
    """Remove everything of the second step that `token` names, and sign every device out. The password was proved.

    Raises NotNow when the link is spent, or when another centre that asks for a second step has not vouched yet.
    """
    with transaction.atomic():
        account = lost_device.account_for(token, lock=True)
        if account is None:
            raise NotNow(SPENT)
        forget()
        if lost_device.still_to_vouch(account):
            raise NotNow("Another of your centres has to vouch for you first.")
        _take_off(account)
    return account


def _take_off(account: User) -> None:
    Authenticator.objects.filter(user=account).delete()
    end_other_sessions(by=account)
    tell_of_change(account, "lost_removed")


def remove_second_step(*, account: User) -> User:
    """Remove the whole second step of `account`: for whoever runs the house, when no administrator can help.

    Asked from the command line, so there is no permission to ask. Raises NotNow when there is none.
    """
    with transaction.atomic():
        account = _lock_account(account)
        if not factors_of(account).exists():
            raise NotNow(f"{account.email} has no second step.")
        _take_off(account)
        open_chain(HOUSE)
        append(HOUSE, Act(verb="remove_second_step", by=None, about=account.uid))
    return account
