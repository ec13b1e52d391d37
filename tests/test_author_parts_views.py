"""The pages that put a criterion, an outcome or a glossary into a draft, and take a file out of it."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

import pytest
from django.test import Client

from content.authoring import structure, writing
from content.models import UnitDraft
from content.publishing import publish
from courseware.people.models import User
from tests.study_pages import client_of, cost_of, page_of

from .content_builders import HOUSE_412
from .content_builders import source_of as read_once
from .test_author_views import SCRIPT, by, centre, draft, fields
from .test_authoring_structure import FIRST, SECOND, SERVING, write

pytestmark = pytest.mark.django_db
__all__ = ["by", "centre", "draft"]


def post(client: Client, address: str, sent: dict[str, str], **options: bool) -> Any:
    return client.post(address, {"key": str(uuid.uuid4())} | sent, **options)


def text_of(page: bytes) -> str:
    return html.unescape(re.sub(r"\s+", " ", page.decode()))


def test_a_criterion_is_added_from_the_drafts_page_and_its_lesson_opens(by: User, draft: UnitDraft) -> None:
    client, address = client_of(by), f"/author/{draft.uid}/add/criterion/"
    assert f'href="{address}"' in page_of(by, f"/author/{draft.uid}/")
    page = client.get(address).content.decode()
    assert re.search(r'<option value="2.2"\s+selected>2.2, at the end of outcome 2</option>', page)
    answer = post(client, address, {"number": "1.2", "statement": "Compare two teas"}, follow=True)
    assert answer.redirect_chain == [(f"/author/{draft.uid}/edit/1/1.2-two-teas.md", 303)]
    assert "Lesson 1.2 is in the draft." in text_of(answer.content)
    # The same button again says what there is, and keeps what was typed.
    answer = post(client, address, {"number": "1.2", "statement": "Compare two teas"})
    assert answer.status_code == 409
    assert "Criterion 1.2 says this already." in text_of(answer.content)
    assert "Compare two teas</textarea>" in text_of(answer.content)
    for sent, says in (
        ({"number": "1.9", "statement": "Explain cups"}, structure.GONE),
        ({"number": "1.1", "statement": "  "}, "Fill in “What the criterion says”"),
        ({"number": "1.1", "statement": "x" * 501}, "at most 500 characters"),
    ):
        answer = post(client, address, sent)
        assert answer.status_code == 422
        assert says in text_of(answer.content)


def test_an_outcome_and_a_glossary_are_added(by: User, draft: UnitDraft) -> None:
    client, home = client_of(by), f"/author/{draft.uid}/"
    page = page_of(by, f"{home}add/outcome/")
    assert re.search(r'<option value="3"\s+selected>3, the last</option>', page)
    sent = {"statement": "Know cups", "criterion": "Describe three cups", "number": "3"}
    answer = post(client, f"{home}add/outcome/", sent)
    assert (answer.status_code, answer["Location"]) == (303, f"{home}edit/3/outcome.md")
    assert post(client, f"{home}add/outcome/", sent).status_code == 409
    assert "Begin a glossary" in page_of(by, home)
    answer = post(client, f"{home}add/glossary/", {"term": "Cup", "definition": "A vessel."})
    assert (answer.status_code, answer["Location"]) == (303, f"{home}edit/glossary.md")
    assert "Begin a glossary" not in page_of(by, home)
    assert "has a glossary already" in text_of(
        post(client, f"{home}add/glossary/", {"term": "Pot", "definition": "Round."}).content
    )


def test_what_a_removal_does_is_said_before_and_it_is_asked_for(by: User, draft: UnitDraft) -> None:
    client, home = client_of(by), f"/author/{draft.uid}/"
    write(by, draft, SERVING, "See [leaves](../1/1.1-leaves-and-water.md).")
    address = f"{home}remove/{FIRST}"
    assert f'href="{address}"' in page_of(by, f"{home}edit/{FIRST}")
    assert "/remove/" not in page_of(by, f"{home}edit/unit.md")
    answer = client.get(address)
    page = text_of(answer.content)
    assert "Remove criterion 1.1 and its lesson?" in page
    assert "Lesson 1.2 becomes Lesson 1.1" in page
    assert f'<a href="{home}edit/{SERVING}">Lesson 2.1</a>' in page
    assert draft.files.filter(path=FIRST).exists()
    seen = answer.context["form"].initial["seen"]

    write(by, draft, FIRST, "Somebody else’s words.")
    answer = post(client, address, {"seen": seen})
    assert answer.status_code == 409
    assert "Look at it again before you remove it." in text_of(answer.content)
    answer = post(client, address, {"seen": answer.context["form"].initial["seen"]}, follow=True)
    assert answer.redirect_chain == [(home, 303)]
    assert "Lesson 1.1 is removed from the draft." in text_of(answer.content)
    assert "there is no lesson" in text_of(answer.content)
    page = text_of(client.get(f"{home}remove/1/1.1-heat-and-time.md").content)
    assert "Lesson 1.1 cannot be removed" in page
    assert "Remove it" not in page
    assert post(client, f"{home}remove/1/1.1-heat-and-time.md", {"seen": "x"}).status_code == 409
    # The same button again, without a script: the draft, and a word.
    answer = client.post(address, {"seen": seen}, follow=True)
    assert answer.redirect_chain == [(home, 303)]
    assert "It is not in the draft any more." in text_of(answer.content)
    assert client.get(f"{home}remove/nothing.md").status_code == 404
    assert "Remove outcome 2 and its lessons?" in text_of(client.get(f"{home}remove/2/outcome.md").content)
    assert "Remove the file figures/pot.svg?" in text_of(client.get(f"{home}remove/figures/pot.svg").content)
    structure.add_glossary(by=by, draft=draft, term="Cup", definition="A vessel.")
    assert "Remove the glossary?" in text_of(client.get(f"{home}remove/glossary.md").content)


def test_an_open_editor_goes_on_where_its_lesson_is_now(by: User, draft: UnitDraft) -> None:
    client, address = client_of(by), f"/author/{draft.uid}/edit/{SECOND}"
    typed = fields(draft, SECOND, body="What I wrote meanwhile.")
    structure.add_criterion(by=by, draft=draft, number="1.1", statement="Explain cups")
    assert "Lesson 1.3" in client.get(address).content.decode()
    answer = client.post(address, typed, headers=SCRIPT)
    assert answer.status_code == 409
    answer = client.post(address, typed)
    assert answer.status_code == 409
    assert "What I wrote meanwhile.</textarea>" in answer.content.decode()
    again = typed | {"revision": draft.files.get(path="1/1.3-heat-and-time.md").revision}
    answer = client.post(address, again)
    assert (answer.status_code, answer["Location"]) == (303, f"/author/{draft.uid}/edit/1/1.3-heat-and-time.md")
    assert "What I wrote meanwhile." in draft.files.get(path="1/1.3-heat-and-time.md").text


def test_the_pages_cost_the_same_for_three_criteria_and_for_seventeen(by: User, draft: UnitDraft) -> None:
    large = writing.begin_draft(by=by, centre=draft.centre, edition=publish(read_once(HOUSE_412)))
    for page in ("add/criterion/", "add/outcome/", "remove/1/outcome.md"):
        assert cost_of(by, f"/author/{draft.uid}/{page}") == cost_of(by, f"/author/{large.uid}/{page}")
