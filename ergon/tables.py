"""Results as people read them."""

from rich.table import Table

__all__ = ["show_catalog", "show_files", "show_simulation", "show_summary",
           "show_verdict"]


def show_files(console, data):
    """The files that were written."""
    for path in data["files"]:
        console.print(path, soft_wrap=True)


def show_summary(console, data):
    """What follows from a configuration: figures and memories."""
    facts = Table(title=data["name"], show_header=False, title_justify="left", box=None)
    for label, value in _facts(data):
        facts.add_row(f"[dim]{label}[/]", value)
    console.print(facts)
    memories = Table("memory", "words", "bits per word", "bytes", box=None)
    for column in memories.columns[1:]:
        column.justify = "right"
    for name, memory in data["memories"].items():
        memories.add_row(name, f"{memory['words']:,}", f"{memory['bits_per_word']:,}",
                         f"{memory['bytes']:,}")
    memories.add_row("all", "", "", f"{sum(m['bytes'] for m in data['memories'].values()):,}")
    console.print()
    console.print(memories)


def _facts(data):
    dataflows = " or ".join(data["dataflows"]).replace("_", "-")
    yield "array", f"{data['rows']} rows x {data['columns']} columns, {dataflows}"
    yield "formats", (f"{data['inputs']} inputs, {data['weights']} weights, "
                      f"{data['accumulator']} accumulators (overflow: {data['overflow']})")
    yield "partial sums", ", ".join(_row_ranges(data["partial_sums"]))
    yield "activations", (f"{data['word_lanes']} lanes a word, "
                          f"{data['activation_banks']} banks in two halves")
    yield "post-processing", (f"{data['post_processing_lanes']} of {data['columns']} columns per "
                              f"cycle, {data['multiplier_bits']}-bit multipliers")
    yield "descriptor", f"{data['descriptor_words']} program words per layer"
    yield "peak", f"{data['peak_macs_per_cycle']} MACs per cycle"


def _row_ranges(formats):
    """``row 0: int16``, ``rows 1 to 2: int17``, and so on."""
    first = 0
    for row, number in enumerate(formats):
        if row + 1 == len(formats) or formats[row + 1] != number:
            rows = f"row {row}" if first == row else f"rows {first} to {row}"
            yield f"{rows}: {number}"
            first = row + 1


def show_catalog(console, data):
    """Names and descriptions of what comes with the project."""
    for kind, entries in data.items():
        table = Table(title=kind, title_justify="left", show_header=False, box=None)
        table.add_column(no_wrap=True)
        table.add_column()
        for name, description in entries.items():
            table.add_row(name, f"[dim]{description}[/]")
        console.print(table)
        console.print()


def show_verdict(console, data):
    """Whether what the core computed equals the golden model, and how often it is right."""
    runs = "1 run" if data["runs"] == 1 else f"{data['runs']} runs"
    verdict = (f"[green]all {data['compared']:,} results equal the golden model, bit for bit[/]"
               if not data["mismatches"] else
               f"[red]{data['mismatches']:,} of {data['compared']:,} results differ from the "
               "golden model[/]")
    accuracy = f"; {data['accuracy']:.1%} of the labels are right" if "accuracy" in data else ""
    console.print(f"{data['workload']} on {data['config']} ({data['simulator']}, "
                  f"seed {data['seed']}, {runs}): {verdict}{accuracy}", soft_wrap=True)


def show_simulation(console, data):
    """Cycles, utilization, accesses and whether everything equals the golden model."""
    show_verdict(console, data)
    console.print(f"{data['cycles']:,} cycles, {data['predicted_cycles']:,} predicted; "
                  f"{data['macs']:,} MACs, {data['utilization']:.1%} of "
                  f"{data['peak_macs_per_cycle']} MACs per cycle")
    table = Table("memory", "reads", "predicted", "writes", "predicted", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, counts in data["accesses"].items():
        table.add_row(name, *(f"{counts[key]:,}" for key in (
            "reads", "predicted_reads", "writes", "predicted_writes")))
    console.print(table)
