"""The one place where Markdown becomes HTML: lessons, evidence, feedback.

CommonMark with tables and strikethrough; raw HTML is text. Whatever comes out is cleaned against a closed list after
rendering, always, so that nothing active can reach a page even if the renderer has a fault. Nothing is loaded from
elsewhere: an image becomes a link to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Final

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

RENDERER_VERSION: Final = 4  # raise it whenever the same text would give other HTML
LIMIT: Final = 100_000  # characters; a longer text is shown as typed, because hostile Markdown costs time to parse
CACHED: Final = 30_000  # characters; longer texts are rendered afresh, so that the cache stays within some megabytes
Pictures = Sequence[tuple[str, str]]
Links = Sequence[tuple[str, str]]
POPOVER: Final = "popover:"  # before the id of what a link opens in place, in `links`
ALT: Final = "\ue000"  # in the markup of one of `pictures`: where its words are read out, as an attribute
# A figure stays as large as its words need; on a phone it scrolls, and what scrolls must be reachable by keyboard.
FRAME: Final = '<div class="table-scroll" role="group" aria-label="Figure" tabindex="0">'
EXTERNAL: Final = "noopener noreferrer nofollow"

DEEPEST: Final = 20  # lists and quotes within each other; the parser drops what is deeper, so it is shown as typed
_parser = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST}).enable(["table", "strikethrough"])
_reachable = re.compile(r"https?://[^/\\]|mailto:|#|/(?![/\\])", re.IGNORECASE)
_away = re.compile(r"https?:", re.IGNORECASE)
_private = re.compile("[\ue000-\ue005]")
_opener = re.compile("\ue004([a-z0-9-]{1,100})\ue001([^\ue005]*)\ue005")
_CUT: Final = "\ue003"
# An image of ours, once the page is clean: its place among the pictures, its words, its title.
_mark = re.compile("\ue000(\\d+)\ue001([^\ue000-\ue005]*)(?:\ue004([^\ue000-\ue005]*))?\ue002")
_alone = re.compile(f"<p>{_mark.pattern}</p>")
_align = re.compile(r"text-align:(left|center|right)")

_cleaner = nh3.Cleaner(
    tags=set(
        "p br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong s a div table thead tbody tr th td".split()
    ),
    clean_content_tags={"script", "style"},
    attributes={
        "a": {"href"},
        "ol": {"start"},
        "div": {"aria-label"},
    },
    tag_attribute_values={
        "a": {"rel": {EXTERNAL}},
        "div": {"role": {"group"}, "tabindex": {"0"}},
        "pre": {"tabindex": {"0"}},
    },
    allowed_classes={
        "div": {"table-scroll"},
        "th": {"align-left", "align-center", "align-right"},
        "td": {"align-left", "align-center", "align-right"},
    },
    attribute_filter=lambda tag, name, value: value if name != "href" or _reachable.match(value) else None,
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
    strip_comments=True,
)


def render(text: str, top: int = 3, pictures: Pictures = (), links: Links = ()) -> SafeString:
    """`text` (Markdown) as HTML that is safe to print; its highest heading becomes `<h{top}>`, deeper ones follow.

    Headings never skip a level, whatever the author typed. Links lead to http, https, mailto, an anchor or a path of
    this site; any other keeps its words and loses its target. A text longer than LIMIT or nested as deep as DEEPEST is
    shown as typed.
    `pictures` are pairs of an image's source and the markup (already safe: nobody's typing) that stands for it where
    the image is a paragraph of its own; its words become the caption. Where the markup holds ALT, they become what is
    read out there, and the image's title, if it has one, is the caption. `links` are pairs of a link's target as typed
    and the address that it leads to, or POPOVER and the id of an element with the attribute `popover` that it opens.
    Raises ValueError when `top` is not 1 to 6.
    """
    if not 1 <= top <= 6:
        raise ValueError(f"a heading level is 1 to 6, not {top}")
    if len(text) > LIMIT:
        return as_typed(text)
    return (_cached if len(text) <= CACHED else _render)(text, top, tuple(pictures), tuple(links))


@lru_cache(maxsize=1024)
def line(text: str) -> SafeString:
    """`text` (Markdown within a line) as HTML that is safe to print, without a paragraph of its own."""
    tokens = _unmarked(_parser.parseInline(text[:LIMIT]))
    for token in tokens:
        token.children = _links(token.children or [], [])
    return mark_safe(_cleaner.clean(_parser.renderer.render(tokens, _parser.options, {})))  # noqa: S308 - cleaned here


def render_around(
    text: str, fences: Collection[str], top: int = 3, pictures: Pictures = (), links: Links = ()
) -> list[SafeString]:
    """`text` as `render` gives it, cut at each of its fenced blocks of a kind in `fences`, which are left out.

    One piece more than there are such blocks; headings nest through the whole. What `render` shows as typed is one
    piece.
    """
    if len(text) > LIMIT:
        return [as_typed(text)]
    return list(_around(text, frozenset(fences), top, tuple(pictures), tuple(links)))


@dataclass(frozen=True)
class Fenced:
    """A fenced block: the word after the fence, what stands in it, and its lines, from 0, the fences included.

    `last` is the line after.
    """

    word: str
    text: str
    first: int
    last: int


def fenced(text: str, fences: Collection[str]) -> list[Fenced]:
    """Each block that `render_around` leaves out, in order."""
    tokens = _parser.parse(text) if len(text) <= LIMIT else []
    found = [] if _too_deep(tokens) else _fenced(tokens, fences)
    return [Fenced(token.info.split()[0], token.content, *(token.map or (0, 0))) for token in found]


def _too_deep(tokens: Sequence[Token]) -> bool:
    return any(token.nesting == 1 and token.level >= DEEPEST - 1 for token in tokens)


def _fenced(tokens: Sequence[Token], fences: Collection[str]) -> list[Token]:
    found = (token for token in tokens if token.type == "fence" and token.level == 0)
    return [token for token in found if (token.info.split() or [""])[0] in fences]


@lru_cache(maxsize=64)
def _around(text: str, fences: frozenset[str], top: int, pictures: Pictures, links: Links) -> tuple[SafeString, ...]:
    html = _render(text, top, pictures, links, fences)
    return tuple(mark_safe(piece) for piece in html.split(_CUT))  # noqa: S308 - pieces of what was cleaned


def as_typed(text: str) -> SafeString:
    """`text` with its line breaks and nothing else interpreted, as HTML that is safe to print."""
    return mark_safe(f'<pre tabindex="0">{escape(text)}</pre>')  # noqa: S308 - escaped on this line


def _render(text: str, top: int, pictures: Pictures, links: Links, fences: frozenset[str] = frozenset()) -> SafeString:
    tokens = _unmarked(_parser.parse(text))
    if _too_deep(tokens):
        return as_typed(_private.sub("", text))
    for token in _fenced(tokens, fences):
        token.type, token.content = "text", _CUT
    _nest_headings(tokens, top)
    _dress_tables(tokens)
    leads = dict(links)
    for token in tokens:
        _lead(token.children or [], leads)
        if token.children is not None:
            token.children = _links(token.children, [source for source, _ in pictures])
    html = _parser.renderer.render(tokens, _parser.options, {})
    # Code can be wider than the page; then it scrolls, and what scrolls must be reachable by keyboard.
    html = html.replace("<pre><code", '<pre tabindex="0"><code')
    html = _opener.sub(_opens, _placed(_cleaner.clean(html), pictures))
    return mark_safe(html)  # noqa: S308 - cleaned on the line above


def _unmarked(tokens: list[Token]) -> list[Token]:
    """`tokens` without the private characters that our marks are made of, so that none typed stands for a mark.

    After parsing: a numeric entity is a character only then.
    """
    for token in tokens:
        token.content = _private.sub("", token.content)
        for name, value in token.attrs.items():
            token.attrs[name] = _private.sub("", value) if isinstance(value, str) else value
        _unmarked(token.children or [])
    return tokens


def _lead(children: list[Token], leads: Mapping[str, str]) -> None:
    """Give each link the address that it leads to; one that opens something in place leaves marks round its words."""
    opened = False
    for token in children:
        if token.type == "link_open":
            target = leads.get(str(token.attrs["href"]), "")
            token.attrs["href"] = target or token.attrs["href"]
            opened = target.startswith(POPOVER)  # never by what somebody typed
            if opened:
                token.type, token.tag, token.content = "text", "", f"\ue004{target.removeprefix(POPOVER)}\ue001"
        elif token.type == "link_close" and opened:
            token.type, token.tag, token.content, opened = "text", "", "\ue005", False


def _opens(found: re.Match[str]) -> str:
    """The button for the words of a link that opens something in place; no link can hold another."""
    return f'<button type="button" class="term" popovertarget="{found[1]}">{found[2]}</button>'


def _placed(html: str, pictures: Pictures) -> str:
    """`html` with the markup of `pictures` in place of its marks; a mark within other words leaves only its words."""
    if not pictures:
        return html

    def figure(found: re.Match[str]) -> str:
        markup = dict(enumerate(markup for _, markup in pictures)).get(int(found[1]))
        if not markup:
            return found[0]
        if ALT in markup:
            caption = f"<figcaption>{found[3]}</figcaption>" if found[3] else ""
            return f"<figure>{markup.replace(ALT, escape(unescape(found[2])))}{caption}</figure>"
        return f"<figure>{FRAME}{markup}</div><figcaption>{found[2]}</figcaption></figure>"

    html = _alone.sub(figure, html)
    return _mark.sub(r"\2", html)


# Keyed by the whole text: a string remembers its hash, and the process that renders is the only one that reads this.
_cached = lru_cache(maxsize=256)(_render)


def _nest_headings(tokens: list[Token], top: int) -> None:
    """Give each heading the level of its depth, from `top`; drop headings without words."""
    above: list[int] = []
    for place, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        opening, words, closing = tokens[place : place + 3]
        if not words.content.strip():
            for part in (opening, words, closing):
                part.type, part.tag, part.hidden, part.content, part.children = "text", "", True, "", None
            continue
        level = int(opening.tag[1])
        while above and above[-1] >= level:
            above.pop()
        above.append(level)
        opening.tag = closing.tag = f"h{min(6, top + len(above) - 1)}"


def _dress_tables(tokens: list[Token]) -> None:
    """Alignment as a class (no style attribute passes the content policy), and a frame in which wide tables scroll."""
    for token in tokens:
        if token.type in ("th_open", "td_open"):
            align = _align.match(str(token.attrs.pop("style", "")))
            if align:
                token.attrSet("class", f"align-{align[1]}")
    framed: list[Token] = []
    for token in tokens:
        if token.type == "table_open":
            frame = {"class": "table-scroll", "role": "group", "aria-label": "Table", "tabindex": "0"}
            framed.append(Token("frame_open", "div", 1, attrs=dict(frame), block=True))
        framed.append(token)
        if token.type == "table_close":
            framed.append(Token("frame_close", "div", -1, block=True))
    tokens[:] = framed


def _link(href: str, words: list[Token]) -> list[Token]:
    """A link's tokens; one without words shows its target."""
    if not "".join(word.content for word in words).strip():
        words = [Token("text", "", 0, content=href)]
    attrs: dict[str, str | int | float] = {"href": href}
    if _away.match(href):
        attrs["rel"] = EXTERNAL
    return [Token("link_open", "a", 1, attrs=attrs), *words, Token("link_close", "a", -1)]


def _said(image: Token) -> str:
    """What an image's words say, without their markup; a line's end among them is a space."""
    return "".join(
        _said(token) if token.type == "image" else " " if token.type in ("softbreak", "hardbreak") else token.content
        for token in image.children or []
    )


def _links(children: list[Token], pictures: list[str]) -> list[Token]:
    """`children` with every link dressed and every image turned into a link to it (inside a link: into its words).

    An image that is one of `pictures` leaves a mark with its words, for the markup to take its place.
    """
    done: list[Token] = []
    start: int | None = None
    for token in children:
        if token.type == "link_open":
            start = len(done)
            done.append(token)
        elif token.type == "link_close" and start is not None:
            done[start:] = _link(str(done[start].attrs["href"]), done[start + 1 :])
            start = None
        elif token.type == "image" and token.attrs["src"] in pictures:
            place = pictures.index(str(token.attrs["src"]))
            title = str(token.attrs.get("title", ""))
            words = f"{_said(token)}\ue004{title}" if title else _said(token)
            done.append(Token("text", "", 0, content=f"\ue000{place}\ue001{words}\ue002"))
        elif token.type == "image":
            said = [Token("text", "", 0, content=_said(token))]
            done += said if start is not None else _link(str(token.attrs["src"]), said)
        else:
            done.append(token)
    return done
