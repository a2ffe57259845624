"""What a layer chooses of a row-stationary engine."""

from amaranth.lib import data

from ..parameters import address_bits

__all__ = ["legal_config", "row_stationary_config"]

STEP_BITS = 16


def row_stationary_config(parameters, post_beats):
    """Layout of what a layer chooses; all counts minus one.

    - ``filters``, ``parts``, ``taps``: filters and parts of channels that take turns in an
      element, and pixels of a filter row;
    - ``stride``: pixels that the window moves from step to step, at most ``taps``;
    - ``steps``: steps of a pass; ``step_cycles`` from one to the next, at least filters x parts x
      taps and filters x chains; ``chains`` of rows that add up;
    - ``column_beats``: beats of inputs for each column of pixels;
    - ``filter_tags``: filter rows of a pass, each of ``filter_beats`` beats of weights;
    - ``rows``, the bottom one first: ``tag`` of the input beats that it takes, less the column's;
      ``filter_tag``; the ``part`` of a pixel that its channels begin with; the number of its
      ``chain``, and whether it is its ``first`` or its ``top`` row; ``active``; ``output_rows``
      that its chain computes, of each column group;
    - ``columns``: ``tag``, the ``output_row`` in its group, ``active``.
    """
    p = parameters
    turns = max(p.filter_words, p.rows * p.sum_depth)
    side = address_bits(p.columns)
    row = data.StructLayout({
        "tag": p.tag_bits, "filter_tag": address_bits(p.rows), "part": address_bits(p.parts),
        "chain": address_bits(p.rows), "first": 1, "top": 1, "active": 1, "output_rows": side})
    column = data.StructLayout({"tag": p.tag_bits, "output_row": side, "active": 1})
    return data.StructLayout({
        "filters": address_bits(p.sum_depth), "parts": address_bits(p.parts),
        "taps": address_bits(p.window_pixels), "stride": address_bits(p.window_pixels),
        "steps": STEP_BITS, "step_cycles": address_bits(turns), "chains": address_bits(p.rows),
        "column_beats": p.tag_bits, "filter_tags": address_bits(p.rows),
        "filter_beats": address_bits(p.filter_beats),
        "rows": data.ArrayLayout(row, p.rows), "columns": data.ArrayLayout(column, p.columns)})


def legal_config(parameters, config):
    """Whether the array has what ``config`` counts on and every tag in use is among the beats'."""
    p = parameters
    counts = ((config.filters, p.sum_depth), (config.parts, p.parts),
              (config.taps, p.window_pixels), (config.chains, p.rows),
              (config.filter_tags, p.rows), (config.filter_beats, p.filter_beats))
    legal = (config.stride <= config.taps)
    for value, most in counts:
        if most < 1 << len(value):
            legal &= value < most
    for row in config.rows:
        legal &= ~row.active | ((row.filter_tag <= config.filter_tags)
                                & (row.chain <= config.chains)
                                & (row.tag <= config.column_beats))
    for column in config.columns:
        legal &= ~column.active | (column.tag <= config.column_beats)
    return legal
