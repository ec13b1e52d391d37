"""Addresses about people and accounts.

Of allauth only what is used is mounted, under our own addresses and its own names, which it asks for itself.
"""

from __future__ import annotations

from allauth.account import views as allauth_views
from django.urls import URLPattern, path, re_path

from .views import accounts, centre_security, entrance, gallery, invitations, members, roles, security

urlpatterns: list[URLPattern] = [
    path("sign-in/", allauth_views.login, name="account_login"),
    path("sign-in/second-step/", entrance.second_step, name="mfa_authenticate"),
    path("sign-in/passkey/", entrance.passkey_sign_in, name="account_passkey"),
    path("sign-in/lost-device/<str:token>/", entrance.second_step_lost, name="account_second_step_lost"),
    path("confirm/", entrance.confirm_it_is_you, name="account_reauthenticate"),
    path("sign-out/", allauth_views.logout, name="account_logout"),
    path("sign-up/", allauth_views.signup, name="account_signup"),
    path("account-inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("password/forgotten/", allauth_views.password_reset, name="account_reset_password"),
    path("password/forgotten/sent/", allauth_views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/new/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("password/change/", allauth_views.password_change, name="account_change_password"),
    path("password/set/", security.password_set, name="account_set_password"),
    path("welcome/<str:token>/", accounts.welcome, name="welcome"),
    path("profile/", accounts.profile, name="profile"),
    path("profile/keys/", accounts.profile_set_keys, name="profile-set-keys"),
    path("profile/theme/", accounts.profile_set_theme, name="profile-set-theme"),
    path("profile/security/", security.security, name="security"),
    path("profile/security/app/", security.totp_add, name="totp-add"),
    path("profile/security/passkey/", security.passkey_add, name="passkey-add"),
    path("profile/security/passkey/<int:pk>/", security.passkey_rename, name="passkey-rename"),
    path("profile/security/recovery-codes/", security.recovery_codes, name="recovery-codes"),
    path("profile/security/<int:pk>/remove/", security.factor_remove, name="factor-remove"),
    path("profile/security/devices/<uuid:uid>/end/", security.session_end, name="session-end"),
    path("profile/security/devices/end/", security.sessions_end, name="sessions-end"),
    path("centre-switch/", accounts.centre_switch, name="centre-switch"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("centre/people/", members.member_list, name="member-list"),
    path("centre/people/add/", members.member_add, name="member-add"),
    path("centre/people/<uuid:uid>/", members.member_page, name="member-page"),
    path("centre/people/<uuid:uid>/rename/", members.member_rename, name="member-rename"),
    path("centre/people/<uuid:uid>/roles/grant/", roles.member_grant_role, name="member-grant-role"),
    path("centre/people/<uuid:uid>/roles/<uuid:grant>/end/", roles.member_end_role, name="member-end-role"),
    path("centre/people/<uuid:uid>/author/", roles.member_set_author, name="member-set-author"),
    path("centre/people/<uuid:uid>/trainee/", roles.member_set_trainee, name="member-set-trainee"),
    path("centre/people/<uuid:uid>/roles/<uuid:grant>/until/", roles.member_role_until, name="member-role-until"),
    path("centre/people/<uuid:uid>/uln/", members.member_set_uln, name="member-set-uln"),
    path("centre/people/<uuid:uid>/invite/", invitations.member_invite, name="member-invite"),
    path("centre/people/<uuid:uid>/invitation/withdraw/", invitations.invitation_withdraw, name="invitation-withdraw"),
    path("centre/security/", centre_security.centre_security, name="centre-security"),
    path("centre/people/<uuid:uid>/second-step/", centre_security.second_step_reset, name="second-step-reset"),
    path("centre/people/<uuid:uid>/end/", members.member_end, name="member-end"),
]
