"""Tables of cards' held-out errors, for the documentation."""

from energy.cards import load_cards

__all__ = ["TECHNOLOGIES", "by_card", "by_data_set"]

TECHNOLOGIES = ("osu018", "sky130hd", "sg13g2")
_HEAD = ("library", "card", "measured on", "mean", "worst", "windows: mean", "95 %",
         "constant: mean", "worst")


def by_card():
    """A row for each card and design: mean and worst error of the data sets, and of windows."""
    yield _row(_HEAD)
    yield _row(["---"] * 3 + ["---:"] * (len(_HEAD) - 3))
    for technology, card, error in _errors():
        yield _row((technology, f"`{card.name}`", error.design, *(
            f"{100 * value:.1f} %" for value in (
                error.mean, error.worst, error.windows_mean, error.windows_p95,
                error.constant_mean, error.constant_worst))))


def by_data_set(name):
    """A row for each held-out data set and a column for each library and design of one card."""
    errors = [(technology, error) for technology, card, error in _errors() if card.name == name]
    yield _row(("data", *(f"{technology}, {error.design}" for technology, error in errors)))
    yield _row(["---"] + ["---:"] * len(errors))
    for data in errors[0][1].data_sets:
        yield _row((data, *(f"{100 * error.data_sets[data]:+.1f} %" for _, error in errors)))


def _errors():
    for technology in TECHNOLOGIES:
        for card in load_cards(technology):
            for error in card.errors:
                yield technology, card, error


def _row(cells):
    return f"| {' | '.join(cells)} |"
