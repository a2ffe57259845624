"""A row-stationary array cycle by cycle and product by product, told what a descriptor says."""

from collections import deque

import numpy as np

from .test_cost import elements

__all__ = ["job_outputs", "starts"]


def starts(engine, fields, passes, first_beat=2):
    """The cycles in which steps start: stepped through, with every beat that is taken on the way.

    ``fields`` are a descriptor's, without ``engine.`` in front.
    """
    columns = (fields["steps"] * (fields["stride"] + 1)) + fields["taps"] + 1
    turns = (fields["filters"] + 1) * (fields["parts"] + 1)
    rows = sum(fields.get(f"rows.{row}.active", 0) for row in range(engine.rows))
    chains = fields["chains"] + 1
    delay = fields["chains"] * (fields["filters"] + 1) + rows // chains - 1
    pixel_beats = passes * columns * (fields["column_beats"] + 1)
    weight_beats = passes * (fields["filter_tags"] + 1) * (fields["filter_beats"] + 1)
    per_pass = weight_beats // passes

    found, cycle = [], first_beat
    pixels = weights = 0                    # beats taken
    freed, banks = 0, 0                     # columns and banks given back
    frees, bank_frees = deque(), deque()    # the cycles in which more are
    need, next_start, step = fields["taps"] + 1, 0, 0
    while len(found) < passes * (fields["steps"] + 1):
        while frees and frees[0] <= cycle:
            freed += bool(frees.popleft() is not None)
        while bank_frees and bank_frees[0] <= cycle:
            banks += bool(bank_frees.popleft() is not None)
        whole_columns = pixels // (fields["column_beats"] + 1)
        ready = (whole_columns >= need and cycle >= next_start
                 and weights >= (len(found) // (fields["steps"] + 1) + 1) * per_pass)
        if ready:
            found.append(cycle)
            final = step == fields["steps"]
            for tap in range(fields["taps" if final else "stride"] + 1):
                frees.append(cycle + 3 + delay + tap * turns)
            if final:
                bank_frees.append(cycle + 2 + delay + turns * (fields["taps"] + 1))
            need += fields["taps" if final else "stride"] + 1
            next_start = cycle + fields["step_cycles"] + 1
            step = 0 if final else step + 1
        if pixels < pixel_beats and whole_columns - freed < engine.window_pixels:
            pixels += 1
        if weights < weight_beats and weights // per_pass - banks < 2:
            weights += 1
        cycle += 1
    return found


def job_outputs(core, mapping, fields, image, words, bases, held=None):
    """The sums [address, channel of its vector] that a job gives to post-processing, or leaves.

    ``image`` [height, width, channels] is what the layer reads, ``words`` the weights, ``held`` the
    sums that are there before.
    """
    vectors = _vectors(core.engine, fields, _beats(core, mapping, image, bases),
                       iter(words[place["address"]] for _, place in elements(mapping.weights)))
    sums, finished = dict(held or {}), []
    tile, maximum = mapping.tile, mapping.tile.layer.kind == "max_pool2d"
    rounds = next(loop.bound for loop in mapping.accumulate.loops if loop.name == "reduction")
    for (index, place), vector in zip(elements(mapping.accumulate), vectors, strict=True):
        if index["reduction"] or tile.existing:
            before = sums[place["address"]]
            vector = np.maximum(before, vector) if maximum else before + vector
        if tile.to_post and index["reduction"] == rounds - 1:
            finished.append(vector)
        else:
            sums[place["address"]] = vector
    if not tile.to_post:
        return sums
    size, outputs = core.output_lanes, {}
    squares = [vector for start in range(0, len(finished), size)
               for vector in np.array(finished[start:start + size]).T]
    for (_, place), vector in zip(elements(mapping.post), squares, strict=True):
        if 0 <= place["y"] < tile.height and 0 <= place["x"] < tile.width:
            assert place["address"] not in outputs
            outputs[place["address"]] = vector
    return outputs


def _beats(core, mapping, image, bases):
    """What the input streamer brings: lanes of pixels, and of those that follow in memory."""
    into = bases.inputs
    memory = np.zeros((into.words, core.word_lanes), dtype=np.int64)
    places = into.places(image.shape)
    memory[places >= 0] = image.reshape(-1)[places[places >= 0]]
    memory[places < 0] = 77             # whatever was there before
    memory = memory.reshape(-1)
    pad = (core.engine.inputs.min if mapping.tile.layer.kind == "max_pool2d"
           else mapping.tile.layer.input_zero_point)
    for _, place in elements(mapping.inputs):
        if 0 <= place["y"] < into.height and 0 <= place["x"] < into.width:
            start = (place["address"] - into.base) * core.word_lanes
            assert start >= 0
            yield np.take(memory, range(start, start + core.input_lanes), mode="wrap")
        else:
            yield np.full(core.input_lanes, pad)


def _vectors(engine, fields, beats, words):
    """Output vectors in their order."""
    counts = {name: fields[name] + 1 for name in (
        "filters", "parts", "taps", "stride", "steps", "chains", "column_beats", "filter_tags",
        "filter_beats")}
    assert counts["stride"] <= counts["taps"] <= engine.window_pixels
    assert counts["filters"] * counts["parts"] * counts["taps"] <= fields["step_cycles"] + 1
    assert counts["filters"] * counts["chains"] <= fields["step_cycles"] + 1
    rows = [_entry(fields, f"rows.{row}", ("tag", "filter_tag", "part", "chain", "first", "top",
                                           "active", "output_rows")) for row in range(engine.rows)]
    columns = [_entry(fields, f"columns.{column}", ("tag", "output_row", "active"))
               for column in range(engine.columns)]
    beats = iter(beats)
    while True:
        weights = _pass_weights(engine, counts, words)
        if weights is None:
            assert next(beats, None) is None
            return
        window = []
        for step in range(counts["steps"]):
            wanted = counts["taps"] if step == 0 else counts["stride"]
            for _ in range(wanted):
                window.append([next(beats) for _ in range(counts["column_beats"])])
            window = window[-counts["taps"]:]
            yield from _step(engine, counts, rows, columns, weights, window)


def _entry(fields, prefix, names):
    return {name: fields.get(f"{prefix}.{name}", 0) for name in names}


def _pass_weights(engine, counts, words):
    """[tags, taps, parts, filters, lanes], or None after the last pass."""
    number = counts["filter_tags"] * counts["filter_beats"]
    taken = [word for _, word in zip(range(number), words, strict=False)]
    if not taken:
        return None
    shape = counts["taps"], counts["parts"], counts["filters"], engine.macs_per_pe
    flat = np.array(taken).reshape(counts["filter_tags"], -1)
    return flat[:, :np.prod(shape)].reshape(-1, *shape)


def _step(engine, counts, rows, columns, weights, window):
    """The vectors of one step, chain by chain."""
    sums = None
    emitted = {}
    for row in rows:
        if not row["active"]:
            continue
        if row["first"]:
            sums = np.zeros((counts["filters"], engine.columns), dtype=np.int64)
        for number, column in enumerate(columns):
            if not column["active"] or column["output_row"] > row["output_rows"]:
                continue
            for tap in range(counts["taps"]):
                beat = window[tap][row["tag"] + column["tag"]]
                for part in range(counts["parts"]):
                    place = (part + row["part"]) % engine.parts
                    lanes = beat[place * engine.macs_per_pe:(place + 1) * engine.macs_per_pe]
                    sums[:, number] += weights[row["filter_tag"], tap, part] @ lanes
        if row["top"]:
            emitted[row["chain"]] = sums
    assert list(emitted) == list(range(counts["chains"]))
    for total in emitted.values():
        yield from total
