"""A sound and a film for the demo, made without an encoder: an MP3 of plain tones and a WebM of still pictures."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

from PIL import Image

# -- MP3 (ISO 11172-3, layer III): one channel, 44.1 kHz, 64 kbit/s ----------------------------------------------------

_FRAME = 208  # bytes: 144 * 64000 // 44100
_HEADER = bytes((0xFF, 0xFB, 0x50, 0xC4))
_PER_SECOND = 44_100 / 1152
_TUNE = (11, 14, 17, 22)  # lines of the transform, 38 Hz apart: a rising chord
_SILENT, _LOUD = 0, 203  # global gain; every 4 steps double the amplitude


class _Bits:
    def __init__(self) -> None:
        self.bits: list[str] = []

    def put(self, value: int, width: int) -> None:
        self.bits.append(format(value, f"0{width}b"))

    def packed(self, length: int) -> bytes:
        text = "".join(self.bits).ljust(8 * length, "0")
        return int(text, 2).to_bytes(length)


def mp3(seconds: float) -> bytes:
    """A recording of `seconds`: a soft tone per second that dies away. Real frames, each readable by itself."""
    frames = max(4, round(seconds * _PER_SECOND))
    return b"".join(_frame(number) for number in range(frames))


def _frame(number: int) -> bytes:
    """Side information (17 bytes), then per granule one spectral line of value 1 in Huffman table 1."""
    beat, within = divmod(number, round(_PER_SECOND))
    line = _TUNE[beat % len(_TUNE)]
    side, data = _Bits(), _Bits()
    side.put(0, 9 + 5 + 4)  # own main data, no private bits, no shared scale factors
    for granule in range(2):
        gain = max(_SILENT, _LOUD - (2 * within + granule))
        # Pairs of zero are one bit; the last pair is (0, 1) or (1, 0) and a sign that turns to keep the wave going.
        data.put((1 << line // 2) - 1, line // 2)
        data.put(1, 3 if line % 2 else 2)
        data.put((number * 2 + granule) % 2, 1)
        side.put(line // 2 + (4 if line % 2 else 3), 12)  # bits of this granule
        side.put(line // 2 + 1, 9)  # pairs
        side.put(gain, 8)
        side.put(0, 4 + 1)  # no scale factors, long windows
        side.put(0b00001_00001_00001, 15)  # Huffman table 1 in every region
        side.put(0, 4 + 3 + 3)
    return _HEADER + side.packed(17) + data.packed(_FRAME - 21)


# -- WebM (Matroska elements; VP8 key frames, which is what lossy WebP holds) ------------------------------------------


def element(identity: int, content: bytes) -> bytes:
    """One Matroska element: its id, its length in eight bytes, its content."""
    name = identity.to_bytes((identity.bit_length() + 7) // 8)
    return name + (len(content) | 1 << 56).to_bytes(8) + content


def _count(identity: int, value: int) -> bytes:
    return element(identity, value.to_bytes(8))


def webm(pictures: Sequence[Image.Image], seconds_each: float = 1.0) -> bytes:
    """A film that shows each picture in turn; all must have the size of the first."""
    width, height = pictures[0].size
    step = round(1000 * seconds_each)
    info = element(
        0x1549A966,
        _count(0x2AD7B1, 1_000_000)
        + element(0x4489, struct.pack(">d", float(step * len(pictures))))
        + element(0x4D80, b"Courseware demo")
        + element(0x5741, b"Courseware demo"),
    )
    video = element(0xE0, _count(0xB0, width) + _count(0xBA, height))
    track = element(0xAE, _count(0xD7, 1) + _count(0x73C5, 1) + _count(0x83, 1) + element(0x86, b"V_VP8") + video)
    clusters = [
        element(0x1F43B675, _count(0xE7, number * step) + element(0xA3, b"\x81\0\0\x80" + _key_frame(picture)))
        for number, picture in enumerate(pictures)
    ]
    header = element(
        0x1A45DFA3,
        _count(0x4286, 1)
        + _count(0x42F7, 1)
        + _count(0x42F2, 4)
        + _count(0x42F3, 8)
        + element(0x4282, b"webm")
        + _count(0x4287, 2)
        + _count(0x4285, 2),
    )
    front = info + element(0x1654AE6B, track)
    places = len(front) + len(_cues([0] * len(clusters), step))
    starts = [places + sum(len(cluster) for cluster in clusters[:number]) for number in range(len(clusters))]
    return header + element(0x18538067, front + _cues(starts, step) + b"".join(clusters))


def _cues(starts: Sequence[int], step: int) -> bytes:
    """Where each picture begins, so that players can jump; as long for any places."""
    return element(
        0x1C53BB6B,
        b"".join(
            element(0xBB, _count(0xB3, number * step) + element(0xB7, _count(0xF7, 1) + _count(0xF1, start)))
            for number, start in enumerate(starts)
        ),
    )


def _key_frame(picture: Image.Image) -> bytes:
    """The VP8 key frame inside a lossy WebP of the picture."""
    out = io.BytesIO()
    picture.convert("RGB").save(out, "WEBP", quality=70, method=4)
    data = out.getvalue()
    at = data.index(b"VP8 ")
    return data[at + 8 : at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")]
