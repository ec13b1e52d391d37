"""What a ZIP archive holds, read from its directory alone: nothing is unpacked; for the box."""

from __future__ import annotations

from html import escape
from pathlib import Path

from courseware.kit.previews.places import plain

MOST_NAMES = 500
_ARCHIVES = (".zip", ".rar", ".7z", ".gz", ".tgz", ".bz2", ".xz", ".tar")


def zip_list(source: str, folder: str) -> dict[str, int]:
    """The names and sizes of an archive's files into `list.html`; returns how many there are and how many are shown."""
    import zipfile

    with zipfile.ZipFile(source) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    rows = "".join(
        f'<tr><th scope="row">{escape(plain(entry.filename)[:300])}{_says(entry)}</th>'
        f'<td class="n">{_size(entry.file_size)}</td></tr>'
        for entry in entries[:MOST_NAMES]
    )
    head = '<thead><tr><th scope="col">File</th><th scope="col" class="n">Size</th></tr></thead>'
    html = f'<table class="table">{head}<tbody>{rows}</tbody></table>' if entries else "<p>This archive is empty.</p>"
    (Path(folder) / "list.html").write_text(html, encoding="utf-8")
    return {"of": len(entries), "shown": min(len(entries), MOST_NAMES)}


def _says(entry: object) -> str:
    name, flags = getattr(entry, "filename", "").lower(), getattr(entry, "flag_bits", 0)
    about = (("an archive, not opened", name.endswith(_ARCHIVES)), ("locked", flags & 1))
    says = [word for word, true in about if true]
    return f" <small>({', '.join(says)})</small>" if says else ""


def _size(size: int) -> str:
    if size < 1024:
        return f"{size} byte{'' if size == 1 else 's'}"
    for power, unit in ((1, "KB"), (2, "MB")):
        if size < 1024 ** (power + 1):
            return f"{size / 1024**power:.0f} {unit}"
    return f"{size / 1024**3:.1f} GB"
