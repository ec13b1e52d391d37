"""How allauth behaves here: accounts are made by centres, and nobody learns from us which addresses have one."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from .models import User


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

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where the change was begun."""
        return reverse("profile")

    def set_password(self, user: User, password: str) -> None:
        """Keep a new password; whoever proved the mailbox is no longer held up by somebody else's wrong tries."""
        user.set_password(password)
        user.save(update_fields=["password"])
        self._delete_login_attempts_cached_email(self.request, email=user.email)
