"""Forms about people and accounts: is the input well formed? Whether it is allowed, the verbs ask."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from allauth.account import forms as allauth_forms
from django import forms

from courseware.kit.forms import PlainForm

from .models import ROLES, Membership, User
from .names import LONGEST, clean_email, clean_name
from .uln import clean_uln

# -- Accounts ----------------------------------------------------------------------------------------------------------


HINT = "At least ten characters. A few words that only you would put together are best."


def _plain(form: forms.Form, labels: dict[str, str]) -> None:
    """Our labels, no placeholders, no links in hints."""
    for name, label in labels.items():
        if name in form.fields:
            form.fields[name].label = label
            form.fields[name].widget.attrs.pop("placeholder", None)
            form.fields[name].help_text = ""
    if "password1" in form.fields:
        form.fields["password1"].help_text = HINT


class SignInForm(allauth_forms.LoginForm):
    """E-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(
            self,
            {"login": "E-mail address", "password": "Password", "remember": "Keep me signed in on this device"},
        )
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "spellcheck": "false"}


class ForgottenPasswordForm(allauth_forms.ResetPasswordForm):
    """The address to which a link is sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"email": "E-mail address"})


class NewPasswordForm(allauth_forms.ResetPasswordKeyForm):
    """A new password, after the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"password1": "New password", "password2": "The same password again"})


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    """The password in use, and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(
            self,
            {
                "oldpassword": "Password you use now",
                "password1": "New password",
                "password2": "The same password again",
            },
        )


class SetPasswordForm(allauth_forms.SetPasswordForm):
    """A first password for somebody who is signed in without one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"password1": "Password", "password2": "The same password again"})


class FirstPasswordForm(forms.Form):
    """The first password of an invited person, twice."""

    use_required_attribute = False

    password1 = forms.CharField(
        label="Password", strip=False, max_length=1000, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
    password2 = forms.CharField(
        label="The same password again",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = HINT

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        cleaned = super().clean() or {}
        if "password1" in cleaned and "password2" in cleaned and cleaned["password1"] != cleaned["password2"]:
            self.add_error("password2", "The two passwords differ. Write the same one twice.")
        return cleaned


class SetThemeForm(PlainForm):
    """Light, dark, or as the device says (kept as an empty word, sent as "device")."""

    theme = forms.ChoiceField(
        label="Appearance",
        choices=[(key or "device", label) for key, label in User.THEMES],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an appearance."},
    )

    def clean_theme(self) -> str:
        """The theme as it is kept."""
        chosen: str = self.cleaned_data["theme"]
        return "" if chosen == "device" else chosen


class SingleKeysForm(PlainForm):
    """Whether single keys act."""

    single_keys = forms.ChoiceField(
        label="Single-key shortcuts",
        choices=[("on", "On"), ("off", "Off")],
        widget=forms.RadioSelect,
        help_text="Keys such as m or j act on desks and in the review, / goes to the search. They rest while you type.",
        error_messages={"required": "Choose whether single keys act."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].required = False  # the switch beside the shortcuts has none; twice the same is the same


# -- Members -----------------------------------------------------------------------------------------------------------


class NameField(forms.CharField):
    """The name by which a centre knows somebody."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Name")
        kwargs.setdefault("error_messages", {"required": "Write a name."})
        super().__init__(max_length=LONGEST, **kwargs)

    def clean(self, value: Any) -> str:
        """The name as it is kept."""
        return clean_name(super().clean(value))


class AddressField(forms.CharField):
    """An e-mail address, kept in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "E-mail address")
        kwargs.setdefault("error_messages", {"required": "Write an e-mail address, like name@example.org."})
        kwargs.setdefault("widget", forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}))
        super().__init__(max_length=254, **kwargs)

    def clean(self, value: Any) -> str:
        """The address as it is kept."""
        return clean_email(super().clean(value))


class UlnField(forms.CharField):
    """A Unique Learner Number, kept without spaces; empty where there is none."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Unique Learner Number (ULN)")
        kwargs.setdefault("help_text", "Ten digits, from the Learning Records Service. Empty removes it.")
        kwargs.setdefault(
            "widget", forms.TextInput({"class": "control--short", "inputmode": "numeric", "autocomplete": "off"})
        )
        super().__init__(max_length=40, required=False, **kwargs)

    def clean(self, value: Any) -> str:
        """The number as it is kept."""
        return clean_uln(super().clean(value))


class MemberChoice(forms.ModelChoiceField):
    """One of the memberships offered, by uid."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"invalid_choice": "Choose one of the qualified tutors."})
        super().__init__(queryset=Membership.objects.none(), to_field_name="uid", **kwargs)

    def to_python(self, value: Any) -> Membership | None:
        """The membership with this uid; what is no uid at all is no valid choice either."""
        if value not in self.empty_values:
            try:
                uuid.UUID(str(value))
            except ValueError:
                raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from None
        return super().to_python(value)


class AddMemberForm(PlainForm):
    """Somebody new, or somebody who comes back."""

    name = NameField(help_text="As it is to stand on records and certificates.")
    email = AddressField(help_text="A link to set a password is sent there.")
    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=ROLES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one role."},
    )
    trainee = forms.BooleanField(
        label="Trainee tutor", required=False, help_text="Every Met of a trainee is countersigned before it counts."
    )
    countersigner = MemberChoice(
        label="Countersigner", required=False, empty_label="Any qualified tutor of the learner"
    )

    def __init__(self, *args: Any, tutors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["countersigner"].queryset = tutors  # type: ignore[attr-defined]  # a MemberChoice


class RenameMemberForm(PlainForm):
    """The name by which the centre knows this person."""

    name = NameField()


class DayField(forms.DateField):
    """A day in the centre's zone."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput({"type": "date", "class": "control--short"}, format="%Y-%m-%d"))
        kwargs.setdefault("error_messages", {"invalid": "Write a day, like 2026-11-30."})
        super().__init__(required=False, **kwargs)


class GrantRoleForm(PlainForm):
    """One more role, from and until."""

    role = forms.ChoiceField(label="One more role", error_messages={"required": "Choose a role."})
    starts_on = DayField(label="First day", help_text="Leave it empty to give the role at once.")
    ends_on = DayField(label="Last day", help_text="Leave it empty when no end is planned.")

    def __init__(self, *args: Any, roles: Iterable[tuple[str, str]] = ROLES, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", "Choose a role"), *roles]  # type: ignore[attr-defined]  # a ChoiceField


class PlanEndForm(PlainForm):
    """With which day a role ends."""

    ends_on = DayField(label="Last day", help_text="The role counts on that day still. Leave it empty for no end.")


class SetUlnForm(PlainForm):
    """A learner's Unique Learner Number."""

    uln = UlnField()


class SetTraineeForm(PlainForm):
    """Whether a tutor is a trainee, and who countersigns."""

    trainee = forms.BooleanField(
        label="Trainee tutor", required=False, help_text="Every Met of a trainee is countersigned before it counts."
    )
    countersigner = MemberChoice(
        label="Countersigner", required=False, empty_label="Any qualified tutor of the learner"
    )

    def __init__(self, *args: Any, tutors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["countersigner"].queryset = tutors  # type: ignore[attr-defined]  # a MemberChoice


class SetAuthorForm(PlainForm):
    """Whether a tutor writes units."""

    author = forms.BooleanField(
        label="Writes units", required=False, help_text="Edits lessons and specifications, and publishes editions."
    )


class KeyForm(PlainForm):
    """A button and nothing else: only the one-time key."""
