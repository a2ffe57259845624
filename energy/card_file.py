"""Calibration cards as text: YAML that people read and compare line by line."""

import yaml

__all__ = ["card_text"]

_SHORT = 76     # a mapping of plain values that is no longer stands on one line
_WIDTH = 84     # lists go on in a new line after the value that passes it: no line exceeds 100


def card_text(card, command):
    """The text of a card's file.

    Parameters
    ----------
    card: Card
    command: list of str
        Lines of the command that has made it, which a comment on top quotes.

    Returns
    -------
    str
        YAML that `generators.documents.load_document` reads back as the same card.
    """
    used = card.library
    header = [f"Energy of the component `{card.kind}` in {used.name}, {used.voltage_v:g} V, "
              f"{used.temperature_c:g} °C: pJ per cycle",
              "and per toggle of each bit, fitted to gate-level simulations. Made by", "",
              *(f"  {line}" for line in command)]
    text = yaml.dump(card.model_dump(mode="json"), Dumper=_Dumper, sort_keys=False,
                     allow_unicode=True, width=_WIDTH)
    return "".join(f"# {line}".rstrip() + "\n" for line in header) + "\n" + text


class _Dumper(yaml.SafeDumper):
    """Plain lists and short mappings on one line, all else in blocks."""

    def represent_sequence(self, tag, sequence, flow_style=None):
        return super().represent_sequence(tag, sequence, all(map(_plain, sequence)))

    def represent_mapping(self, tag, mapping, flow_style=None):
        short = all(map(_plain, mapping.values())) and len(str(dict(mapping))) <= _SHORT
        return super().represent_mapping(tag, mapping, short)

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)


def _plain(value):
    return not isinstance(value, dict | list)
