"""Small parts of pages: states, times, sizes, acts with their reasons, fields and lists."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.utils import timezone

from courseware.kit import looks, words
from courseware.kit.verdict import not_now, not_yours, yes
from tests.kit_pages import EvidenceForm, flat

AT = dt.datetime(2026, 7, 4, 23, 30, tzinfo=dt.UTC)


def render(template: str, **context: Any) -> str:
    return flat(Template("{% load kit %}" + template).render(Context(context)))


# -- States ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", looks.LOOKS)
def test_every_state_has_a_word_and_a_symbol_that_exists(key: str) -> None:
    shown = looks.LOOKS[key]
    icons = (Path(__file__).parents[1] / "static/icons.svg").read_text()
    assert shown.word
    assert f'<symbol id="{shown.glyph}"' in icons
    assert shown.tone in ("", "wait", "turn", "done", "stop", "begun")


def test_no_key_stands_for_two_looks() -> None:
    tables = (looks.CRITERION, looks.UNIT, looks.SUBMISSION, looks.VERSION, looks.QUALITY)
    assert len(looks.LOOKS) == sum(len(table) for table in tables)


def test_a_status_is_word_shape_and_tone() -> None:
    assert render('{% status "met" %}') == (
        '<span class="status" data-tone="done"><svg class="glyph" aria-hidden="true">'
        '<use href="/static/icons.svg#s-met"/></svg>Met</span>'
    )


def test_a_status_can_be_boxed_and_say_other_words() -> None:
    assert 'class="status status--box"' in render('{% status "met" box=True %}')
    assert render('{% status "open" word="Action point open" %}').endswith("Action point open</span>")


def test_a_state_not_begun_has_no_tone() -> None:
    assert "data-tone" not in render('{% status "not_started" %}')


def test_a_state_that_has_no_look_yet_is_shown_as_its_words() -> None:
    assert looks.look("sent_back") == looks.Look("Sent back", "s-none")


def test_the_parts_of_a_state_can_be_had_alone() -> None:
    parts = render('{{ "under_query"|status_word }}/{{ "under_query"|status_tone }}/{{ "under_query"|status_glyph }}')
    assert parts == "Under query/stop/s-query"


def test_the_spine_has_a_bar_for_every_criterion_and_room_between_outcomes() -> None:
    keys = [["not_yet_met", "evidence_linked"], ["met", "met_iqa_agreed", "not_started"]]
    drawn = render("{% spine outcomes %}", outcomes=keys)
    assert drawn == (
        '<svg class="spine" viewBox="0 0 58 30" aria-hidden="true">'
        '<rect class="open" data-tone="turn" x="0.6" y="15.6" width="6.8" height="13.8"/>'
        '<rect data-tone="begun" x="11" y="21" width="8" height="9"/>'
        '<rect data-tone="done" x="28" y="2" width="8" height="28"/>'
        '<path data-tone="done" d="M39 0h8v2h-8zM39 4h8v26h-8z"/>'
        '<rect class="base" x="50" y="28.5" width="8" height="1.5"/></svg>'
    )
    assert render("{% spine outcomes large=True %}", outcomes=keys).startswith(
        '<svg class="spine spine--large" width="7.25rem" viewBox="0 0 58 30"'
    )


def test_a_spine_of_nothing_is_still_a_picture() -> None:
    assert 'viewBox="0 0 1 30"' in looks.spine([])


# -- Times, sizes, counts ----------------------------------------------------------------------------------------------


def test_a_moment_is_a_full_date_in_the_zone_of_the_reader() -> None:
    with timezone.override("Europe/London"):
        assert render("{% moment at %}", at=AT) == (
            '<time datetime="2026-07-05T00:30+01:00">Sunday 5 July 2026, 00:30</time>'
        )
        assert render("{% day at %}", at=AT) == '<time datetime="2026-07-05">Sunday 5 July 2026</time>'


def test_a_moment_names_who() -> None:
    assert render("{% moment at who %}", at=AT, who="Daniel Hughes").endswith("</time>, Daniel Hughes")


def test_a_date_is_a_date_in_any_zone() -> None:
    assert ">Saturday 4 July 2026<" in render("{% day at %}", at=dt.date(2026, 7, 4))


def test_no_time_shows_nothing() -> None:
    assert render("{% moment at %}{% day at %}", at=None) == ""


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 KB"),
        (1, "1 KB"),
        (840_000, "840 KB"),
        (999_600, "1 MB"),
        (2_140_000, "2.1 MB"),
        (500_000_000, "500 MB"),
        (3_400_000_000, "3.4 GB"),
        (5_000_000_000_000_000, "5000 TB"),
    ],
)
def test_a_size_is_said_as_file_managers_say_it(size: int, said: str) -> None:
    assert render("{{ size|filesize }}", size=size) == said
    assert render("{% filesize size %}", size=size) == said


def test_counts_are_words_to_ten() -> None:
    assert render('{% how_many 1 "thing" %}, {% how_many 2 "thing" %}') == "One thing, Two things"
    assert words.how_many(12, "entry", "entries") == "12 entries"
    assert words.how_many(0, "learner") == "No learners"


def test_things_are_listed_as_one_says_them() -> None:
    assert [words.listed(things) for things in ([], ["1.1"], ["1.1", "1.2"], ["1.1", "1.2", "2.1"])] == [
        "",
        "1.1",
        "1.1 and 1.2",
        "1.1, 1.2 and 2.1",
    ]


# -- Acts --------------------------------------------------------------------------------------------------------------


def test_an_allowed_act_is_a_button() -> None:
    assert render('{% act verdict kind="primary" %}Sign off{% endact %}', verdict=yes("tutor")) == (
        '<button class="btn btn--primary">Sign off</button>'
    )


def test_an_act_carries_what_its_form_needs() -> None:
    button = render('{% act True name="do" value="next" formaction="/x/" key="m" %}Record{% endact %}')
    assert (
        button == '<button class="btn" name="do" value="next" formaction="/x/" data-key="m">Record<kbd>m</kbd></button>'
    )


@pytest.mark.parametrize("verdict", [not_now("1.1 is not met yet."), not_yours("1.1 is not met yet.")])
def test_a_refused_act_sends_nothing_and_says_why(verdict: Any) -> None:
    shown = render("{% act verdict %}Sign <b>off</b>{% endact %}", verdict=verdict)
    named = re.search(r'aria-describedby="(why-\w+)"', shown)
    assert named
    assert shown == (
        f'<button type="button" class="btn" aria-disabled="true" aria-describedby="{named[1]}">Sign<b>off</b></button>'
        f'<span class="why" id="{named[1]}">1.1 is not met yet.</span>'
    )


def test_the_same_refused_act_in_two_rows_has_two_ids() -> None:
    shown = render("{% act verdict %}Go{% endact %}{% act verdict %}Go{% endact %}", verdict=not_now("Not yet."))
    first, second = re.findall(r' id="(why-\w+)"', shown)
    assert first != second


def test_a_reason_stands_alone_too() -> None:
    assert render("{% why verdict %}", verdict=not_now("Not <yet>.")) == '<p class="why">Not &lt;yet&gt;.</p>'
    assert render("{% why verdict %}", verdict=yes("tutor")) == ""


# -- Blocks ------------------------------------------------------------------------------------------------------------


def test_a_notice_has_its_tone_title_and_text() -> None:
    shown = render('{% notice tone="wait" title="On course" %}<p>Seven of 20.</p>{% endnotice %}')
    assert 'class="notice" data-tone="wait"' in shown
    assert "<h3>On course</h3>" in shown
    assert "<p>Seven of 20.</p>" in shown


def test_a_wide_table_scrolls_in_a_named_region_that_the_keyboard_reaches() -> None:
    assert render('{% scroll "Table: units" %}x{% endscroll %}') == (
        '<div class="scroll" tabindex="0" role="region" aria-label="Table: units">x</div>'
    )


def test_a_disclosure_opens_when_told() -> None:
    assert '<details class="more" open>' in render('{% more "Figures" open=True %}x{% endmore %}')
    assert '<summary data-key="/">Bank<kbd>/</kbd></summary>' in render('{% more "Bank" key="/" %}x{% endmore %}')


def test_a_dialog_is_named_by_its_heading() -> None:
    shown = render('{% dialog "d" "Release 2 decisions?" %}x{% enddialog %}')
    assert shown == (
        '<dialog class="dialog" id="d" aria-labelledby="d-h"><h2 id="d-h">Release 2 decisions?</h2>x</dialog>'
    )


def test_breadcrumbs_begin_with_today_and_end_here() -> None:
    shown = render('{% crumbs "Unit 412" "/units/412/" here="1.1" %}')
    assert shown.index(">Today<") < shown.index('href="/units/412/"') < shown.index('aria-current="page">1.1')


def pages(number: int, total: int) -> str:
    page = Paginator(range(total * 10), 10).get_page(number)
    request = RequestFactory().get("/?q=maya&page=9")
    return flat(Template("{% load kit %}{% pages page %}").render(RequestContext(request, {"page": page})))


def test_pages_keep_the_rest_of_the_query() -> None:
    shown = pages(4, 30)
    assert 'href="?q=maya&amp;page=5"' in shown
    assert 'aria-current="page">4<' in shown
    assert "<span>…</span>" in shown
    assert "Previous" in shown
    assert "Next" in shown


def test_the_first_and_the_last_page_have_one_neighbour() -> None:
    assert "Previous" not in pages(1, 3)
    assert "Next" not in pages(3, 3)


def test_a_single_page_needs_no_links() -> None:
    assert pages(1, 1) == ""


# -- Fields ------------------------------------------------------------------------------------------------------------


def test_verdicts_are_radios_in_the_tone_of_their_status() -> None:
    shown = render('{% verdicts form.decision keys="m n" %}', form=EvidenceForm())
    assert '<label class="verdict" data-tone="done"><input type="radio" name="decision" value="met"' in shown
    assert 'data-key="n"' in shown
    assert " checked" not in shown


def test_verdicts_without_keys_show_none() -> None:
    assert "<kbd>" not in render("{% verdicts form.decision %}", form=EvidenceForm())


def test_verdicts_of_a_form_that_came_back_keep_the_choice_and_name_the_fault() -> None:
    chosen = render("{% verdicts form.decision %}", form=EvidenceForm({"decision": "not_yet_met"}))
    assert 'value="not_yet_met" id="id_decision_1" checked' in chosen
    missing = render("{% verdicts form.decision %}", form=EvidenceForm({}))
    assert 'aria-invalid="true"' in missing
    assert 'aria-describedby="id_decision_error"' in missing
