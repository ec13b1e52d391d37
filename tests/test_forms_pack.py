"""Forms in our look: labels, hints and faults where hand and ear find them, a one-time key, and text without tricks."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from crispy_forms.layout import Div, Fieldset, Submit
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.utils.datastructures import MultiValueDict

from courseware.kit.forms import ManyFilesField, PlainForm, PlainModelForm, bare, helper
from courseware.people.models import Centre
from tests.kit_pages import EvidenceForm, flat

KEY = "6f0e2b6e-6b0c-4b7f-8a51-0d8a2cf8a6a4"
SENT = {"name": "Map", "kind": "a", "own": "on", "decision": "met", "key": KEY}


def render(template: str, **context: Any) -> str:
    return flat(Template("{% load kit crispy_forms_tags %}" + template).render(Context(context)))


# -- The base of every form --------------------------------------------------------------------------------------------


def test_every_form_shown_has_a_key_of_its_own() -> None:
    first, second = EvidenceForm()["key"].value(), EvidenceForm()["key"].value()
    assert uuid.UUID(first).version == uuid.UUID(second).version == 4
    assert first != second


def test_the_key_stays_when_the_form_comes_back() -> None:
    assert KEY in str(EvidenceForm({"key": KEY})["key"])


def test_once_is_the_key_of_a_valid_form() -> None:
    form = EvidenceForm(SENT)
    assert form.is_valid()
    assert form.once == uuid.UUID(KEY)


@pytest.mark.parametrize("key", ["", "not-a-key"])
def test_a_form_without_a_good_key_is_refused(key: str) -> None:
    assert not EvidenceForm({**SENT, "key": key}).is_valid()


@pytest.mark.parametrize(
    "nothing", ["", "  ", "\u00a0", "\u200b", "\u2060\ufeff", "\u3164", "\u2003\u200d\n", "\u00ad"]
)
def test_text_of_nothing_visible_counts_as_missing(nothing: str) -> None:
    form = EvidenceForm({**SENT, "name": nothing})
    assert form.errors == {"name": ["Fill in “Name of this evidence”"]}


def test_edges_are_cut_and_the_middle_is_left_alone() -> None:
    assert bare("\u200b  one\r\ntwo \u200d three\u00a0\r\n") == "one\ntwo \u200d three"
    form = EvidenceForm({**SENT, "name": "\u200bMap\u200b", "how": " \u200b "})
    assert form.is_valid()
    assert (form.cleaned_data["name"], form.cleaned_data["how"]) == ("Map", "")


def test_a_nul_byte_is_refused() -> None:
    assert "name" in EvidenceForm({**SENT, "name": "Ma\x00p"}).errors


def test_text_that_its_field_keeps_as_it_is_stays_so() -> None:
    class Verbatim(PlainForm):
        text = forms.CharField(strip=False)

    form = Verbatim({"text": " as it is ", "key": KEY})
    assert form.is_valid()
    assert form.cleaned_data["text"] == " as it is "


def test_a_missing_field_is_named_by_its_label_unless_the_form_says_better() -> None:
    class Needed(PlainForm):
        text = forms.CharField(label="What did you do?")
        plain = forms.CharField()
        choice = forms.ChoiceField(label="Kind", choices=[("a", "A")])
        file = forms.FileField(label="Recording")
        own = forms.BooleanField(label="It is mine")
        said = forms.CharField(error_messages={"required": "Say what is missing"})

    assert {name: errors[0] for name, errors in Needed({"key": KEY}).errors.items()} == {
        "text": "Fill in “What did you do”",
        "plain": "Fill in “Plain”",
        "choice": "Choose an answer for “Kind”",
        "file": "Choose a file for “Recording”",
        "own": "Tick “It is mine”",
        "said": "Say what is missing",
    }


def test_a_form_made_from_a_model_has_the_same_base() -> None:
    class CentreForm(PlainModelForm):
        class Meta:
            model = Centre
            fields = ("name",)

    assert "key" in CentreForm().fields
    assert CentreForm.use_required_attribute is False


def test_several_files_come_as_a_list() -> None:
    one, two = SimpleUploadedFile("a.txt", b"a"), SimpleUploadedFile("b.txt", b"b")
    form = EvidenceForm(SENT, MultiValueDict({"files": [one, two]}))
    assert form.is_valid()
    assert [file.name for file in form.cleaned_data["files"]] == ["a.txt", "b.txt"]


def test_no_file_is_an_empty_list_or_a_fault() -> None:
    assert ManyFilesField(required=False).clean([]) == []
    with pytest.raises(forms.ValidationError):
        ManyFilesField().clean([])


# -- The look ----------------------------------------------------------------------------------------------------------


def test_label_hint_fault_and_control_come_in_that_order_and_name_each_other() -> None:
    shown = render("{% field form.name %}", form=EvidenceForm({**SENT, "name": ""}))
    places = [shown.index(part) for part in ("<label for=", "_helptext", "_error", "<input")]
    assert places == sorted(places)
    assert 'aria-describedby="id_name_helptext id_name_error"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'class="control"' in shown


def test_optional_is_a_word_and_needed_is_nothing() -> None:
    assert '<span class="optional">(optional)</span>' in render("{% field form.how %}", form=EvidenceForm())
    shown = render("{% field form.name %}", form=EvidenceForm())
    assert "(optional)" not in shown
    assert "*" not in shown
    assert "required" not in shown


def test_radios_and_boxes_are_groups_with_a_legend() -> None:
    for name in ("kind", "criteria"):
        shown = render("{% field bound %}", bound=EvidenceForm()[name])
        assert "<fieldset" in shown
        assert "<legend>" in shown
        assert shown.count('<div class="choice">') == 2
    assert "(optional)" in render("{% field form.criteria %}", form=EvidenceForm())


def test_a_group_names_its_fault() -> None:
    shown = render("{% field form.kind %}", form=EvidenceForm({"key": KEY}))
    assert 'aria-describedby="id_kind_error"' in shown


def test_one_box_stands_before_its_sentence() -> None:
    shown = render("{% field form.own %}", form=EvidenceForm())
    assert shown.index('type="checkbox"') < shown.index("<label")


def test_fields_brings_the_hidden_ones_along() -> None:
    some = render('{% fields form "name" %}', form=EvidenceForm())
    assert 'name="key"' in some
    assert 'name="how"' not in some
    assert 'name="how"' in render("{% fields form %}", form=EvidenceForm())


def test_a_hidden_field_is_shown_without_a_label() -> None:
    assert "<label" not in render("{% field form.key %}", form=EvidenceForm())


def test_the_summary_links_every_fault_to_its_control_and_takes_focus() -> None:
    shown = render("{% error_summary form %}", form=EvidenceForm({"key": KEY}))
    assert "Four things to put right" in shown
    assert '<a href="#id_name">Fill in “Name of this evidence”</a>' in shown
    assert '<a href="#id_kind_0">' in shown
    assert '<a href="#id_own">' in shown
    assert 'tabindex="-1" autofocus' in shown


def test_the_summary_holds_faults_of_no_field_and_of_several_forms() -> None:
    form = EvidenceForm(SENT)
    form.add_error(None, "These two do not belong together")
    shown = render(
        "{% error_summary form other missing %}", form=form, other=EvidenceForm({**SENT, "key": ""}), missing=None
    )
    assert "<li>These two do not belong together</li>" in shown
    assert "Two things to put right" in shown
    assert 'href="#id_key"' not in shown


def test_a_form_without_faults_has_no_summary() -> None:
    assert render("{% error_summary form %}", form=EvidenceForm(SENT)) == ""
    assert render("{% error_summary form %}", form=EvidenceForm()) == ""


# -- Crispy ------------------------------------------------------------------------------------------------------------


def test_crispy_shows_the_same_fields_without_a_form_tag() -> None:
    for template in ("{% crispy form %}", "{{ form|crispy }}"):
        shown = render(template, form=EvidenceForm())
        assert "<form" not in shown
        assert 'name="key"' in shown
        assert '<label for="id_name">' in shown


def test_crispy_layouts_group_fields_and_keep_the_hidden_key() -> None:
    form = EvidenceForm()
    form.helper = helper(Fieldset("Declaration", "own", css_class="x"), Div("name", css_id="d"))
    shown = render("{% crispy form %}", form=form)
    assert '<legend class="label">Declaration</legend>' in shown
    assert '<div id="d"' in shown
    assert 'name="key"' in shown
    assert 'name="how"' not in shown


def test_a_helper_may_ask_for_the_form_tag_and_a_button() -> None:
    form = EvidenceForm()
    form.helper.form_tag = True
    form.helper.disable_csrf = False
    form.helper.add_input(Submit("go", "Submit for marking"))
    shown = render("{% crispy form %}", form=form, csrf_token="t")
    assert shown.strip().startswith("<form")
    assert "csrfmiddlewaretoken" in shown
    assert 'class="btn btn--primary"' in shown


def test_faults_and_fields_have_crispy_filters_too() -> None:
    form = EvidenceForm({"key": KEY})
    assert "Four things to put right" in render("{{ form|as_crispy_errors }}", form=form)
    assert '<label for="id_name">' in render("{{ form.name|as_crispy_field }}", form=form)


def test_a_formset_shows_its_forms_and_its_faults() -> None:
    rows = forms.formset_factory(EvidenceForm, extra=2)
    assert render("{{ rows|crispy }}", rows=rows()).count("Name of this evidence") == 2
    assert 'class="errors"' in render("{{ rows|as_crispy_errors }}", rows=rows({"x": "1"}))
