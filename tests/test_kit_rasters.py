"""Pictures for a page: whatever is sent, what comes out is a still WebP of pixels alone, or a sentence."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from courseware.kit import boxed, rasters
from courseware.kit.filekinds.kinds import Unacceptable
from courseware.kit.rasters import LARGEST, LARGEST_SIDE, Raster, faults_in, remade, size_of

from .files import image, png_claiming
from .hostile import jpeg_with, png_with, webp_with

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PLACE = {0x8825: {1: "N", 2: (53.0, 40.0, 12.0)}, 0x010F: "CameraMaker"}


def _with_place() -> bytes:
    """A photograph taken lying down, with the place and the camera noted: 60 x 40, of which the upper half is red."""
    notes = Image.Exif()
    notes[0x0112] = 6  # turn it to the right
    notes[0x010F] = "CameraMaker"
    notes.get_ifd(0x8825).update({1: "N", 2: (53.0, 40.0, 12.0)})
    out = io.BytesIO()
    picture = Image.new("RGB", (60, 40), "red")
    picture.paste("blue", (0, 20, 60, 40))
    picture.save(out, "JPEG", exif=notes, quality=95)
    assert b"CameraMaker" in out.getvalue()
    return out.getvalue()


def _moving(form: str) -> bytes:
    frames = [Image.new("RGB", (30, 20), tint) for tint in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:])
    return out.getvalue()


def _noise(size: int) -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", (size, size), os.urandom(size * size * 3)).save(out, "PNG", compress_level=1)
    return out.getvalue()


REFUSED = {
    "nothing": (b"", rasters.EMPTY),
    "a text": (b"This is a picture, honestly.", rasters.NO_PICTURE),
    "an SVG": (SVG, rasters.NO_PICTURE),
    "an SVG that says it is a PNG": (b"\x89PNG\r\n\x1a\n" + SVG, rasters.NO_PICTURE),
    "a page behind a GIF's first bytes": (b"GIF89a<script>alert(1)</script>", rasters.NO_PICTURE),
    "a PDF": (b"%PDF-1.7\n%%EOF", rasters.NO_PICTURE),
    "a TIFF, which no browser shows": (image("TIFF"), rasters.NO_PICTURE),
    "no HEIC": (b"\0\0\0\x18ftypheic" + b"\0" * 40, rasters.NO_PICTURE),
    "half a JPEG": (image("JPEG", (300, 300))[:900], rasters.DAMAGED),
    "half a PNG": (_noise(60)[:4000], rasters.DAMAGED),
    "10,000 megapixels in a few hundred bytes": (png_claiming(100_000, 100_000), rasters.TOO_MANY),
    "60 megapixels": (png_claiming(10_000, 6_000), rasters.TOO_MANY),
    "a GIF that moves": (_moving("GIF"), rasters.MOVES),
    "a WebP that moves": (_moving("WEBP"), rasters.MOVES),
    "a PNG that moves": (_moving("PNG"), rasters.MOVES),
}
TAKEN = {
    "a JPEG with markup in its notes": jpeg_with("<script>alert(1)</script>"),
    "a PNG with markup in its text": png_with("<script>alert(1)</script>"),
    "a WebP with markup in its notes": webp_with("<script>alert(1)</script>"),
    "a JPEG with a page behind its end": image("JPEG") + b"<html><script>alert(1)</script>",
    "a JPEG with its place": _with_place(),
    "a JPEG in the colours of print": image("JPEG", mode="CMYK"),
    "a PNG in grey": image("PNG", mode="L"),
    "a PNG with few colours": image("PNG", mode="P"),
    "a PNG one can see through": image("PNG", mode="RGBA"),
    "a PNG with a profile that is none": image("PNG", icc_profile=b"no profile"),
    "a PNG of 16 bits": image("PNG", mode="I;16"),
    "a GIF that stands still": image("GIF", mode="P"),
}


@pytest.fixture
def unboxed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The box's work in this process: quick, and counted."""
    monkeypatch.setattr(boxed, "call", lambda function, *args, seconds: function(*args))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_still_picture_is_refused_with_its_sentence(name: str, unboxed: None) -> None:
    sent, says = REFUSED[name]
    with pytest.raises(Unacceptable) as refused:
        remade(sent)
    assert refused.value.sentence == says


@pytest.mark.parametrize("name", TAKEN)
def test_of_what_is_taken_nothing_stays_but_pixels(name: str, unboxed: None) -> None:
    made = remade(TAKEN[name])
    assert faults_in({"x.webp": made.data}) == {}
    assert size_of(made.data) == (made.width, made.height)
    assert not any(word in made.data for word in (b"script", b"EXIF", b"XMP", b"ICCP", b"CameraMaker"))
    assert (made.width, made.height) == (
        (40, 60) if "place" in name else (80, 60) if "notes" in name or "text" in name else (60, 40)
    )


def test_a_picture_is_turned_upright_and_keeps_what_one_sees_through(unboxed: None) -> None:
    upright = Image.open(io.BytesIO(remade(_with_place()).data)).convert("RGB")
    right, left = upright.getpixel((35, 30)), upright.getpixel((5, 30))
    assert isinstance(right, tuple)
    assert isinstance(left, tuple)
    assert right[0] > 200 > left[0]
    assert left[2] > 200 > right[2]
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(out, "PNG")
    seen = Image.open(io.BytesIO(remade(out.getvalue()).data))
    assert seen.mode == "RGBA"
    assert seen.getpixel((3, 3))[3] == 0  # type: ignore[index]  # a pixel of four


def test_a_large_picture_is_made_small_and_a_drawing_is_kept_to_the_pixel(unboxed: None) -> None:
    made = remade(_noise(1000))
    assert len(made.data) <= LARGEST
    wide = remade(image("JPEG", (4000, 100)))
    assert (wide.width, wide.height) == (LARGEST_SIDE, 40)
    out = io.BytesIO()
    drawing = Image.effect_noise((60, 60), 90).convert("RGB")
    drawing.save(out, "PNG")
    assert Image.open(io.BytesIO(remade(out.getvalue()).data)).convert("RGB").tobytes() == drawing.tobytes()


def test_what_stays_too_large_is_made_as_small_as_it_gets(unboxed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasters, "LARGEST", 10)
    assert remade(image("JPEG", (1200, 600))).width == rasters._STEPS[-1][0]


def test_too_many_bytes_are_not_even_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasters, "SENT", 10)
    with pytest.raises(Unacceptable) as refused:
        remade(b"x" * 11)
    assert refused.value.sentence == rasters.TOO_LARGE


def test_a_decoder_that_dies_is_a_refusal_and_takes_no_other_picture_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = _webp((30, 20)), _webp((31, 20))

    def call(function: object, *args: str, seconds: float) -> object:
        if function is rasters.remake:
            raise boxed.Died("gone")
        files = [Path(args[0], str(n)).read_bytes() for n in range(int(args[1]))]
        if bad in files:
            raise boxed.Died("gone")
        return rasters.decode(*args)

    monkeypatch.setattr(boxed, "call", call)
    with pytest.raises(Unacceptable) as refused:
        remade(image())
    assert refused.value.sentence == rasters.DAMAGED
    assert faults_in({"a": good, "b": bad}) == {"b": "the picture cannot be decoded"}
    assert size_of(good) == (30, 20)


def _webp(size: tuple[int, int], **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "WEBP", **options)
    return out.getvalue()


def _cut(data: bytes, by: int) -> bytes:
    """A WebP whose last bytes are gone and whose sizes say so."""
    body = data[:-by]
    part = int.from_bytes(body[16:20], "little") - by
    return body[:4] + (len(body) - 8).to_bytes(4, "little") + body[8:16] + part.to_bytes(4, "little") + body[20:]


NOTES = "a picture holds one still frame and no notes of a camera"
AS_THEY_ARE = {
    "nothing": (b"", "not a WebP picture"),
    "a PNG": (image(), "not a WebP picture"),
    "a line that names a picture": (b"picture sha256:" + b"0" * 64 + b" 1x1 1\n", "not a WebP picture"),
    "a page behind its end": (_webp((20, 20)) + b"<script>", "the picture is not complete, or something follows it"),
    "not complete": (_webp((20, 20))[:-3], "the picture is not complete, or something follows it"),
    "only its head": (b"RIFF\x04\0\0\0WEBP", NOTES),
    "with markup in its notes": (webp_with("<script>"), NOTES),
    "with its place": (_webp((20, 20), exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"), NOTES),
    "moving": (_moving("WEBP"), NOTES),
    "cut short": (_cut(_webp((64, 64), lossless=True), 8), "the picture cannot be decoded"),
    "too many bytes": (b"RIFF" + bytes(LARGEST), "a picture is at most 300,000 bytes"),
    "too wide": (_webp((LARGEST_SIDE * 2 + 1, 2)), "a picture is at most 3200 pixels wide and high"),
}


@pytest.mark.parametrize("name", AS_THEY_ARE)
def test_a_webp_in_a_folder_is_taken_as_it_is_or_not_at_all(name: str, unboxed: None) -> None:
    data, says = AS_THEY_ARE[name]
    told = faults_in({"x.webp": data})["x.webp"]
    assert told.startswith(says)


def test_it_is_remembered_which_pictures_decode_within_bounds(unboxed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasters, "_decoded", {})
    monkeypatch.setattr(rasters, "KNOWN", 2)
    pictures = {str(side): _webp((side, 5)) for side in (5, 6, 7)}
    assert faults_in(pictures) == {}
    assert len(rasters._decoded) == 2
    asked: list[str] = []
    monkeypatch.setattr(boxed, "call", lambda *args, seconds: asked.append("once"))
    assert faults_in({"7": pictures["7"]}) == {}
    assert asked == []


def test_the_box_holds_the_decoder() -> None:
    """Once through the real child: nothing of Django is there, and the limits are."""
    made = remade(image("PNG", (20, 10)))
    assert (made.width, made.height) == (20, 10)
    assert faults_in({"x": made.data}) == {}
    assert isinstance(made, Raster)


def test_a_frame_of_many_pixels_in_a_webp_is_refused_in_the_box(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasters, "PIXELS", 10)
    (tmp_path / "0").write_bytes(_webp((20, 20)))
    assert rasters.decode(str(tmp_path), "1") == [None]


def test_a_heic_is_taken_where_the_machine_can_read_it(unboxed: None) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), "teal")).save(out)
    made = remade(out.getvalue())
    assert (made.width, made.height) == (64, 48)


def test_the_notes_of_a_png_are_read_by_the_test_itself() -> None:
    """What the table says is not there would be found if it were."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", "script")
    assert b"script" in image("PNG", pnginfo=told)
