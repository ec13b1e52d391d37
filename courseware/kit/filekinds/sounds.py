"""MP3: a run of frames, each of which says where the next one begins. No decoder needed to follow it."""

from __future__ import annotations

from typing import BinaryIO

from courseware.kit.filekinds.kinds import damaged

ENOUGH = 200  # frames that must follow each other, unless the file ends before; about five seconds
MOST_PADDING = 1 << 16
_KILOBITS = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def is_frame(head: bytes) -> bool:
    """Whether `head` begins with the eleven set bits and the layer III of an MP3 frame."""
    return len(head) >= 4 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2


def frame_length(head: bytes) -> int:
    """Bytes of the frame that begins with these four, header included; 0 when no frame does (ISO 11172-3, 2.4.1.3)."""
    if not is_frame(head):
        return 0
    version, bitrate, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return 0
    padding = head[2] >> 1 & 1
    samples = 144_000 if version == 3 else 72_000
    return samples * _KILOBITS[version == 3][bitrate] // _RATES[version][rate] + padding


def prove_mp3(file: BinaryIO, size: int) -> str:
    """The key "mp3" when frame follows frame. Raises Unacceptable."""
    position = _after_tag(file)
    for count in range(ENOUGH):
        file.seek(position)
        head = file.read(4)
        length = frame_length(head)
        if not length or position + length > size:
            # Tags and padding may follow the last frame; three frames in a row do not come about by chance.
            if count >= 3:
                break
            raise damaged("mp3")
        position += length
    return "mp3"


def _after_tag(file: BinaryIO) -> int:
    """Where the first frame begins: behind an ID3v2 tag, whose length is in four times seven bits, and its padding."""
    file.seek(0)
    head = file.read(10)
    if not head.startswith(b"ID3"):
        return 0
    if len(head) < 10 or any(byte > 127 for byte in head[6:]):
        raise damaged("mp3")
    end = 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]) + (10 if head[5] & 0x10 else 0)
    file.seek(end)
    padding = file.read(MOST_PADDING)
    return end + len(padding) - len(padding.lstrip(b"\0"))
