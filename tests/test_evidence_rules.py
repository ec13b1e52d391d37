"""What a centre takes is its administrator's to say, is recorded, and is nobody else's."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessment.models import EvidenceRules
from assessment.workflow.evidence_rules import rules_seen, set_evidence_rules
from courseware.kit import filekinds
from courseware.kit.verdict import NotNow, NotYours, Refused, Stale
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Centre
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member

pytestmark = pytest.mark.django_db
DEFAULTS = ";5000;0"


@pytest.fixture
def centre() -> Centre:
    return make_centre()


def test_the_rules_are_kept_and_recorded(centre: Centre) -> None:
    admin = administrator_of(centre)
    rules = {"not_taken": ["zip", "pptx", "unknown"], "quota_mb": 250, "varcs": True}
    set_evidence_rules(by=admin, centre=centre, seen=DEFAULTS, **rules)
    kept = EvidenceRules.objects.get(centre=centre)
    assert (kept.not_taken, kept.quota_mb, kept.varcs) == ("pptx\nzip", 250, True)
    assert rules_seen(kept) == "pptx,zip;250;1"
    told = json.loads(LedgerEntry.objects.order_by("-pk")[0].text)
    assert told["verb"] == "set_evidence_rules"
    assert told["notes"] == {"without_pptx": True, "without_zip": True, "quota_mb": 250, "varcs": True}
    set_evidence_rules(by=admin, centre=centre, not_taken=[], quota_mb=1, varcs=False, seen="pptx,zip;250;1")
    assert EvidenceRules.objects.get().not_taken == ""


def test_what_is_out_of_reason_seen_too_long_ago_or_not_theirs_changes_nothing(centre: Centre) -> None:
    admin, lead = administrator_of(centre), make_member(centre, "lead_iqa").user

    def refuses(kind: type[Refused], **more: Any) -> None:
        rules = {"by": admin, "not_taken": ["zip"], "quota_mb": 10, "varcs": True, "seen": DEFAULTS} | more
        entries = LedgerEntry.objects.count()
        with pytest.raises(kind):
            set_evidence_rules(centre=centre, **rules)
        assert not EvidenceRules.objects.exists()
        assert LedgerEntry.objects.count() == entries

    refuses(NotYours, by=lead)
    refuses(Stale, seen="zip;5000;0")
    refuses(NotNow, not_taken=list(filekinds.KINDS))
    refuses(NotNow, quota_mb=0)
    refuses(NotNow, quota_mb=1_000_001)


def test_the_page_shows_the_rules_and_keeps_them(centre: Centre, django_assert_num_queries: Any) -> None:
    client, address = Client(), reverse("evidence-rules", args=[centre.uid])
    client.force_login(make.fresh(administrator_of(centre)))
    with django_assert_num_queries(6):
        page = client.get(address).content.decode()
    assert page.count(" checked") == len(filekinds.KINDS)
    assert "No virus scanner is set up" in page
    sent = {"key": str(uuid.uuid4()), "seen": DEFAULTS, "taken": ["pdf"], "quota_mb": "20", "varcs": "on"}
    assert client.post(address, sent | {"taken": []}).status_code == 422
    assert client.post(address, sent | {"seen": "other"}).status_code == 409
    assert not EvidenceRules.objects.exists()
    answer = client.post(address, sent)
    assert (answer.status_code, answer["Location"]) == (303, reverse("member-list"))
    assert client.post(address, sent).status_code == 303, "a second click"
    assert "docx" in EvidenceRules.objects.get().not_taken
    assert reverse("evidence-rules", args=[centre.uid]) in client.get(reverse("member-list")).content.decode()


def test_another_centre_learns_nothing_of_it(centre: Centre) -> None:
    client = Client()
    client.force_login(make.fresh(administrator_of(make_centre())))
    assert client.get(reverse("evidence-rules", args=[centre.uid])).status_code == 404
