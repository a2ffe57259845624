"""A profile as files: one CSV row per window, and a plot."""

import csv
import io

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from energy.parts import kind_name
from generators.files import write_files

__all__ = ["PROFILE", "write_profile"]

PROFILE = ("profile.csv", "profile.svg")

_DETAIL = 400       # windows that a reader can tell apart
_COLUMNS = 400      # of the strip that shows more than those
_MOST_BANDS = 12    # layers that are told apart behind the strip
_COLOURS = ("#1f6fb4", "#e08a1e", "#2a9d78", "#b5508f", "#7d6bc4", "#c9473b", "#8f969e")
_TEXT, _SOFT, _BAND, _HIGHEST = "#1c1e21", "#5d646d", "#f1efe9", "#c3d8ea"
_UNITS = ((1e3, "W", 1e-3), (1, "mW", 1), (0, "µW", 1e3))     # least mW, unit, units per mW


def write_profile(profile, folder):
    """Write ``profile.csv`` and ``profile.svg`` into a folder; returns it."""
    write_files(folder, dict(zip(PROFILE, (_csv(profile), _plot(profile)), strict=True)))
    return folder


def _csv(profile):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["run", "first_cycle", "cycles", "layer",
                     *(f"{kind}_{unit}" for kind in (*profile.kinds, "total")
                       for unit in ("pj", "mw"))])
    energies, powers = (np.column_stack([values, values.sum(axis=1)])
                        for values in (profile.energies_pj, profile.powers_mw))
    figures = np.stack([energies, powers], axis=2).reshape(len(energies), -1)
    for head, numbers in zip(zip(profile.runs, profile.first_cycles, profile.cycles,
                                 profile.window_layers, strict=True),
                             figures.tolist(), strict=True):
        writer.writerow([*head, *(f"{number:.6g}" for number in numbers)])
    return text.getvalue()


def _plot(profile):
    """The windows around the peak one by one; below, if those are not all, the whole workload."""
    summary, begins = profile.summary, profile.begins
    shown = _around_peak(profile)
    alone = len(profile.runs) == shown.stop - shown.start
    _, unit, scale = next(entry for entry in _UNITS
                          if profile.powers_mw.sum(axis=1).max() >= entry[0])
    # Text stays text and names stay the same: equal data give an equal file.
    with matplotlib.rc_context({
            "svg.fonttype": "none", "svg.hashsalt": summary["config"], "font.size": 9,
            "text.color": _TEXT, "axes.labelcolor": _SOFT, "axes.edgecolor": "#b9b6ac",
            "xtick.color": _SOFT, "ytick.color": _SOFT}):
        figure = Figure(figsize=(10, 3.8 if alone else 5.2))
        heights = [1] if alone else [3.2, 1]
        axes = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
        figure.subplots_adjust(left=0.065, right=0.895, top=0.8 if alone else 0.84,
                               bottom=0.14 if alone else 0.1, hspace=0.46)
        run = int(profile.runs[shown.start])
        offset = 0 if alone else int((begins - profile.first_cycles)[shown.start])
        _draw(axes[0], profile, shown, offset, scale)
        _mark_levels(axes[0], profile, unit, scale)
        _mark_peak(axes[0], profile, offset, unit, scale)
        axes[0].set(ylabel=f"power in {unit}",
                    xlabel="cycle" if alone else f"cycle of run {run}")
        if len(profile.kinds) > 1:
            figure.legend(*axes[0].get_legend_handles_labels(), loc="center right",
                          bbox_to_anchor=(0.9, 0.955), frameon=False, handlelength=1,
                          handleheight=1, columnspacing=1.2, ncols=len(profile.kinds))
        if not alone:
            _draw(axes[1], profile, slice(0, len(profile.runs)), 0, scale)
            ends = begins[shown.start], begins[shown.stop - 1] + profile.cycles[shown.stop - 1]
            axes[1].axvspan(*ends, facecolor="none", edgecolor=_TEXT, linewidth=1, zorder=5)
            axes[1].annotate("dark: mean\npale: highest\nwindow", (1, 0.5), (5, 0), color=_SOFT,
                             xycoords="axes fraction", textcoords="offset points", va="center")
            axes[1].set(ylabel=unit, xlabel=f"cycle of all {summary['runs']:,} runs, one after the "
                                            "other" if summary["runs"] > 1 else "cycle")
        figure.align_ylabels(axes)
        figure.text(0.065, 0.955, f"{summary['workload']} on {summary['config']}", fontsize=12,
                    fontweight="bold", va="center")
        figure.text(0.065, 0.905 if alone else 0.92, _subtitle(profile), color=_SOFT, va="center")
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _subtitle(profile):
    summary = profile.summary
    of = f"x {kind_name(profile.kinds[0])}" if len(profile.kinds) == 1 else "components"
    return (f"{summary['calibrated']:,} {of}, by calibration cards of {summary['technology']}; "
            f"mean power in windows of {summary['window_cycles']:,} cycles of "
            f"{profile.period_ns:g} ns")


def _around_peak(profile):
    """All windows if they are few, else those of the peak's run that are next to it."""
    if len(profile.runs) <= _DETAIL:
        return slice(0, len(profile.runs))
    first, last = np.searchsorted(profile.runs, profile.runs[profile.peak] + np.array([0, 1]))
    begin = min(max(first, profile.peak - _DETAIL // 2), max(first, last - _DETAIL))
    return slice(int(begin), int(min(last, begin + _DETAIL)))


def _draw(axes, profile, shown, offset, scale):
    """Kinds stacked, over the layers; neighbours are one column where there are many windows.

    Columns are as high as their mean, and pale up to the highest window in each.
    """
    begins = profile.begins[shown] - offset
    end = begins[-1] + profile.cycles[shown][-1]
    firsts = np.unique(np.linspace(0, len(begins), min(_COLUMNS, len(begins)), endpoint=False)
                       .astype(int))
    edges = np.append(begins[firsts], end)
    times = np.add.reduceat(profile.cycles[shown], firsts) * profile.period_ns
    levels = scale * np.cumsum(np.add.reduceat(profile.energies_pj[shown], firsts, axis=0)
                               / times[:, None], axis=1)
    highest = scale * np.maximum.reduceat(profile.powers_mw[shown].sum(axis=1), firsts)
    _bands(axes, profile, int(begins[0]) + offset, int(end) + offset, offset)
    if len(firsts) < len(begins):
        axes.stairs(highest, edges, fill=True, linewidth=0, color=_HIGHEST)
    below = np.zeros(len(firsts))
    for number, kind in enumerate(profile.kinds):
        axes.stairs(levels[:, number], edges, baseline=below, fill=True, linewidth=0,
                    color=_COLOURS[min(number, len(_COLOURS) - 1)], label=kind_name(kind))
        below = levels[:, number]
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, 1.12 * highest.max())
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_locator(MaxNLocator(5 if len(begins) <= _DETAIL else 2))
    axes.tick_params(length=3)


def _bands(axes, profile, begin, end, offset):
    """Every other layer on a shade, with its name above where there is room."""
    starts = np.maximum(profile.starts, begin)
    inside = [(int(start), layer) for start, layer, following in zip(
        starts, profile.layers, [*profile.starts[1:], end], strict=True)
        if start < end and following > begin]
    bands = [band for number, band in enumerate(inside)
             if not number or band[1] != inside[number - 1][1]]
    if len(bands) > _MOST_BANDS:
        return
    for number, (start, layer) in enumerate(bands):
        stop = bands[number + 1][0] if number + 1 < len(bands) else end
        if number % 2 == 0:
            axes.axvspan(start - offset, stop - offset, color=_BAND, linewidth=0, zorder=0)
        if (stop - start) / (end - begin) > 0.011 * len(layer):
            axes.annotate(layer, ((start + stop) / 2 - offset, 1), (0, 4),
                          xycoords=("data", "axes fraction"), textcoords="offset points",
                          ha="center", color=_SOFT)


def _mark_levels(axes, profile, unit, scale):
    """Lines at the mean of the whole workload, and at what clock and leakage alone take."""
    mean, floor = scale * profile.mean_mw(), scale * profile.floor_mw
    gap = 0.15 * axes.get_ylim()[1]     # two lines of text
    apart = max(0, gap - (mean - floor)) / 2
    for level, label, shift in ((mean, f"mean of all\n{mean:.3g} {unit}", apart),
                                (floor, f"clock, leakage\n{floor:.3g} {unit}", -apart)):
        axes.axhline(level, color=_TEXT, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.annotate(label, (1, level + shift), (5, 0), xycoords=("axes fraction", "data"),
                      textcoords="offset points", va="center", annotation_clip=False)


def _mark_peak(axes, profile, offset, unit, scale):
    """A point on the window with the highest power, and what it is."""
    peak = profile.peak
    place = profile.begins[peak] - offset + profile.cycles[peak] / 2
    power = scale * profile.powers_mw[peak].sum()
    left, right = axes.get_xlim()
    before = place > left + 0.75 * (right - left)
    axes.plot(place, power, marker="o", markersize=4.5, color=_TEXT, markeredgecolor="white",
              markeredgewidth=0.8, zorder=6)
    axes.annotate(f"peak {power:.3g} {unit}", (place, power), (-7 if before else 7, 2),
                  textcoords="offset points", ha="right" if before else "left", va="bottom",
                  fontweight="bold", zorder=6)
