"""Word documents, OpenDocument texts and slides as a few harmless tags and pictures of ours; for the box.

Each function writes `document.html` and its pictures into `folder` and returns numbers: `places` (paragraphs or
slides), `pictures`, `missing` (pictures left out), `cut` (1 when the end is missing), and for slides `of`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from courseware.kit.previews.pictures import LARGEST_INSIDE, Inside
from courseware.kit.previews.places import MARKS, PICTURE, PLACE, numbered, plain

MOST_HTML = 2_000_000  # characters of a document shown in a page
LARGEST_PART = 64 << 20  # bytes of XML

_HEADINGS = "\n".join(
    f"p[style-name='{name}'] => h{level}:fresh"
    for name, level in [
        ("Title", 3),
        *((f"{w} {n}", min(6, n + 2)) for w in ("heading", "Heading") for n in range(1, 7)),
    ]
)
_TAGS = frozenset("p br h3 h4 h5 h6 ul ol li table thead tbody tr th td strong em s sup sub blockquote img".split())
_IMAGE = frozenset(("src", "alt", "width", "height"))


def _written(html: str, folder: str, pictures: Inside, **more: int) -> dict[str, int]:
    """Clean, number and write a document; what is too long ends after its last whole tag."""
    import nh3

    clean = nh3.clean(
        html[:MOST_HTML],
        tags=set(_TAGS | {"section"}),
        attributes={"img": set(_IMAGE), "section": {"id"}},
        set_tag_attribute_values={**MARKS, "img": {"loading": "lazy"}},
        link_rel=None,
    )
    clean, paragraphs = numbered(clean)
    (Path(folder) / "document.html").write_text(clean, encoding="utf-8")
    told = {"places": paragraphs, "pictures": pictures.made, "missing": pictures.missing, "cut": len(html) > MOST_HTML}
    return {name: int(value) for name, value in {**told, **more}.items()}


def _missing(alt: str) -> str:
    return f"[A picture that cannot be shown here{': ' if alt else ''}{alt}]"


def _attributes(made: tuple[int, int, int], alt: str) -> dict[str, str]:
    number, width, height = made
    return {
        "src": f"{PICTURE}{number}",
        "alt": alt or f"Picture {number}",
        "width": str(width),
        "height": str(height),
    }


def _img(pictures: Inside, data: bytes, alt: str) -> str:
    """A picture of a document as a tag, or words in its place."""
    made = pictures.add(data)
    if made is None:
        return escape(_missing(alt))
    told = " ".join(f'{name}="{escape(value)}"' for name, value in _attributes(made, alt).items())
    return f"<img {told}>"


def docx_html(source: str, folder: str) -> dict[str, int]:
    """A Word document: its text with headings, lists and tables, and its pictures in their places."""
    import mammoth

    pictures = Inside(folder)

    def picture(image: Any) -> list[Any]:
        from mammoth import html

        try:
            with image.open() as file:
                data = file.read(LARGEST_INSIDE + 1)
        except Exception:  # noqa: BLE001 - a picture that lies elsewhere or is missing is left out
            data = b""
        made, alt = pictures.add(data), image.alt_text or ""
        return [html.text(_missing(alt)) if made is None else html.element("img", _attributes(made, alt))]

    with Path(source).open("rb") as file:
        made = mammoth.convert_to_html(
            file, style_map=_HEADINGS, convert_image=picture, external_file_access=False
        ).value
    return _written(made, folder, pictures)


def docx_words(source: str, folder: str) -> dict[str, int]:
    """The paragraphs of a Word document that nothing else can read any more, as far as its XML goes."""
    from lxml import etree  # type: ignore[import-untyped]

    word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    with zipfile.ZipFile(source) as archive:
        name = next(name for name in archive.namelist() if name.startswith("word/document"))
        with archive.open(name) as part:
            root = etree.fromstring(part.read(LARGEST_PART), parser)
    words = ("".join(text.text or "" for text in paragraph.iter(f"{word}t")) for paragraph in root.iter(f"{word}p"))
    html = "".join(f"<p>{escape(text)}</p>" for text in words if text.strip())
    if not html:
        raise ValueError("nothing to read")
    return _written(html, folder, Inside(folder))


# -- OpenDocument ------------------------------------------------------------------------------------------------------

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_AROUND = {
    f"{_TEXT}p": "p",
    f"{_TEXT}list": "ul",
    f"{_TEXT}list-item": "li",
    f"{_TABLE}table": "table",
    f"{_TABLE}table-row": "tr",
    f"{_TABLE}table-cell": "td",
}
_HIDDEN = {f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}sequence-decls", f"{_TEXT}note-citation"}
_SPACES = {f"{_TEXT}s": " ", f"{_TEXT}tab": " ", f"{_TEXT}line-break": "<br>"}
DEEPEST = 60  # elements in elements


def odt_html(source: str, folder: str) -> dict[str, int]:
    """An OpenDocument text: headings, paragraphs, lists and tables, and its pictures in their places."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    pictures = Inside(folder)
    with zipfile.ZipFile(source) as archive:
        if archive.getinfo("content.xml").file_size > LARGEST_PART:
            raise ValueError("too large")
        root = etree.fromstring(archive.read("content.xml"), parser)
        body = root.find(f".//{_OFFICE}text")
        pieces = _odt(root if body is None else body, archive, pictures, 0)
        html, length = [], 0
        for piece in pieces:
            html.append(piece)
            length += len(piece)
            if length > MOST_HTML:
                break
    return _written("".join(html), folder, pictures)


def _odt(element: Any, archive: zipfile.ZipFile, pictures: Inside, deep: int) -> Iterator[str]:
    """An element's content as HTML in pieces: escaped text, and tags of ours."""
    if element.text:
        yield escape(element.text)
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _HIDDEN and deep < DEEPEST:
            yield from _odt_element(child, archive, pictures, deep)
        if child.tail:
            yield escape(child.tail)


def _odt_element(child: Any, archive: zipfile.ZipFile, pictures: Inside, deep: int) -> Iterator[str]:
    if child.tag in _SPACES:
        yield _SPACES[child.tag]
    elif child.tag == f"{_DRAW}frame" and child.find(f"{_DRAW}image") is not None:
        yield _odt_picture(child, archive, pictures)
    else:
        tag = _AROUND.get(child.tag, "")
        if child.tag == f"{_TEXT}h":
            level = child.get(f"{_TEXT}outline-level", "1")
            tag = f"h{min(6, 2 + int(level))}" if level in "123456" and level else "h3"
        yield f"<{tag}>" if tag else ""
        yield from _odt(child, archive, pictures, deep + 1)
        yield f"</{tag}>" if tag else ""


def _odt_picture(frame: Any, archive: zipfile.ZipFile, pictures: Inside) -> str:
    alt = (frame.findtext(f"{_SVG}title") or frame.findtext(f"{_SVG}desc") or "").strip()[:300]
    try:
        entry = archive.getinfo(frame.find(f"{_DRAW}image").get(_LINK, "").removeprefix("./"))
        data = archive.read(entry) if entry.file_size <= LARGEST_INSIDE else b""
    except (KeyError, zipfile.BadZipFile, OSError, RuntimeError):
        data = b""  # linked from elsewhere, or damaged
    return _img(pictures, data, plain(alt))


# -- Slides ------------------------------------------------------------------------------------------------------------


def slides_html(source: str, folder: str, first: str) -> dict[str, int]:
    """Slides: of each of the `first` ones its title, words, tables, pictures and notes, in their order."""
    from pptx import Presentation

    pictures = Inside(folder)
    slides = list(Presentation(source).slides)
    html = []
    for number, slide in enumerate(slides[: int(first)], start=1):
        html.append(f'<section id="{PLACE}s{number}"><h3>Slide {number}</h3>')
        try:
            html.extend(_slide(slide, pictures))
        except Exception:  # noqa: BLE001 - one broken slide does not take the others with it
            html.append("<p>[Not all of this slide could be read]</p>")
            pictures.missing += 1
        html.append("</section>")
    return _written("".join(html), folder, pictures, slides=len(slides[: int(first)]), of=len(slides))


def _slide(slide: Any, pictures: Inside) -> Iterator[str]:
    for shape in slide.shapes:
        yield from _shape(shape, pictures, 0)
    if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None and frame.text.strip():
        yield f"<h4>Notes</h4>{_frame(frame)}"


def _shape(shape: Any, pictures: Inside, deep: int) -> Iterator[str]:
    if deep < 10 and hasattr(shape, "shapes"):
        for inner in shape.shapes:
            yield from _shape(inner, pictures, deep + 1)
    elif getattr(shape, "has_table", False):
        yield "<table>"
        for row in shape.table.rows:
            yield "<tr>" + "".join(f"<td>{escape(plain(cell.text))}</td>" for cell in row.cells) + "</tr>"
        yield "</table>"
    elif getattr(shape, "has_text_frame", False):
        yield _frame(shape.text_frame)
    elif hasattr(type(shape), "image"):
        try:
            data = shape.image.blob
        except Exception:  # noqa: BLE001 - a picture that lies elsewhere or is missing is left out
            data = b""
        yield f"<p>{_img(pictures, data, plain(str(shape.name)))}</p>"


def _frame(frame: Any) -> str:
    words = (plain(paragraph.text).strip() for paragraph in frame.paragraphs)
    return "".join(f"<p>{escape(text)}</p>" for text in words if text)
