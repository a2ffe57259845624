"""Generated parts of the documentation; ``python -m ergon.reference`` writes them anew."""

from pathlib import Path

from compiler.workload_file import WorkloadFile
from energy.calibration.tables import by_card, by_data_set
from generators.config import accelerator_model
from generators.files import write_files
from generators.headers import register_table_markdown

__all__ = ["DOCS", "keys_markdown", "parts", "refreshed"]

DOCS = Path(__file__).resolve().parent.parent / "docs"
BEGIN = "<!-- begin: {name}, written by `python -m ergon.reference` -->\n"
END = "<!-- end: {name} -->\n"


def parts():
    """The generated text of each part, by page and name."""
    return {
        "registers.md": {"registers": register_table_markdown()},
        "configuration.md": {"keys": keys_markdown(accelerator_model())},
        "workloads.md": {"keys": keys_markdown(WorkloadFile)},
        "energy.md": {"cards": "\n".join([*by_card(), ""]),
                      "data": "\n".join([*by_data_set("pe_ws_int8"), ""])},
    }


def refreshed(page):
    """The text of a page with its generated parts as they must be."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for name, content in parts()[page].items():
        begin, end = BEGIN.format(name=name), END.format(name=name)
        head, _, rest = text.partition(begin)
        _, found, tail = rest.partition(end)
        if not found:
            raise ValueError(f"{page}: has no part {name}; add the line {begin!r} and {end!r}")
        text = f"{head}{begin}\n{content}\n{end}{tail}"
    return text


def keys_markdown(model):
    """Every key of a YAML file: one table per section, from the model's types and docstrings."""
    schema = model.model_json_schema()
    return "\n".join(_sections("", schema, schema["$defs"]))


def _sections(path, section, definitions):
    """The tables of a section and of the sections in it."""
    properties = {key: _resolved(entry, definitions)
                  for key, entry in section["properties"].items()}
    inner = {}
    yield f"### {f'`{path}`' if path else 'The file'}\n\n{section.get('description', '')}\n"
    yield "| Key | Value | Default | |\n|---|---|---|---|"
    for key, entry in properties.items():
        inner |= _inner(f"{path}.{key}".lstrip("."), entry)
        required = "required" if key in section.get("required", ()) else _default(entry)
        yield f"| `{key}` | {_value(entry)} | {required} | {entry.get('description', '')} |"
    yield ""
    for name, entry in inner.items():
        yield from _sections(name, entry, definitions)


def _resolved(entry, definitions):
    """An entry with its references replaced; its own words come before those of its type."""
    if "$ref" in entry:
        target = _resolved(definitions[entry["$ref"].rpartition("/")[2]], definitions)
        return target | {key: value for key, value in entry.items() if key != "$ref"}
    return entry | {key: [_resolved(option, definitions) for option in entry[key]]
                    for key in ("anyOf", "oneOf") if key in entry} | (
        {"items": _resolved(entry["items"], definitions)} if "items" in entry else {})


def _inner(path, entry):
    """The sections that a key holds, by path."""
    if "properties" in entry:
        return {path: entry}
    if "properties" in entry.get("items", {}):
        return {f"{path}[]": entry["items"]}
    for option in entry.get("anyOf", ()):
        if "properties" in option:
            return {path: option}
    return {f"{path} (kind: {option['properties']['kind']['const']})": option
            for option in entry.get("oneOf", ()) if "properties" in option}


def _value(entry):
    """What a key may be set to, in a few words."""
    if "properties" in entry or "oneOf" in entry:
        return "section"
    if "const" in entry:
        return f"`{entry['const']}`"
    if "enum" in entry:
        return ", ".join(f"`{choice}`" for choice in entry["enum"])
    if "anyOf" in entry:
        return _value(next(option for option in entry["anyOf"] if option.get("type") != "null"))
    match entry.get("type"):
        case "integer" if "maximum" in entry:
            return f"{entry['minimum']} to {entry['maximum']}"
        case "integer" if "minimum" in entry:
            return f"{entry['minimum']} or more"
        case "integer":
            return "whole number"
        case "number" if "minimum" in entry:
            return f"{entry['minimum']:g} to {entry['maximum']:g}"
        case "boolean":
            return "`true`, `false`"
        case "string":
            return f"text like `{entry['pattern']}`" if "pattern" in entry else "text"
        case "array":
            return "list of sections"
    return "see right"


def _default(entry):
    default = entry.get("default")
    if default is None or default == "":
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{list(default) if isinstance(default, (list, tuple)) else default}`"


def main():
    """Write every page anew."""
    write_files(DOCS, {page: refreshed(page) for page in parts()})


if __name__ == "__main__":
    main()
