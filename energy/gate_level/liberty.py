"""Liberty text to a tree of groups.

The reader is our own because the macros of IHP's PDK leave semicolons out: eda-liberty-parser 0.1.1
(MIT) joins the two attributes of such lines into one and prints a warning for each; it also takes
1.7 s for sky130's 12.8 MB, this one 0.5 s. Here is syntax only; library.py knows what groups mean.
"""

import gzip
import re
from dataclasses import dataclass, field
from pathlib import Path

from generators.errors import UserError

__all__ = ["Group", "parse_liberty", "read_text"]

# Strings are matched first, so that a comment mark inside one stays.
COMMENT = re.compile(r'"[^"]*"|/\*.*?\*/|//[^\n]*', re.DOTALL)
# One match per statement: `name : value ;`, `name (arguments) ;`, `name (arguments) {` or `}`.
STATEMENT = re.compile(
    r'\s*(?:([\w.]+)\s*(?::\s*("[^"]*"|[^;{}\n]*)\s*;?|\(((?:[^"()]|"[^"]*")*)\)\s*([{;]?))|(\})\s*;?|;)'
)


@dataclass(eq=False)
class Group:
    """`kind (arguments) { … }`: attributes `a : b`, lists `a (b, c)` as raw text, sub-groups."""

    kind: str
    arguments: list[str]
    attributes: dict[str, str] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    groups: list["Group"] = field(default_factory=list)

    def children(self, *kinds):
        """Direct sub-groups of these kinds, in file order."""
        return [group for group in self.groups if group.kind in kinds]


def read_text(path):
    """Text of a `.lib`, `.lib.gz` or any other text file that may be gzipped.

    Raises
    ------
    UserError
        Where the file cannot be read.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError) as error:
        raise UserError(f"{path}: {error}; give the path of a readable file") from None
    return data.decode("utf-8", errors="replace")


def parse_liberty(text, path="liberty"):
    """The `library` group of a Liberty text; `path` names the file in messages.

    Raises
    ------
    UserError
        A statement that is not Liberty, braces that don't pair, or no `library` group.
    """
    text = COMMENT.sub(lambda m: m[0] if m[0][0] == '"' else " " + "\n" * m[0].count("\n"), text)
    text = re.sub(r"\\[ \t\r]*\n", " \n", text).rstrip()
    root = Group("", [])
    stack = [root]
    position = 0
    while position < len(text):
        match = STATEMENT.match(text, position)
        if match is None or (match[5] and len(stack) == 1):
            found = text[position:].split(None, 1)[0][:40]
            line = text.count("\n", 0, text.index(found, position)) + 1
            raise UserError(
                f"{path}: line {line}: {found!r} is not a Liberty statement; give a .lib file"
            )
        position = match.end()
        name, value, arguments, opening, closing = match.groups()
        if closing:
            stack.pop()
        elif value is not None:
            stack[-1].attributes[name] = value.strip().strip('"').strip()
        elif opening == "{":
            group = Group(
                name, [part.strip().strip('"') for part in arguments.split(",") if part.strip()]
            )
            stack[-1].groups.append(group)
            stack.append(group)
        elif name:
            stack[-1].lists[name] = arguments
    libraries = root.children("library")
    if not libraries:
        raise UserError(f"{path}: no library group; give a Liberty file (.lib or .lib.gz)")
    if len(stack) > 1:
        raise UserError(
            f"{path}: {stack[-1].kind} group is not closed; the file ends early, fetch it again"
        )
    return libraries[0]
