"""The pages of ``docs/`` and the code in them."""

import re
from pathlib import Path

__all__ = ["DOCS", "ROOT", "code_files", "table_of"]

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_BLOCK = re.compile(r"^```(?:python|yaml) file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def code_files(page):
    """The code of a page by the file that it belongs to; blocks of one file follow each other.

    Lines of Python have the numbers that they have on the page.
    """
    text = page.read_text(encoding="utf-8")
    files = {}
    for block in _BLOCK.finditer(text):
        begun = files.get(block[1], "")
        python = block[1].endswith(".py")
        lines = (text.count("\n", 0, block.start(2)) - begun.count("\n")) * python
        files[block[1]] = begun + "\n" * lines + block[2]
    return files


def table_of(text, first_column):
    """The rows of a page's table, as dicts by the words of its head, without backquotes."""
    head, _, *rows = re.search(rf"^\| {re.escape(first_column)} \|.*\n(?:\|.*\n)+", text,
                               re.MULTILINE)[0].replace("`", "").splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in [head, *rows]]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]
