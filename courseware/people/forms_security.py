"""Forms about signing in: is the input well formed? Whether it proves anything, `proving` knows."""

from __future__ import annotations

from typing import Any

from django import forms

from courseware.kit.forms import PlainForm

from .models import SECOND_STEP


def _code_box() -> forms.TextInput:
    return forms.TextInput(
        {"autocomplete": "one-time-code", "inputmode": "text", "spellcheck": "false", "autocapitalize": "off"}
    )


class CodeForm(PlainForm):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        widget=_code_box(),
        help_text="Six figures from your authenticator app, or one of your recovery codes.",
        error_messages={"required": "Write the code that the app shows."},
    )


class AddTotpForm(PlainForm):
    """The first code of a new app; `setup` holds its secret, signed."""

    setup = forms.CharField(widget=forms.HiddenInput, max_length=500)
    code = forms.CharField(
        label="Code that the app shows",
        max_length=20,
        widget=_code_box(),
        error_messages={"required": "Write the six figures that the app shows."},
    )


class PasskeyNameForm(PlainForm):
    """What a person calls a passkey."""

    name = forms.CharField(
        label="Name",
        max_length=60,
        help_text="So that you know it again, like “My phone”.",
        error_messages={"required": "Write a name for it."},
    )


class AddPasskeyForm(PasskeyNameForm):
    """A name, and what the device answered."""

    credential = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20_000)


class PasskeyForm(forms.Form):
    """What a passkey answered."""

    credential = forms.CharField(widget=forms.HiddenInput, max_length=20_000, label="Passkey")


class PasswordAgainForm(PlainForm):
    """The password once more."""

    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": "Write your password."},
    )


class SetSecondStepForm(PlainForm):
    """Of whom the centre asks a second step; `seen` is the rule that the page showed."""

    second_step = forms.ChoiceField(
        label="Who needs a second step at sign-in",
        choices=SECOND_STEP,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose of whom a second step is asked."},
    )
    seen = forms.ChoiceField(choices=SECOND_STEP, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].error_messages["invalid_choice"] = "Open the page again."
