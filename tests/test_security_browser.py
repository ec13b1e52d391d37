"""Passkeys and apps in a real browser: made, used to sign in, renamed, removed; every page looked at by axe."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser

from courseware.people.models import User

from .browser import Looked, Person, chromium, person
from .people_builders import PASSWORD, administrator_of, make_centre, make_user
from .security_builders import SECRET, code_of, has_signed_in, with_totp

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["chromium"]


@pytest.fixture(autouse=True)
def _plain(settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    cache.clear()


def give_a_device(somebody: Person) -> None:
    """A fingerprint reader that says yes."""
    talk = somebody.page.context.new_cdp_session(somebody.page)
    talk.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    asked = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    talk.send("WebAuthn.addVirtualAuthenticator", {"options": options | asked})


def give_password(somebody: Person, user: User) -> None:
    somebody.go("/sign-in/")
    somebody.fill("E-mail address", user.email)
    somebody.page.locator("main input[type=password]").fill(PASSWORD)
    somebody.press("Sign in")


def sign_out(somebody: Person) -> None:
    somebody.go("/sign-out/")
    somebody.press("Sign out")


def test_a_passkey_is_made_named_used_twice_over_and_removed(
    chromium: Browser, live_server: Any, settings: Any
) -> None:
    looked = Looked({"today"})
    maya = make_user(make_centre(), "learner", email="maya@example.org")
    she = person(chromium, str(live_server.url), looked)
    give_a_device(she)
    give_password(she, maya)
    she.go("/profile/security/")
    she.press("Add a passkey")
    she.fill("Name", "My phone")
    she.press("Add a passkey")
    she.says("My phone is added")
    she.says("They are shown this once")
    she.press("I have kept them")
    she.says("My phone (passkey)")
    she.says("Ten recovery codes left")
    sign_out(she)

    she.go("/sign-in/")
    she.press("Sign in with a passkey")  # alone
    she.go("/profile/security/")
    she.says("Sign-in and security")
    sign_out(she)

    give_password(she, maya)  # and as the second step
    she.says("Second step")
    she.press("Use your passkey")
    she.go("/profile/security/")
    settings.CONFIRMED_FOR = -1
    she.go("/profile/security/")
    with she.page.expect_navigation():
        she.page.get_by_role("link", name="Rename My phone").click()
    she.look()
    she.says("Confirm that it is you")
    settings.CONFIRMED_FOR = 600
    she.press("Use your passkey")
    she.says("Rename My phone")
    she.fill("Name", "Old phone")
    she.press("Change the name")
    she.says("Old phone (passkey)")
    with she.page.expect_navigation():
        she.page.get_by_role("link", name="Remove Old phone").click()
    she.look()
    she.press("Remove Old phone")
    she.says("Old phone is removed.")
    assert looked.faults == []


def test_the_pages_of_an_app_and_of_a_centre_are_sound_and_work_without_scripts(
    chromium: Browser, live_server: Any
) -> None:
    looked = Looked({"today"})
    centre = make_centre("Calder Vale")
    admin, tess = administrator_of(centre), make_user(centre, "tutor", name="Tess Okoro")
    has_signed_in(with_totp(tess))
    boss = person(chromium, str(live_server.url), looked)
    give_password(boss, admin)
    boss.go("/profile/security/app/")
    boss.go("/profile/security/recovery-codes/")
    boss.go("/centre/security/?show=all")
    boss.page.locator("main").get_by_role("link", name="Lost device of Tess Okoro").click()
    boss.look()
    boss.says("Lost device of Tess Okoro")
    assert looked.faults == []

    plain = person(chromium, str(live_server.url), Looked({"*"}), java_script_enabled=False)
    give_password(plain, tess)
    plain.says("Second step")
    plain.fill("Code", code_of(SECRET))
    plain.press("Sign in with this code")
    plain.go("/profile/security/passkey/")
    plain.says("Set up an authenticator app instead")
    assert not plain.page.get_by_role("button", name="Add a passkey").is_visible()
