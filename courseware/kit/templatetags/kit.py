"""`{% load kit %}`: the small parts that every page is made of. `docs/components.md` shows each in use."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from courseware.kit import chance, looks, words
from courseware.kit.verdict import Verdict

register = template.Library()


@lru_cache(maxsize=1)
def sprite() -> str:
    """The address of the one icon file; asked once, because a grid shows it a thousand times."""
    return static("icons.svg")


@register.simple_tag
def glyph(name: str) -> SafeString:
    """A symbol of `static/icons.svg`, hidden from screen readers: the word beside it says the same."""
    return format_html('<svg class="glyph" aria-hidden="true"><use href="{}#{}"/></svg>', sprite(), name)


def toned(tone: str) -> SafeString:
    """` data-tone="..."`, or nothing for no tone."""
    return format_html(' data-tone="{}"', tone) if tone else SafeString("")


@register.simple_tag
def status(key: str, box: bool = False, word: str = "") -> SafeString:
    """A state as word, shape and tone: plain in rows, boxed (`box=True`) in heads; `word` replaces its own."""
    shown = looks.look(key)
    return format_html(
        '<span class="status{}"{}>{}{}</span>',
        " status--box" if box else "",
        toned(shown.tone),
        glyph(shown.glyph),
        word or shown.word,
    )


@register.filter
def status_word(key: str) -> str:
    """The word of a state, for a sentence, a title or a label."""
    return looks.look(key).word


@register.filter
def status_tone(key: str) -> str:
    """The tone of a state, for `data-tone`."""
    return looks.look(key).tone


@register.filter
def status_glyph(key: str) -> str:
    """The glyph of a state, for `{% glyph %}`."""
    return looks.look(key).glyph


@register.simple_tag
def spine(outcomes: Any, large: bool = False) -> SafeString:
    """One bar per criterion: `outcomes` is a list (one per learning outcome) of lists of criterion status keys."""
    return looks.spine(outcomes, large)


@register.simple_tag
def moment(value: dt.datetime | None, by: Any = "") -> SafeString:
    """`Saturday 14 November 2026, 16:10` in the current time zone, and who if told; nothing for None."""
    if value is None:
        return SafeString("")
    iso = timezone.localtime(value).isoformat(timespec="minutes")
    return format_html('<time datetime="{}">{}</time>{}', iso, words.moment(value), f", {by}" if by else "")


@register.simple_tag
def day(value: dt.date | dt.datetime | None) -> SafeString:
    """`Saturday 14 November 2026`; nothing for None."""
    if value is None:
        return SafeString("")
    local = timezone.localtime(value).date() if isinstance(value, dt.datetime) else value
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), words.day(local))


@register.filter
def is_optional(field: Any) -> bool:
    """Whether a bound field is called optional: it may be left out, and its form does not say `not_optional`, as for
    what is needed in the end, or always has an answer.
    """
    return not field.field.required and not getattr(field.field, "not_optional", False)


@register.filter
def filesize(size: int) -> str:
    """`840 KB`, `2.1 MB`: as a filter."""
    return words.file_size(size)


@register.simple_tag(name="filesize")
def filesize_tag(size: int) -> str:
    """`840 KB`, `2.1 MB`: as a tag."""
    return words.file_size(size)


@register.simple_tag
def how_many(count: int, one: str, more: str = "") -> str:
    """`One thing`, `Two things`, `12 things`."""
    return words.how_many(count, one, more)


@register.simple_block_tag
def act(
    content: str, verdict: Any, kind: str = "", name: str = "", value: str = "", formaction: str = "", key: str = ""
) -> SafeString:
    """The button of an act, with the reason beside it when the verdict says no.

    `verdict` is a Verdict (or True); `kind` is "primary", "stop", "quiet" or ""; `name`, `value` and `formaction` are
    the button's; `key` is its single key on a desk. A refused button sends nothing and names its reason.
    """
    words, look = SafeString(content.strip()), f"btn btn--{kind}" if kind else "btn"
    if not verdict:
        reason = verdict.reason if isinstance(verdict, Verdict) else ""
        # Random, because rows of a list hold the same act, and fragments come later to the same page.
        named = f"why-{chance.secret_hex(5)}"
        button = '<button type="button" class="{}" aria-disabled="true" aria-describedby="{}">{}</button>'
        return format_html(button + '<span class="why" id="{}">{}</span>', look, named, words, named, reason)
    wanted = {"name": name, "value": value, "formaction": formaction, "data-key": key}
    attributes = format_html_join("", ' {}="{}"', ((k, v) for k, v in wanted.items() if v))
    hint = format_html(" <kbd>{}</kbd>", key) if key else ""
    return format_html('<button class="{}"{}>{}{}</button>', look, attributes, words, hint)


@register.simple_tag
def why(verdict: Verdict) -> SafeString:
    """The reason of a verdict that says no, as a sentence of its own; nothing when it says yes."""
    return SafeString("") if verdict else format_html('<p class="why">{}</p>', verdict.reason)


@register.simple_block_tag
def notice(content: str, tone: str = "", title: str = "", glyph: str = "i-info", level: int = 3) -> SafeString:
    """A notice that stays: `tone` is "", "wait", "turn", "done" or "stop"; `level` is that of its heading."""
    shown = {"tone": tone, "title": title, "glyph": glyph, "level": level, "text": content}
    return SafeString(render_to_string("components/notice.html", shown))


@register.simple_block_tag
def scroll(content: str, label: str) -> SafeString:
    """A wide table scrolls inside itself and can be reached by keyboard; `label` names the region."""
    return format_html('<div class="scroll" tabindex="0" role="region" aria-label="{}">{}</div>', label, content)


@register.simple_block_tag
def more(content: str, summary: str, open: bool = False, key: str = "") -> SafeString:
    """A disclosure; open when it holds something unread. `key` is its single key on a desk."""
    return SafeString(
        render_to_string("components/more.html", {"content": content, "summary": summary, "open": open, "key": key})
    )


@register.simple_block_tag
def dialog(content: str, id: str, title: str) -> SafeString:
    """A dialog that the page already holds: an opener is `<a href="/page-that-asks-the-same/" data-opens="id">`."""
    return format_html(
        '<dialog class="dialog" id="{}" aria-labelledby="{}-h"><h2 id="{}-h">{}</h2>{}</dialog>',
        id,
        id,
        id,
        title,
        content,
    )


@register.simple_tag
def error_summary(*forms: BaseForm) -> SafeString:
    """Every fault of the given bound forms as links to the fields; takes focus. Nothing when there is none."""
    rows = [row for form in forms if form is not None for row in _faults(form)]
    if not rows:
        return SafeString("")
    return SafeString(render_to_string("components/error_summary.html", {"rows": rows}))


def _faults(form: BaseForm) -> list[tuple[str, str]]:
    """(id to go to, text) for every fault of `form`; faults of no field go nowhere."""
    rows = [("", str(error)) for error in form.non_field_errors()]
    for bound in form:
        rows += [(target(bound), str(error)) for error in bound.errors]
    return rows


def target(bound: BoundField) -> str:
    """The id that a link to this field goes to: the control, or the first of a group; none for a hidden one."""
    if bound.is_hidden:
        return ""
    return bound.id_for_label or f"{bound.auto_id}_0"


@register.simple_tag
def control(bound: BoundField) -> SafeString:
    """The control of a field alone, dressed; with the ids of its hint and fault already on it."""
    classes = f"{bound.field.widget.attrs.get('class', '')} control".strip()
    return bound.as_widget(attrs={"class": classes})


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """One field of a form with label, hint and fault, as the whole form would show it."""
    return SafeString(render_to_string("courseware/field.html", {"field": bound, "form_show_errors": True}))


@register.simple_tag
def fields(form: BaseForm, *names: str) -> SafeString:
    """The named fields of a form in that order (all of them without names), the hidden ones always."""
    chosen = [form[name] for name in names] if names else form.visible_fields()
    parts = [str(bound) for bound in form.hidden_fields()] + [field(bound) for bound in chosen]
    return SafeString("\n".join(parts))


@register.simple_tag
def verdicts(bound: BoundField, keys: str = "") -> SafeString:
    """A field of radios as large targets, each in the tone of its value; `keys` are single keys in order: "m n"."""
    options = [
        {"radio": radio, "look": looks.look(str(radio.data["value"])), "key": key or "", "id": radio.id_for_label}
        for radio, key in zip_longest(bound.subwidgets, keys.split()[: len(bound.subwidgets)])
    ]
    return SafeString(render_to_string("components/verdicts.html", {"field": bound, "options": options}))


@register.simple_tag
def crumbs(*trail: str, here: str) -> SafeString:
    """Where this page stands: label, address, label, address ..., then `here`. Today always comes first."""
    pairs = list(zip(trail[::2], trail[1::2], strict=True))
    return SafeString(render_to_string("components/crumbs.html", {"trail": pairs, "here": here}))


@register.simple_tag(takes_context=True)
def pages(context: template.Context, page: Page[Any], label: str = "Pages", name: str = "page") -> SafeString:
    """Links to the other pages of a Django `Page`, keeping the rest of the query; nothing for a single page."""
    if page.paginator.num_pages < 2:
        return SafeString("")
    query = context["request"].GET.copy()

    def address(number: int) -> str:
        query[name] = str(number)
        return f"?{query.urlencode()}"

    shown = [
        (number, address(number)) if isinstance(number, int) else (None, "")
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    ]
    return SafeString(
        render_to_string(
            "components/pages.html",
            {
                "label": label,
                "page": page,
                "shown": shown,
                "before": address(page.number - 1) if page.has_previous() else "",
                "after": address(page.number + 1) if page.has_next() else "",
            },
        )
    )
