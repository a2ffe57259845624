"""What comes with the project, by name: cores, workloads, technologies."""

import difflib
from pathlib import Path

import yaml

from generators.errors import UserError

__all__ = ["available", "core_file", "descriptions"]

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {
    "cores": ROOT / "configs" / "cores",
    "workloads": ROOT / "configs" / "workloads",
    "technologies": ROOT / "energy" / "technologies",
}
CALIBRATION = ROOT / "configs" / "calibration"


def available(kind):
    """Files of a kind, ``cores``, ``workloads`` or ``technologies``, by name."""
    return {path.stem: path for path in sorted(FOLDERS[kind].glob("*.yaml"))}


def descriptions(kind):
    """The ``description`` of each file of a kind, by name."""
    return {name: _description(path) for name, path in available(kind).items()}


def core_file(name):
    """The YAML file of a core that the user gave as a file or as a name.

    Names are those of the published cores, and of the small ones that calibrations are made with.

    Raises
    ------
    UserError
        If there is no such file and no such core.
    """
    path = Path(name)
    if path.is_file():
        return path
    cores = available("cores") | {path.stem: path for path in CALIBRATION.glob("*.yaml")}
    if name in cores:
        return cores[name]
    close = difflib.get_close_matches(path.stem, cores, n=1)
    remedy = f"did you mean {close[0]}?" if close else "`ergon list` shows the cores"
    raise UserError(f"config: {name} is neither a file nor a known core; {remedy}")


def _description(path):
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return str(data.get("description", "")) if isinstance(data, dict) else ""
