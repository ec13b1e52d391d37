"""The drawing itself, for the box: each function reads one hostile file and writes pictures or text of ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from courseware.kit.filekinds.images import PIXELS

if TYPE_CHECKING:
    from PIL import Image

LARGEST_SIDE = 2000  # pixels of a copy
PAGE_SCALE = 2.0  # 144 dots an inch: small print is readable
MOST_PAGE_TEXT = 20_000  # characters kept of a page's own text
MOST_HTML = 2_000_000  # characters of a document shown in a page

_DECODERS = {"jpg": ("JPEG", "MPO"), "png": ("PNG",), "webp": ("WEBP",), "heic": ("HEIF",)}
_HEADINGS = "\n".join(
    f"p[style-name='{name}'] => h{level}:fresh"
    for name, level in [
        ("Title", 3),
        *((f"{w} {n}", min(6, n + 2)) for w in ("heading", "Heading") for n in range(1, 7)),
    ]
)
_TAGS = frozenset("p br h3 h4 h5 h6 ul ol li table thead tbody tr th td strong em s sup sub blockquote".split())


def image_copy(source: str, key: str, target: str) -> list[int]:
    """A WebP copy of a picture at `target`, upright, no larger than LARGEST_SIDE, without anything the camera noted.

    Returns its width and height. Raises whatever the decoder raises, ValueError above PIXELS.
    """
    from PIL import Image, ImageOps

    if key == "heic":
        import pillow_heif

        pillow_heif.register_heif_opener()
    with Image.open(source, formats=_DECODERS[key]) as opened:
        if opened.width * opened.height > PIXELS:
            raise ValueError("too many pixels")
        opened.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
        upright = ImageOps.exif_transpose(opened)
    shown = _in_plain_colours(upright)
    # Onto a new picture: place, camera, thumbnails and profiles stay behind with the old one.
    clean = Image.new(shown.mode, shown.size)
    clean.paste(shown)
    clean.save(target, "WEBP", quality=82)
    return [clean.width, clean.height]


def _in_plain_colours(image: Image.Image) -> Image.Image:
    """The picture in sRGB, with its transparency if it has any."""
    import io

    from PIL import ImageCms

    mode = "RGBA" if image.has_transparency_data else "RGB"
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "CMYK"):
        try:
            return ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=mode
            ) or image.convert(mode)
        except (ImageCms.PyCMSError, OSError):
            return image.convert(mode)
    return image.convert(mode)


def pdf_pages(source: str, folder: str, first: str) -> int:
    """Draw `page-1.webp` and write `page-1.txt` (the page's words), and so on up to `first`; returns how many it has.

    Each page is complete when its picture has its name, so that what was drawn before a crash can be shown.
    """
    import pypdfium2

    with pypdfium2.PdfDocument(Path(source)) as document:
        document.init_forms()
        for number in range(min(len(document), int(first))):
            page = document[number]
            width, height = page.get_size()
            scale = min(PAGE_SCALE, LARGEST_SIDE / max(width, height, 1))
            picture = page.render(scale=scale).to_pil().convert("RGB")
            path = Path(folder) / f"page-{number + 1}.webp"
            words = page.get_textpage().get_text_bounded()
            path.with_suffix(".txt").write_text(words[:MOST_PAGE_TEXT], encoding="utf-8", errors="replace")
            picture.save(path.with_suffix(".part"), "WEBP", quality=80)
            path.with_suffix(".part").rename(path)
        return len(document)


def docx_html(source: str) -> str:
    """The text of a Word document as HTML from a closed list of tags without attributes; pictures are left out."""
    import mammoth
    import nh3

    def no_picture(_image: Any) -> list[Any]:
        return []

    with Path(source).open("rb") as file:
        html = mammoth.convert_to_html(
            file, style_map=_HEADINGS, convert_image=no_picture, external_file_access=False
        ).value
    return nh3.clean(html[:MOST_HTML], tags=set(_TAGS), attributes={}, link_rel=None)
