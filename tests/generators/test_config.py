"""Configurations: what is accepted, and every problem in the project's own words, all at once."""

import json

import pytest
import yaml

from ergon.catalog import available
from generators.config import AcceleratorConfig, load_config, schemas
from generators.derive import derive
from generators.engines import ENGINE_KINDS
from generators.errors import UserError
from generators.summary import summary

*MOST, LAST = ENGINE_KINDS
KINDS = f"{', '.join(MOST)} or {LAST}"

VALID = """\
version: 1
name: tiny
engine: {kind: systolic, dataflow: weight_stationary, rows: 8, columns: 4}
precision: {inputs: int8, weights: int4, accumulator: int32}
memories:
  activation_words: 256
  weight_words: 64
  accumulator_words: 64
  parameter_words: 16
  program_words: 256
post_processing: {lanes: 2}
"""
SYSTOLIC, DIGITAL_CIM = "kind: systolic, dataflow: weight_stationary", "kind: digital_cim"


@pytest.fixture
def problems(tmp_path):
    """The messages that the valid file gives with some of its text replaced."""

    def collect(*replacements):
        text = VALID
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "core.yaml"
        path.write_text(text)
        with pytest.raises(UserError) as error:
            derive(load_config(path))
        return error.value.messages

    return collect


def test_valid(tmp_path):
    path = tmp_path / "core.yaml"
    path.write_text(VALID)
    parameters = derive(load_config(path))
    assert parameters.word_lanes == 4
    assert (parameters.input_words, parameters.output_words, parameters.banks) == (2, 1, 2)
    assert parameters.multiplier_bits == 32
    figures = summary(parameters)
    assert figures["partial_sums"] == ["int12", "int13", "int13", "int14", "int14", "int14",
                                       "int14", "int15"]
    assert figures["memories"]["activations"] == {
        "words": 256, "bits_per_word": 32, "bytes": 1024}
    assert figures["peak_macs_per_cycle"] == 32


@pytest.mark.parametrize("name", available("cores"))
def test_published_cores_are_valid_and_called_like_their_files(name):
    config = load_config(available("cores")[name])
    assert config.name == name
    assert config.description
    derive(config)


@pytest.mark.parametrize("name", [name for name in available("cores") if "16x16" in name
                                  and not name.endswith(("_dsp", "_logic"))])
def test_16x16_cores_hold_a_product_of_256_cubed(name):
    core = derive(load_config(available("cores")[name]))
    assert core.activation_words // 2 * core.word_lanes >= 256 * 256
    assert core.weight_words * core.weight_lanes >= 256 * 256
    assert core.accumulator_words * core.engine.columns >= 256 * 256


@pytest.mark.parametrize(("old", "new", "message"), [
    ("columns: 4", "columns: 0",
     "engine.columns: 0 is not positive; use 1 or more (line 3)"),
    ("rows: 8", "rows: -3",
     "engine.rows: -3 is not positive; use 1 or more (line 3)"),
    ("rows: 8", "rows: 100000",
     "engine.rows: 100000 is too large; use 256 or less (line 3)"),
    ("rows: 8", "rows: '8'",
     "engine.rows: '8' is not a whole number; write digits only (line 3)"),
    ("rows: 8", "rows: 8.5",
     "engine.rows: 8.5 is not a whole number; write digits only (line 3)"),
    ("rows: 8", "rows: yes",
     "engine.rows: True is not a whole number; write digits only (line 3)"),
    ("rows: 8, ", "",
     "engine.rows: is missing; add it (line 3)"),
    ("rows: 8", "row: 8, rows: 8",
     "engine.row: unknown key; did you mean rows? (line 3)"),
    ("name: tiny", "name: tiny\nflavour: sweet",
     "flavour: unknown key; known keys are version, name, description, engine, precision, "
     "memories, post_processing, prefetch, word_lanes (line 3)"),
    ("kind: systolic", "kind: vector",
     f"engine.kind: 'vector' is not one of the choices; use {KINDS} (line 3)"),
    ("weight_stationary", "stationary",
     "engine.dataflow: 'stationary' is not one of the choices; use weight_stationary, "
     "output_stationary, input_stationary or switchable (line 3)"),
    ("version: 1", "version: 2",
     "version: 2 is not a known version; use 1 (line 1)"),
    ("name: tiny", "name: 8x8",
     "name: '8x8' is not a Verilog identifier; use letters, digits and single underscores, a "
     "letter first"),
    ("name: tiny", "name: module",
     "name: 'module' is a word of the Verilog language; choose another name"),
    ("name: tiny", "name: 5",
     "name: 5 is not text; put it in quotes (line 2)"),
    ("inputs: int8", "inputs: float16",
     "precision.inputs: 'float16' is not a number format; write int<bits> or uint<bits> (line 4)"),
    ("inputs: int8", "inputs: uint1",
     "precision.inputs: uint1 has 1 bits; this engine takes 2 to 16"),
    ("inputs: int8", "inputs: uint17",
     "precision.inputs: uint17 has 17 bits; use 1 to 16 (line 4)"),
    ("accumulator: int32", "accumulator: int40",
     "precision.accumulator: int40 has 40 bits; use 2 to 32 (line 4)"),
    ("accumulator: int32", "accumulator: uint32",
     "precision.accumulator: uint32 has no sign; use int<bits> (line 4)"),
    ("weights: int4, accumulator: int32", "weights: int8, accumulator: int18",
     "precision.accumulator: int18 can overflow; 4096 products of int8 x int8 need int28"),
    ("accumulator: int32", "accumulator: int6, overflow: wrap",
     "precision.accumulator: int6 does not hold every int8; use int8 or wider"),
    ("lanes: 2", "lanes: 3",
     "post_processing.lanes: 3 does not divide 4 columns; use 1, 2 or 4"),
    ("lanes: 2", "lanes: 2, cycles: 4",
     "post_processing.cycles: 4 is not one of the choices; use 1, 8, 16, 32 or 64 (line 11)"),
    ("lanes: 2}", "lanes: 2}\nword_lanes: 3",
     "word_lanes: 3 does not divide 8 rows and 4 columns; use a divisor of 4"),
    ("activation_words: 256", "activation_words: 200",
     "memories.activation_words: 200 is not a power of two; use 128 or 256"),
    ("activation_words: 256", "activation_words: 4",
     "memories.activation_words: 4 is too small for two halves of 4 words, one tile of activations "
     "each; use 8 or more"),
    ("weight_words: 64", "weight_words: 4",
     "memories.weight_words: 4 is too small for 8 words, one tile of weights; use 8 or more"),
    ("parameter_words: 16", "parameter_words: 4000000",
     "memories.parameter_words: 4000000 is too large; use 1048576 or less (line 9)"),
    ("{lanes: 2}", "2",
     "post_processing: 2 is not a mapping; write `key: value` lines (line 11)"),
    ("name: tiny", "name: tiny\nname: large",
     "name: written twice, in lines 2 and 3; keep one"),
    ("rows: 8", "rows: 8, rows: 9",
     "engine.rows: written twice, in lines 3 and 3; keep one"),
])
def test_problem(problems, old, new, message):
    assert problems((old, new)) == [message]


@pytest.mark.parametrize(("old", "new", "message"), [
    ("rows: 8", "rows: 7",
     "engine.rows: 7 is too small; use 8 or more (line 3)"),
    ("rows: 8", "rows: 1025",
     "engine.rows: 1025 is too large; use 1024 or less (line 3)"),
    ("rows: 8", "rows: 8, banks: 3",
     "engine.banks: 3 is not one of the choices; use 1, 2, 4 or 8 (line 3)"),
    ("rows: 8", "rows: 8, bits_per_cycle: 3",
     "engine.bits_per_cycle: 3 is not one of the choices; use 1, 2 or 4 (line 3)"),
    ("rows: 8", "rows: 8, macros: {rows: 0}",
     "engine.macros.rows: 0 is not positive; use 1 or more (line 3)"),
    ("rows: 8", "rows: 8, macros: {columns: 257}",
     "engine.macros.columns: 257 is too large; use 256 or less (line 3)"),
    ("rows: 8", "rows: 8, tree: wallace",
     "engine.tree: 'wallace' is not one of the choices; use ripple or carry_save (line 3)"),
    ("rows: 8", "rows: 8, tree_registers: 9",
     "engine.tree_registers: 9 is too large; use 8 or less (line 3)"),
    *(("rows: 8", f"rows: 8, cell_macro: {name}",
       f"engine.cell_macro: '{name}' is not the name of a Verilog module; use letters, digits and "
       "single underscores, a letter first (line 3)") for name in ("8t", "my-cells", "a__b")),
    ("inputs: int8", "inputs: uint9",
     "precision.inputs: uint9 has 9 bits; this engine takes 1 to 8"),
    ("weights: int4", "weights: int9",
     "precision.weights: int9 has 9 bits; this engine takes 1 to 8"),
])
def test_problem_of_digital_cim(problems, old, new, message):
    assert problems((SYSTOLIC, DIGITAL_CIM), (old, new)) == [message]


def test_more_bits_in_a_cycle_than_inputs_have(problems):
    [message] = problems((f"{SYSTOLIC}, rows: 8", f"{DIGITAL_CIM}, rows: 8, bits_per_cycle: 4"),
                         ("inputs: int8", "inputs: uint3"))
    assert message == ("engine.bits_per_cycle: 4 is more than the 3 bits of uint3 inputs; use "
                       "fewer")


def test_all_problems_at_once(problems):
    assert problems(("rows: 8", "rows: 0"), ("inputs: int8", "inputs: int99"),
                    ("lanes: 2", "lane: 2")) == [
        "engine.rows: 0 is not positive; use 1 or more (line 3)",
        "precision.inputs: int99 has 99 bits; use 1 to 16 (line 4)",
        "post_processing.lanes: is missing; add it (line 11)",
        "post_processing.lane: unknown key; did you mean lanes? (line 11)",
    ]


def test_all_contradictions_at_once(problems):
    assert len(problems(("name: tiny", "name: _"), ("lanes: 2", "lanes: 3"),
                        ("accumulator: int32", "accumulator: int8"),
                        ("weight_words: 64", "weight_words: 65"))) == 4


@pytest.mark.parametrize("overflow", ["saturate", "wrap"])
def test_a_narrow_accumulator_is_a_choice(tmp_path, overflow):
    path = tmp_path / "core.yaml"
    path.write_text(VALID.replace("int32", f"int12, overflow: {overflow}"))
    assert str(derive(load_config(path)).engine.accumulator) == "int12"


@pytest.mark.parametrize(("content", "message"), [
    ("", "{path}: is empty; write `key: value` lines"),
    ("- 1\n- 2\n", "file: [1, 2] is not a mapping; write `key: value` lines"),
    ("a: [1\n",
     "{path}: line 2: not readable as YAML; expected ',' or ']', but got '<stream end>'"),
    ("a: &x 1\nb: *x\n",
     "{path}: line 2: not readable as YAML; aliases (*name) are not supported"),
    ("a: !!python/object:os.system 1\n",
     "{path}: line 1: not readable as YAML; could not determine a constructor for the tag "
     "'tag:yaml.org,2002:python/object:os.system'"),
    ("a: \x07\n", "{path}: not readable as YAML; special characters are not allowed"),
])
def test_unreadable(tmp_path, content, message):
    path = tmp_path / "core.yaml"
    path.write_text(content)
    with pytest.raises(UserError) as error:
        load_config(path)
    assert error.value.messages == [message.format(path=path)]


def test_missing_file(tmp_path):
    with pytest.raises(UserError, match=r"cannot be read \(No such file or directory\); name a "
                                        r"YAML file$"):
        load_config(tmp_path / "none.yaml")


def test_schema_describes_every_key():
    schema = schemas()["core"]
    json.dumps(schema)
    sections = [schema, *schema["$defs"].values()]
    properties = [field for section in sections for field in section.get("properties", {}).values()]
    assert len(properties) > 20
    assert all("description" in field or "$ref" in field for field in properties)


def test_a_config_survives_a_round_trip():
    config = AcceleratorConfig.model_validate(yaml.safe_load(VALID))
    assert AcceleratorConfig.model_validate(config.model_dump(mode="json")) == config
