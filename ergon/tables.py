"""Results as people read them."""

from rich.table import Table

from energy.formatting import energy, number, percent

from .compare import LEVELS, per_thousand_cells, problems

__all__ = ["show_catalog", "show_comparison", "show_files", "show_prediction", "show_simulation",
           "show_summary", "show_sweep", "show_verdict"]


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
    lanes, cycles = data["post_processing_lanes"], data["post_processing_cycles_per_result"]
    yield "post-processing", (f"{lanes} of {data['columns']} columns "
                              f"{'per cycle' if cycles == 1 else f'in {cycles} cycles'}, "
                              f"{data['multiplier_bits']}-bit multipliers")
    yield "descriptor", f"{data['descriptor_words']} program words per layer"
    yield "peak", f"{data['peak_macs_per_cycle']} MACs per cycle"


def _row_ranges(formats):
    """``row 0: int16``, ``rows 1 to 2: int17``, and so on."""
    first = 0
    for row, name in enumerate(formats):
        if row + 1 == len(formats) or formats[row + 1] != name:
            rows = f"row {row}" if first == row else f"rows {first} to {row}"
            yield f"{rows}: {name}"
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


def show_prediction(console, data):
    """Cycles, products and utilization of each layer and of the whole workload."""
    table = Table("layer", "dataflow", "MACs", "cycles", "utilization",
                  title=f"{data['workload']} on {data['config']}, predicted"
                        + ("" if data["exact"] else "; at most, cycles depend on the data"),
                  title_justify="left", box=None)
    for column in table.columns[2:]:
        column.justify = "right"
    for layer in data["layers"]:
        table.add_row(layer["name"], layer["dataflow"].replace("_", "-"), f"{layer['macs']:,}",
                      f"{layer['cycles']:,}", f"{layer['utilization']:.1%}")
    runs = "1 run" if data["runs"] == 1 else f"{data['runs']:,} runs"
    table.add_row("all", runs, f"{data['macs']:,}", f"{data['cycles']:,}",
                  f"{data['utilization']:.1%}", style="bold")
    console.print(table)
    memories = Table("memory", "reads", "writes", box=None)
    for column in memories.columns[1:]:
        column.justify = "right"
    for name, counts in data["accesses"].items():
        memories.add_row(name, f"{counts['reads']:,}", f"{counts['writes']:,}")
    console.print()
    console.print(memories)
    _show_mappings(console, data["layers"])


def _show_mappings(console, layers):
    """How layers lie on a row-stationary array: groups x what takes turns in each element."""
    mapped = [layer for layer in layers if "mapping" in layer]
    if not mapped:
        return
    table = Table("mapping of", "kernel", "channels", "filters", "rows", "columns", "elements",
                  box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for layer in mapped:
        chosen = layer["mapping"]
        pairs = (("kernel_rows", "kernel_columns"), ("channel_groups", "channels"),
                 ("filter_groups", "filters"))
        table.add_row(layer["name"], *(f"{chosen[one]} x {chosen[other]}" for one, other in pairs),
                      *(str(chosen[name]) for name in ("row_groups", "column_groups",
                                                       "active_elements")))
    console.print()
    console.print(table)


def show_comparison(console, data):
    """Every core's figures, one row each, and what is wrong with them."""
    macs = data["cores"][0]["macs"]
    table = _by_core(f"{data['workload']}, {macs:,} MACs", "cycles", "of peak", "MACs/ cycle",
                     "per 1,000 cells", "pJ/MAC")
    accesses = _by_core("numbers per MAC that memories are read and written", *LEVELS)
    for row in data["cores"]:
        table.add_row(row["config"], f"{row['cycles']:,}", percent(row["utilization"]),
                      number(row["macs_per_cycle"]), number(per_thousand_cells(row)),
                      number(row["pj_per_mac"]))
        accesses.add_row(row["config"], *(number(row["accesses_per_mac"][level])
                                          for level in LEVELS))
    console.print(table)
    console.print()
    console.print(accesses)
    mapped = [row for row in data["cores"] if row["asic"]]
    if mapped:
        console.print()
        _show_mapped(console, mapped, data["technology"])
    for problem in problems(data):
        console.print(f"[red]{problem}[/]", soft_wrap=True)


def _show_mapped(console, rows, technology):
    """Cores in standard cells, and what their figures leave out."""
    table = _by_core(f"in {rows[0]['asic']['library']}; energy by {technology}", "area mm2",
                     "engine mm2", "longest path ns", "GOPS/ mm2", "of the engine", "pJ/MAC")
    for row in rows:
        found = row["asic"]
        table.add_row(row["config"], f"{1e-6 * found['area_um2']:.4g}",
                      f"{1e-6 * found['engine_um2']:.4g}", number(found["path_ns"]),
                      number(found["gops_per_mm2"]), number(found["engine_gops_per_mm2"]),
                      number(row["pj_per_mac"]))
    console.print(table)
    for row in rows:
        for phrase in row["asic"]["without"]:
            console.print(f"[dim]{row['config']}: without {phrase}[/]", soft_wrap=True)


def _by_core(title, *columns):
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("core", no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    return table


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
    _show_mappings(console, data["layers"])


def show_sweep(console, data):
    """Accuracy, cycles and energy of every point."""
    console.print(f"{data['workload']} on {data['config']}: {data['images']} images; exact "
                  f"arithmetic is right in {percent(data['exact_accuracy'])}", soft_wrap=True)
    table = Table("rows active", "ADC bits", "accuracy", "cycles", "energy", "at least", "at most",
                  "ADCs' share", box=None, title="per image", title_justify="left")
    for column in table.columns:
        column.justify = "right"
    for point in data["points"]:
        table.add_row(
            str(point["rows_active"]), str(point["adc_bits"]), percent(point["accuracy"]),
            f"{point['cycles_per_image']:,.0f}", energy(point["energy_pj_per_image"]),
            energy(point["low_pj"]), energy(point["high_pj"]),
            percent(point["adc_share"]))
    console.print(table)
    console.print(f"[dim]fixed energy per predicted action ({data['technology']}); not priced: "
                  f"{data['not_priced']}[/]", soft_wrap=True)
