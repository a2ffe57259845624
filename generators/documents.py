"""Reads YAML files into pydantic models and reports every problem in plain words.

A problem reads ``path: value and rule; remedy (line n)``.
"""

import difflib
from pathlib import Path
from typing import get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from .errors import UserError

__all__ = ["load_document"]


def load_document(path, model):
    """Read the YAML file at ``path`` as a ``model``.

    Parameters
    ----------
    path: str or Path
        The file.
    model: subclass of pydantic.BaseModel
        What the file must hold.

    Raises
    ------
    UserError
        With every problem of the file: unreadable, no YAML, duplicate keys, or values that
        ``model`` rejects.
    """
    data, lines = _read(Path(path))
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise UserError([_with_line(_path(problem, data), _sentence(problem, model), lines)
                         for problem in error.errors()]) from None


class _Loader(yaml.SafeLoader):
    """A safe loader that knows no aliases, so that a file is as large as it looks."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not supported",
                                       problem_mark=self.peek_event().start_mark)
        return super().compose_node(parent, index)


def _read(path):
    """The plain data of a YAML file, and the line of each of its paths."""
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        lines, problems = {}, []
        data = None if node is None else _construct(loader, node, (), lines, problems)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); name a YAML file") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not UTF-8 text; name a YAML file") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        what = getattr(error, "problem", None) or "special characters are not allowed"
        raise UserError(f"{path}: {where}not readable as YAML; {what}") from None
    except ValueError as error:
        raise UserError(f"{path}: not readable as YAML; {error}") from None
    if data is None:
        raise UserError(f"{path}: is empty; write `key: value` lines")
    if problems:
        raise UserError(problems)
    return data, lines


def _construct(loader, node, path, lines, problems):
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [_construct(loader, item, (*path, index), lines, problems)
                for index, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    mapping = {}
    for key_node, value_node in node.value:
        # The text of the key as written: YAML would read `on` as a boolean.
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        if key in mapping:
            problems.append(f"{_dotted((*path, key))}: written twice, in lines "
                            f"{lines[*path, key]} and {line}; keep one")
        mapping[key] = _construct(loader, value_node, (*path, key), lines, problems)
        lines[*path, key] = line
    return mapping


def _path(problem, data):
    """Where a problem lies in the file: its location less the tags of sections of several kinds."""
    path = []
    absent = len(problem["loc"]) - 1 if problem["type"] == "missing" else None
    for index, part in enumerate(problem["loc"]):
        if index != absent and isinstance(data, dict) and part not in data:
            continue
        path.append(part)
        data = data[part] if index != absent and isinstance(data, (dict, list)) else None
    if problem["type"].startswith("union_tag"):
        path.append(problem["ctx"]["discriminator"].strip("'"))
    return tuple(path)


def _dotted(path):
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".") or "file"


def _with_line(path, sentence, lines):
    """The sentence with its path, and the line of the path or of the nearest key above it."""
    known = next((path[:n] for n in range(len(path), 0, -1) if path[:n] in lines), None)
    return f"{_dotted(path)}: {sentence}" + (f" (line {lines[known]})" if known else "")


def _sentence(problem, model):
    """What is wrong and what to do, in words of ours for each kind of problem."""
    value, context = problem["input"], problem.get("ctx", {})
    match problem["type"]:
        case "missing" | "union_tag_not_found":
            return "is missing; add it"
        case "extra_forbidden":
            *parents, key = problem["loc"]
            return f"unknown key; {_did_you_mean(key, _keys(model, parents))}"
        case "int_type" | "int_from_float":
            return f"{value!r} is not a whole number; write digits only"
        case "float_type" | "finite_number":
            return f"{value!r} is not a number; write it as in 0.01"
        case "bool_type":
            return f"{value!r} is neither true nor false; use one of them"
        case "string_type":
            return f"{value!r} is not text; put it in quotes"
        case "model_type" | "dict_type" | "model_attributes_type":
            return f"{_short(value)} is not a mapping; write `key: value` lines"
        case "list_type":
            return f"{_short(value)} is not a list; write `- item` lines"
        case "greater_than_equal" if context["ge"] == 1:
            return f"{value} is not positive; use 1 or more"
        case "greater_than_equal":
            return f"{value} is too small; use {context['ge']} or more"
        case "less_than_equal":
            return f"{value} is too large; use {context['le']} or less"
        case "literal_error" | "enum":
            expected = context["expected"].replace("'", "")
            return f"{_short(value)} is not one of the choices; use {expected}"
        case "union_tag_invalid":
            tags = " or ".join(context["expected_tags"].replace("'", "").rsplit(", ", 1))
            return f"{_short(context['tag'])} is not one of the choices; use {tags}"
        case "string_pattern_mismatch":
            return f"{_short(value)} does not match {context['pattern']}; rename it"
        case "value_error":
            return str(context["error"])
        case other:
            return f"{_short(value)} is not accepted ({other}); see `ergon schema`"


def _short(value):
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _keys(model, path):
    """The keys that ``model`` knows at ``path``."""
    for part in path:
        if isinstance(part, int):
            continue
        fields = getattr(model, "model_fields", None)
        if fields is not None:
            model = _section(fields[part].annotation) if part in fields else None
        else:  # a section of several kinds, told apart by the tag in `part`
            model = next((kind for kind in get_args(model) if _has_tag(kind, part)), None)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return list(model.model_fields)
    return []


def _section(annotation):
    """The type of a key's value, be the key optional, or of a list's items."""
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
    plain = len(kinds) == len(get_args(annotation)) and get_origin(annotation) is not list
    return annotation if plain else kinds[0]


def _has_tag(kind, tag):
    return any(tag in get_args(field.annotation)
               for field in getattr(kind, "model_fields", {}).values())


def _did_you_mean(key, known):
    close = difflib.get_close_matches(str(key), known, n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"known keys are {', '.join(known)}" if known else "remove it"
