"""Captions are read strictly and written anew: times and words, nothing else; what is wrong is said with its line."""

from __future__ import annotations

import pytest

from courseware.kit import captions
from courseware.kit.captions import Cue, NotCaptions, read_captions, write_webvtt

VTT = """WEBVTT - made by hand
Kind: captions

NOTE this is for nobody

STYLE
::cue { background: url(https://example.org/x) }

1
00:01.000 --> 00:02.500 position:10% align:start
Hello <b>there</b>, <c.loud onclick=x>everyone</c>

REGION
id:fred

named
00:00:03.000 --> 01:00:04.000
Two lines
and &amp; a <00:00:03.500>time
"""
SRT = (
    "1\r\n00:00:01,000 --> 00:00:02,500\r\nHello <i>there</i>\r\n\r\n"
    "2\r\n00:00:03,000 --> 00:00:04,000\r\n{\\an8}Up\r\n"
)


def test_webvtt_becomes_times_and_words() -> None:
    cues = read_captions(VTT.encode())
    assert cues == [
        Cue(1000, 2500, "Hello there, everyone"),
        Cue(3000, 3_604_000, "Two lines\nand & a time"),
    ]
    assert write_webvtt(cues) == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello there, everyone\n\n"
        "00:00:03.000 --> 01:00:04.000\nTwo lines\nand &amp; a time\n"
    )


def test_subrip_with_a_mark_and_other_line_ends_is_read_too() -> None:
    for data in (SRT.encode("utf-8-sig"), SRT.replace("\r\n", "\r").encode(), SRT.replace("\r\n", "\n").encode()):
        assert read_captions(data) == [Cue(1000, 2500, "Hello there"), Cue(3000, 4000, "{\\an8}Up")]


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>Hi",
        "&lt;script&gt;alert(1)&lt;/script&gt;Hi",
        "Hi<img src=x onerror=alert(1)>",
        "a &#45;&#45;&gt; b Hi",
        "H\u200bi \x07 Hi",
        "<" * 50 + "Hi",
    ],
)
def test_whatever_the_words_hold_is_written_as_words(words: str) -> None:
    written = write_webvtt(read_captions(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{words}\n".encode()))
    head, times, said, *rest = written.split("\n")[0], *written.split("\n")[2:]
    assert (head, times, rest) == ("WEBVTT", "00:00:01.000 --> 00:00:02.000", [""])
    assert "<" not in said
    assert ">" not in said
    assert "Hi" in said
    assert read_captions(written.encode())  # and reads back


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 0, "no captions in this file"),
        ("WEBVTT", 0, "no captions"),
        ("WEBVTT\n\nNOTE only this\n", 0, "no captions"),
        ("WEBVTTX\n\n00:01.000 --> 00:02.000\nHi", 1, "after WEBVTT"),
        ("WEBVTT\n\nHi\nthere", 4, "line such as"),
        ("WEBVTT\n\nHi", 4, "line such as"),
        ("WEBVTT\n\n1\n00:01 --> 00:02\nHi", 4, "not times"),
        ("WEBVTT\n\n00:01.000 --> 00:61.000\nHi", 3, "not times"),
        ("WEBVTT\n\n00:01.000-->00:02.000\nHi", 3, "not times"),
        ("WEBVTT\n\n٠٠:٠١.000 --> 00:02.000\nHi", 3, "not times"),
        ("WEBVTT\n\n00:02.000 --> 00:02.000\nHi", 3, "ends after it starts"),
        ("WEBVTT\n\n00:01.000 --> 25:00:02.000\nHi", 3, "longer than a day"),
        ("WEBVTT\n\n00:05.000 --> 00:06.000\nHi\n\n00:01.000 --> 00:02.000\nHi", 6, "before the one above"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n\n", 3, "no words"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n<b></b>\n", 3, "no words"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n" + "x" * 1001, 4, "at most 1,000"),
        ("1\n00:00:01,000 --> 00:00:02,000\nHi\x00", 3, "no text holds"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(NotCaptions) as refused:
        read_captions(text.encode())
    assert refused.value.line == line
    assert says in refused.value.sentence
    assert refused.value.sentence.startswith(f"Line {line}: ") is bool(line)


def test_bytes_that_are_no_text_and_too_many_of_them() -> None:
    with pytest.raises(NotCaptions, match="Line 3: these are not letters in UTF-8"):
        read_captions(b"WEBVTT\n\n\xff\xfe")
    with pytest.raises(NotCaptions, match="at most 2 MB"):
        read_captions(b"x" * 2_000_001)


def test_there_are_not_more_captions_than_a_recording_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captions, "MOST_CUES", 2)
    cues = "\n".join(f"00:0{n}.000 --> 00:0{n}.500\nHi\n" for n in range(3))
    with pytest.raises(NotCaptions, match="Line 9: there are more than 2 captions"):
        read_captions(f"WEBVTT\n\n{cues}".encode())
