"""How evidence came about: said while nothing was handed in, a testimony with its witness, names in no entry."""

from __future__ import annotations

import json

import pytest

from assessment.models import EVIDENCE_METHODS, EvidenceItem
from assessment.workflow import evidence, methods
from courseware.kit.verdict import NotNow, NotYours
from courseware.ledger.models import LedgerEntry
from tests import make

pytestmark = pytest.mark.django_db
WHO, HOW = "Wanda Witness", "Line manager at the shop"


def of(item: EvidenceItem) -> tuple[str, str, str]:
    item.refresh_from_db()
    return item.method, item.witness, item.witness_relation


def added(unit, **more) -> EvidenceItem:
    learner = unit.learner.user
    kept = evidence.keep_text(learner, unit, "What I saw.")
    return evidence.add_evidence(by=learner, learner_unit=unit, title="Seen", kept=kept, **more)


@pytest.mark.parametrize("method", [key for key, _ in EVIDENCE_METHODS if key != "testimony"])
def test_every_method_is_kept_with_the_item_and_in_the_record_and_only_a_testimony_has_a_witness(method) -> None:
    unit = make.learner_unit()
    item = added(unit, method=method, witness=WHO, witness_relation=HOW)
    assert of(item) == (method, "", "")
    assert json.loads(LedgerEntry.objects.get(verb="add_evidence").text)["notes"] == {"number": 1, "method": method}


def test_what_nobody_says_is_a_product_of_work() -> None:
    assert of(added(make.learner_unit())) == ("product", "", "")


def test_a_testimony_names_its_witness_and_no_entry_does() -> None:
    unit = make.learner_unit()
    item = added(unit, method="testimony", witness=f"  {WHO}\u200b", witness_relation=HOW + "\x00" + "!" * 200)
    assert of(item) == ("testimony", WHO, (HOW + "!" * 200)[:120])
    methods.change_method(by=unit.learner.user, item=item, method="testimony", witness=WHO, witness_relation=HOW)
    assert not [row.text for row in LedgerEntry.objects.order_by("pk") if "Wanda" in row.text or "manager" in row.text]


@pytest.mark.parametrize(
    ("method", "witness", "relation", "says"),
    [
        ("hearsay", WHO, HOW, "Choose how"),
        ("", WHO, HOW, "Choose how"),
        ("testimony", " \u200b ", HOW, "who the witness is"),
        ("testimony", WHO, "\x00", "who the witness is"),
    ],
)
def test_what_is_not_a_method_is_refused_and_nothing_changes(method, witness, relation, says) -> None:
    unit = make.learner_unit()
    item = added(unit, method="account")
    entries = LedgerEntry.objects.count()
    sent = {"method": method, "witness": witness, "witness_relation": relation}
    with pytest.raises(NotNow, match=says):
        methods.change_method(by=unit.learner.user, item=item, **sent)
    with pytest.raises(NotNow, match=says):
        added(unit, **sent)
    assert (of(item), EvidenceItem.objects.count()) == (("account", "", ""), 1)
    assert LedgerEntry.objects.count() == entries


def test_only_the_learner_says_it_and_only_while_nothing_was_handed_in() -> None:
    unit = make.learner_unit()
    item = added(unit)
    tutor = make.staff(unit.cohort, "tutor").user
    with pytest.raises(NotYours):
        methods.change_method(by=tutor, item=item, method="account")
    changed = methods.change_method(by=unit.learner.user, item=item, method="discussion")
    assert (changed.pk, of(item)) == (item.pk, ("discussion", "", ""))
    version = make.mapped(unit, make.criteria(unit)[0], item=item)
    draft = make.draft(unit, make.criteria(unit)[0], version=version)
    make.submissions.submit(by=unit.learner.user, submission=draft, declared=True, others="none", ai_used=False)
    with pytest.raises(NotNow, match="stays as it is"):
        methods.change_method(by=unit.learner.user, item=item, method="account")
    assert of(item) == ("discussion", "", "")
