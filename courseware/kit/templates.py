"""Our templates without their indentation: it helps whoever reads the source, and would travel with every page."""

from __future__ import annotations

import re

from django.template import Origin
from django.template.loaders import filesystem

_indent = re.compile(r"^[ \t]+", re.MULTILINE)
# A line with nothing but one of these leaves an empty line behind; what stands before it has ended its own line, and so
# does the last line of what is included.
_alone = re.compile(
    r"^(\{% (?:(?:if|elif|else|endif|for|empty|endfor|with|endwith|load|block|endblock|include)\b[^%\n]*"
    r"|url\b[^%\n]* as \w+ )%\})\n",
    re.MULTILINE,
)


class Loader(filesystem.Loader):
    """As Django's, but a line of an HTML template begins with its first word. Where white space counts, no template
    of ours has any of its own: it comes from variables, which stay as they are.
    """

    def get_contents(self, origin: Origin) -> str:
        """The template's text. Raises TemplateDoesNotExist."""
        text: str = super().get_contents(origin)
        return _alone.sub(r"\1", _indent.sub("", text)) if str(origin.name).endswith(".html") else text
