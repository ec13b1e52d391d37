"""Markdown becomes HTML in one place, and nothing active comes out of it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.kit import markdown
from courseware.kit.markdown import as_typed, render

from .html_trees import tree

ALLOWED = {
    "a": {"href", "rel"},
    "div": {"class", "role", "aria-label", "tabindex"},
    "pre": {"tabindex"},
    "ol": {"start"},
    "th": {"class"},
    "td": {"class"},
}
PLAIN = set("p br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote code em strong s table thead tbody tr".split())


class Reader(HTMLParser):
    """Takes HTML apart as a browser would and notes whatever is not on the closed list."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.strange: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in ALLOWED and tag not in PLAIN:
            self.strange.append(tag)
        for name, value in attrs:
            if name not in ALLOWED.get(tag, set()):
                self.strange.append(f"{tag} {name}")
            if name == "href" and not re.match(r"(https?://[^/\\]|mailto:|#|/(?![/\\]))", value or "", re.IGNORECASE):
                self.strange.append(f"href {value}")

    def handle_comment(self, data):
        self.strange.append("comment")

    def handle_decl(self, decl):
        self.strange.append("declaration")

    def handle_pi(self, data):
        self.strange.append("processing instruction")


def strange(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.strange


HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt/src=//x.example>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<math><mtext></mtext><mglyph><style></math><img src onerror=alert(1)>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<a href='javascript:alert(1)'>x</a>",
    "<form action=/x><button>send</button></form>",
    "<style>@import '//x.example'</style>",
    "<meta http-equiv=refresh content='0;url=//x.example'>",
    "<base href=//x.example>",
    "<!--<img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<!DOCTYPE x [<!ENTITY y 'z'>]>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;&#x61;vascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "[x](//x.example/steal)",
    "[x](/\\x.example/steal)",
    "[x](\\\\x.example)",
    "[x](https:///x.example)",
    "[x](tel:1)",
    "[x]( javascript:alert(1) 'title')",
    "[x](<javascript:alert(1)>)",
    "<javascript:alert(1)>",
    "[x][1]\n\n[1]: javascript:alert(1)",
    '[x](https://x.example "onmouseover=alert(1)")',
    '[x](https://x.example/"onmouseover="alert(1))',
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](https://x.example/a.png)',
    "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    "![x](https://x.example/track.png)",
    "``` html onload=alert(1)\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\n```',
    "    <script>alert(1)</script>",
    "`<script>alert(1)</script>`",
    "| <script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "# <script>alert(1)</script>",
    "<div style='position:fixed;inset:0'>",
    "</article></main><script>alert(1)</script>",
    "<x onclick=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x00<script>alert(1)</script>",
    "<\x00script>alert(1)</script>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<a id=location name=x href=https://x.example>x</a>",
    "[![x](https://x.example/a.png)](javascript:alert(1))",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_never_becomes_active(text):
    for place in (text, f"> {text}", f"- {text}", f"before\n\n{text}\n\nafter", f"| a |\n|---|\n| {text} |"):
        assert strange(render(place)) == []


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([*HOSTILE, "\n", "\n\n", "| a |\n|---|\n", "> ", "- ", "`", "*", "# ", "x "]), max_size=8)
)
def test_hostile_pieces_together_never_become_active(pieces):
    assert strange(render("".join(pieces))) == []


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("<>/\"'=&;:#[]()!`*_~|-\\ \n\tascriptjvon1"), max_size=120))
def test_any_text_of_markup_characters_never_becomes_active(text):
    assert strange(render(text)) == []


def _numbered(text: str) -> str:
    return "".join(f"&#{ord(one)};" if not one.isalnum() else one for one in text)


def _escaped(text: str) -> str:
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


WRAPPINGS = [
    "> {}", "- {}", "# {}", "*{}*", "~~{}~~", "`{}`", "[{}](/x)", "[x]({})", "[x](<{}>)", '[x](/x "{}")',
    "![{}](/x)", "![x]({})", "[x][y]\n\n[y]: {}", "[x][y]\n\n[y]: /x '{}'", "[{}]\n\n[{}]: /x", "<{}>",
    "<https://{}>", "``` {}\nx\n```", "```\n{}\n```", "    {}", "| {} |\n|---|\n| {} |", "{}\n===", "&lt;{}&gt;",
    "<b {}>", "<!-- {} -->", "{}{}", "\ue000{}\ue001",
]  # fmt: skip
NESTED = st.recursive(
    st.sampled_from(HOSTILE) | st.sampled_from(HOSTILE).map(_numbered) | st.sampled_from(HOSTILE).map(_escaped),
    lambda inner: st.builds(lambda around, text: around.replace("{}", text), st.sampled_from(WRAPPINGS), inner),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(NESTED)
def test_hostile_text_in_any_place_of_any_construct_never_becomes_active(text):
    pieces = markdown.render_around(text, ["order"], pictures=[("/x", "")])
    assert strange(as_typed(text)) == []
    for html in (render(text), markdown.line(text), *pieces):
        assert strange(html) == []
        # What came out is what a browser's own parser makes of it: cleaned once more, nothing changes.
        assert tree(markdown._cleaner.clean(html)) == tree(html)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all_renders(text):
    assert strange(render(text)) == []


def test_html_is_shown_as_it_was_typed():
    assert render("a <b>bold</b> claim") == "<p>a &lt;b&gt;bold&lt;/b&gt; claim</p>\n"


def test_headings_begin_at_the_level_asked_for_and_never_skip_one():
    assert render("# A\n\n### B\n\n## C\n\n# D") == "<h3>A</h3>\n<h4>B</h4>\n<h4>C</h4>\n<h3>D</h3>\n"
    assert render("### A\n\n# B", top=2) == "<h2>A</h2>\n<h2>B</h2>\n"


def test_headings_go_no_deeper_than_six():
    assert render("# A\n\n## B\n\n### C", top=5) == "<h5>A</h5>\n<h6>B</h6>\n<h6>C</h6>\n"


def test_a_heading_without_words_is_left_out():
    assert render("#\n\nwords").strip() == "<p>words</p>"


@pytest.mark.parametrize("top", [0, 7])
def test_a_heading_level_that_does_not_exist_is_refused(top):
    with pytest.raises(ValueError, match=f"not {top}"):
        render("x", top=top)


def test_a_link_elsewhere_says_so_and_one_within_the_site_does_not():
    away = 'rel="noopener noreferrer nofollow"'
    assert render("[x](https://example.org/)") == f'<p><a href="https://example.org/" {away}>x</a></p>\n'
    assert render("[x](/units/412/)") == '<p><a href="/units/412/">x</a></p>\n'
    assert render("[x](mailto:a@example.org)") == '<p><a href="mailto:a@example.org">x</a></p>\n'


def test_a_link_without_words_shows_its_target():
    assert ">https://example.org/</a>" in render("[](https://example.org/)")


def test_a_link_to_an_unknown_place_keeps_its_words():
    assert render("[x](//elsewhere.example)") == "<p><a>x</a></p>\n"


def test_an_image_becomes_a_link_to_it_and_within_a_link_its_words():
    assert render("![a map](https://example.org/map.png)").startswith('<p><a href="https://example.org/map.png"')
    linked = render("[![a map](https://example.org/map.png)](https://example.org/)")
    assert linked.count("<a ") == 1
    assert ">a map</a>" in linked


def test_a_table_scrolls_by_itself_and_aligns_by_class():
    html = render("| a | b | c |\n|---|:-:|--:|\n| 1 | 2 | 3 |")
    assert html.startswith('<div class="table-scroll" role="group" aria-label="Table" tabindex="0">')
    assert '<td>1</td>\n<td class="align-center">2</td>\n<td class="align-right">3</td>' in html
    assert "style" not in html


def test_code_that_scrolls_is_reachable_by_keyboard():
    assert render("```\nx = 1\n```") == '<pre tabindex="0"><code>x = 1\n</code></pre>\n'


def test_lists_quotes_and_struck_words_work():
    assert render("3. three") == '<ol start="3">\n<li>three</li>\n</ol>\n'
    assert "<blockquote>" in render("> said")
    assert "<s>gone</s>" in render("~~gone~~")


def test_a_text_beyond_the_limit_is_shown_as_typed():
    text = "<b>" + "x" * markdown.LIMIT
    assert render(text) == as_typed(text)
    assert "&lt;b&gt;x" in render(text)


def test_a_long_text_is_rendered_without_being_kept():
    markdown._cached.cache_clear()
    render("x" * (markdown.CACHED + 1))
    assert markdown._cached.cache_info().currsize == 0


def test_the_same_text_is_rendered_once():
    markdown._cached.cache_clear()
    assert render("*once*") == render("*once*")
    assert markdown._cached.cache_info().hits == 1


PICTURES = [("../figures/a.svg", '<svg class="a"></svg>'), ("../figures/b.svg", '<svg class="b"></svg>')]


def test_a_known_picture_takes_the_place_of_its_image_with_its_words_as_caption():
    html = render("before\n\n![two & two](../figures/b.svg)\n\nafter", pictures=PICTURES)
    figure = f'<figure>{markdown.FRAME}<svg class="b"></svg></div><figcaption>two &amp; two</figcaption></figure>'
    assert html == f"<p>before</p>\n{figure}\n<p>after</p>\n"


def test_the_words_of_an_image_are_shown_without_their_markup():
    html = render("![the *old* `map`\nof **![two](/b) [towns](/c)**](/a)")
    assert html == '<p><a href="/a">the old map of two towns</a></p>\n'
    assert "<figcaption>two &amp; `1` towns</figcaption>" in render(
        "![*two* & \\`1` towns](../figures/a.svg)", pictures=PICTURES
    )


@pytest.mark.parametrize("text", ["> " * 30 + "deep", "\n".join("  " * depth + "- deep" for depth in range(30))])
def test_what_is_nested_too_deep_is_shown_as_typed_so_that_no_word_is_lost(text):
    assert render(text) == as_typed(text)
    assert markdown.render_around(text + "\ue003\n\n```order\n```", ["order"]) == [as_typed(text + "\n\n```order\n```")]
    assert markdown.fenced(text + "\n\n```order\n```", ["order"]) == []
    assert "deep" in render("> " * 18 + "deep")
    assert "<blockquote>" in render("> " * 18 + "deep")


def test_a_picture_among_words_leaves_its_words():
    assert render("see ![the map](../figures/a.svg) there", pictures=PICTURES) == "<p>see the map there</p>\n"
    assert render("![the map](../figures/a.svg) there", pictures=PICTURES) == "<p>the map there</p>\n"


def test_a_mark_typed_by_hand_stands_for_no_picture():
    for typed in ("\ue0000\ue001x\ue002", "&#xe000;7&#xe001;x&#xe002;"):
        assert "<svg" not in render(typed, pictures=PICTURES)


def test_an_unknown_picture_keeps_its_words_and_leads_nowhere():
    assert render("![x](../figures/c.svg)", pictures=PICTURES) == "<p><a>x</a></p>\n"


@pytest.mark.parametrize("piece", ["[", "![", "*", "*a ", "`", "<", "[a](", "> ", "- ", "~~a", "&#x", "|a", "a\n\n"])
def test_repeated_markup_does_not_hold_the_page_up(piece):
    import time

    text = (piece * markdown.LIMIT)[: markdown.LIMIT // 3]
    begun = time.process_time()
    render(text)
    assert time.process_time() - begun < 10  # seconds; a quadratic parser needs minutes


def test_a_text_is_cut_at_its_blocks_and_headings_nest_through_the_whole():
    text = "# One\n\n```order\nx\n```\n\n### Two\n\n```py\ny\n```\n"
    first, second = markdown.render_around(text, ["order"], 3)
    assert first == "<h3>One</h3>\n"
    assert second.strip().startswith("<h4>Two</h4>")
    assert "<code>y" in second
    assert markdown.render_around("x" * (markdown.LIMIT + 1), ["order"])[0].startswith("<pre")
    assert len(markdown.render_around("\ue003 typed \ue003", ["order"])) == 1


def test_a_link_that_opens_something_in_place_is_a_button_and_nothing_typed_is_one():
    links = [("a.md#b", f"{markdown.POPOVER}term-b"), ("c.md", "/c/")]
    html = markdown.render("[*so*](a.md#b) [c](c.md) [d](popover:x) \ue004term-b\ue001x\ue005", links=links)
    button = '<button type="button" class="term" popovertarget="term-b"><em>so</em></button>'
    assert html == f'<p>{button} <a href="/c/">c</a> <a>d</a> term-bx</p>\n'


PRIVATE = [chr(one) for one in range(0xE000, 0xE006)]
TYPED = [*PRIVATE, *(f"&#x{ord(one):X};" for one in PRIVATE), *(f"&#{ord(one)};" for one in PRIVATE)]
AROUND = [
    "term-b",
    "0",
    " ",
    "*",
    "`",
    "\n\n",
    "[",
    "](a.md#b)",
    "](/x ",
    "'",
    ")",
    "![",
    "](../figures/a.svg)",
    "|",
    "~~",
    "# ",
]


@given(st.lists(st.sampled_from(TYPED + AROUND), max_size=20).map("".join) | st.text(max_size=60))
@settings(max_examples=300)
def test_nothing_typed_stands_for_a_mark_of_ours(text):
    bare = f"FIRST {text}\n\nLAST"
    for html in (render(bare), "".join(markdown.render_around(bare, ["order"])), markdown.line(bare)):
        assert not re.search("[\ue000-\ue005]", html)
        assert "<button" not in html
        assert "<svg" not in html
        assert "FIRST" in html
        assert "LAST" in html
    assert len(markdown.render_around(bare, ["order"])) == 1
    for html in (render(bare, pictures=PICTURES), render(bare, links=[("a.md#b", f"{markdown.POPOVER}term-b")])):
        assert not re.search("[\ue000-\ue005]", html)
        assert html.count("<button") <= text.count("](a.md#b)")
        assert html.count("<svg") <= text.count("](../figures/a.svg)")
        assert "FIRST" in html
        assert "LAST" in html


@pytest.mark.parametrize(
    "typed", ["&#xE004;term-x&#xE001;w&#xE005;", "\ue004term-x\ue001w\ue005", "&#57348;term-x&#57345;w&#57349;"]
)
def test_a_typed_mark_makes_no_button_and_its_words_stay(typed):
    assert render(typed) == "<p>term-xw</p>\n"
    assert markdown.line(typed) == "term-xw"


def test_marks_in_titles_and_targets_and_words_of_links_are_left_out():
    html = render("[a&#xE003;b](/x '&#xE004;t&#xE001;u&#xE005;') ![c](/p)", pictures=PICTURES)
    assert html == '<p><a href="/x">ab</a> <a href="/p">c</a></p>\n'


def test_what_a_block_holds_is_told_as_it_is_cut_out():
    text = (
        "a\n\n```order x\none\n```\n\n- b\n\n  ```order\n  two\n  ```\n\n<div>\n```order\nthree\n```\n\n```py\ny\n```"
    )
    assert [block.text for block in markdown.fenced(text, ["order"])] == ["one\n", "three\n"]
    assert len(markdown.render_around(text, ["order"])) == 3
    assert markdown.fenced("```order\nx\n```\n" + "x" * markdown.LIMIT, ["order"]) == []


def test_a_line_has_no_paragraph_and_no_active_content():
    assert markdown.line("*a* <b>") == "<em>a</em> &lt;b&gt;"
    assert markdown.line("[x](javascript:1) # h") == "[x](javascript:1) # h"
