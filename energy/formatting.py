"""Numbers as people read them."""

__all__ = ["energy", "number", "percent", "quantity"]

_PREFIXES = ("", "k", "M", "G", "T")


def number(value):
    """Three significant digits: ``0.265``, ``18.4``, ``512``, ``1,024`` and more in full."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def energy(value_pj):
    """An energy in pJ with the prefix that leaves 1 to 999 before the point."""
    for unit in ("pJ", "nJ", "µJ"):
        if abs(value_pj) < 999.5:
            return f"{number(value_pj)} {unit}"
        value_pj /= 1000
    return f"{number(value_pj)} mJ"


def quantity(value):
    """A count with a prefix, for places where four digits are enough: ``16.8 M``."""
    for prefix in _PREFIXES:
        if abs(value) < 999.5 or prefix == _PREFIXES[-1]:
            return f"{number(value)} {prefix}".rstrip()
        value /= 1000


def percent(value):
    return f"{100 * value:.1f} %"
