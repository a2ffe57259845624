"""Writes the files of one result together, or none of them."""

import os
import tempfile
from pathlib import Path

from .errors import UserError

__all__ = ["write_files"]


def write_files(folder, texts):
    """Write files into ``folder``, each under a temporary name that is then moved into place.

    Parameters
    ----------
    folder: str or Path
        Made if missing.
    texts: dict of str to str
        File name to content; moved into place in this order, so that a reader who finds the last
        file finds the others as well.

    Returns
    -------
    Path
        The last file.

    Raises
    ------
    UserError
        If the folder cannot be written to.
    """
    folder = Path(folder)
    temporary = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            handle, temporary[name] = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
            with open(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            os.chmod(temporary[name], 0o644)
        for name in texts:
            os.replace(temporary[name], folder / name)
            del temporary[name]
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror}); "
                        "name another folder with --out") from None
    finally:
        for path in temporary.values():
            os.unlink(path)
    return folder / name
