"""How allauth behaves here: accounts are made by centres, and nobody learns from us which addresses have one."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from courseware.kit import clock

from .confirming import confirm
from .models import User
from .notices_security import tell_of_change
from .proving import forget_wrong_codes
from .workflow import accept_invitations
from .workflow.security import end_other_sessions


def _failures_key(request: HttpRequest) -> str:
    """Where the failed tries of this minute from this network address are counted."""
    return f"people.sign-in-failures:{get_ip(request)}:{int(clock.now().timestamp()) // 60}"


class AccountAdapter(DefaultAccountAdapter):
    """Closed sign-up, redirects inside the house only, and our words."""

    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "E-mail address and password do not belong together. Check both and try again.",
        "too_many_login_attempts": "Too many tries. Wait five minutes, or set a new password by e-mail.",
        "enter_current_password": "Write the password that you use now.",
        "invalid_password_reset": "This link has been used, or is too old.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for themselves; the page says who does."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Only paths of this house are followed after sign-in: no other host, even one that we answer to."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse before the password is looked at: after many failures from one network address, or of one account.

        The account's are allauth's to count. Those of an address are counted here, when they fail and only then,
        because allauth takes a lock per address for every try, and a class that signs in together queues there until
        half of it is turned away.
        """
        self.refuse_after_failures(request)
        super().pre_authenticate(request, **credentials)

    def refuse_after_failures(self, request: HttpRequest) -> None:
        """Raise ValidationError after many failures from this network address."""
        if cache.get(_failures_key(request), 0) >= settings.SIGN_IN_FAILURES_A_MINUTE:
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Count it. Two failures at the same instant may count as one: this is the coarse fence, not the fine one."""
        key = _failures_key(request)
        cache.set(key, cache.get(key, 0) + 1, timeout=120)

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, however it was proved who it is; by it everything is accepted that they are invited to.

        Whoever just did need not prove it again for what is sensitive.
        """
        super().login(request, user)
        accept_invitations(user)
        confirm(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where the change was begun."""
        return reverse("profile")

    def set_password(self, user: User, password: str) -> None:
        """Keep a new password, and sign every other device out.

        Whoever proved the mailbox is no longer held up by somebody else's wrong tries.
        """
        user.set_password(password)
        user.save(update_fields=["password"])
        mine = self.request.user.is_authenticated and self.request.user.pk == user.pk
        end_other_sessions(by=user, but=self.request.session.session_key if mine else None)
        tell_of_change(user, "password_changed")
        forget_wrong_codes(user)
        self._delete_login_attempts_cached_email(self.request, email=user.email)
