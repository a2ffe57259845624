"""Pages say what the code says: generated parts are up to date, names lead somewhere."""

import re
import shutil
import subprocess

import pytest

from compiler.workload import Formats, load_workload
from ergon.catalog import available
from ergon.cli import app
from ergon.reference import parts, refreshed
from generators.config import load_config
from generators.generate import generate
from hw.formats import NumberFormat
from tests.docs.pages import DOCS, ROOT

PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
INT8 = NumberFormat.parse("int8")


@pytest.mark.parametrize("page", parts())
def test_generated_parts_are_up_to_date(page):
    assert (DOCS / page).read_text() == refreshed(page), "run `python -m ergon.reference`"


def test_every_key_is_explained():
    for page in ("configuration.md", "workloads.md"):
        rows = re.findall(r"^\| `.*\|$", parts()[page]["keys"], re.MULTILINE)
        assert rows
        assert not [row for row in rows if row.endswith("|  |")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"""(?:\]\(|src=")([^)"#\s]+)""", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_files_exist(page):
    text = page.read_text()
    folders = "benchmarks|compiler|configs|energy|ergon|generators|hw|sim|tests"
    names = re.findall(rf"`((?:{folders})/[\w/.]*)`", text)
    made = re.findall(r"`([\w/.]+)` \(new\)", text)
    assert not [name for name in names if not (ROOT / name).exists() and name not in made]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_code_exists(page):
    """Dotted names of modules and what is in them, like ``compiler.cost.job_cycles``."""
    for name in re.findall(r"`((?:compiler|energy|generators|hw|sim)\.[\w.]+)`", page.read_text()):
        path, _, member = name.rpartition(".")
        path = ROOT / path.replace(".", "/")
        assert ((path / f"{member}.py").exists() or (path / member).is_dir()
                or re.search(rf"^(def |class )?{member}\b", source(path), re.MULTILINE)), name


def source(path):
    """The text of a module, or of a package's own file."""
    package = path / "__init__.py"
    return (package if package.exists() else path.with_suffix(".py")).read_text()


def test_readme_names_every_command():
    named = set(re.findall(r"`ergon ([a-z-]+)", (ROOT / "README.md").read_text()))
    apps = [app, *(group.typer_instance for group in app.registered_groups)]
    known = {command.name or command.callback.__name__ for one in apps
             for command in one.registered_commands}
    assert named == known


def yaml_block(page):
    return re.search(r"^```yaml\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)[1]


def test_readme_core_is_valid(tmp_path):
    path = tmp_path / "my_core.yaml"
    path.write_text(yaml_block(ROOT / "README.md"))
    assert load_config(path).name == "my_core"


def test_workload_of_the_page_is_valid(tmp_path):
    path = tmp_path / "two_layers.yaml"
    path.write_text(yaml_block(DOCS / "workloads.md"))
    assert len(load_workload(path, 1, Formats(INT8, INT8, 32)).layers) == 2


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no C compiler gcc")
def test_c_example_compiles(tmp_path):
    generate(load_config(available("cores")["systolic_ws_16x16_int8"]), tmp_path)
    example = re.search(r"^```c\n(.*?)^```$", (DOCS / "registers.md").read_text(),
                        re.MULTILINE | re.DOTALL)[1]
    includes, _, statements = example.partition("\n\n")
    macro, _, statements = statements.partition("\n\n")
    (tmp_path / "main.c").write_text(
        f"{includes}\n{macro}\nvoid run(uint8_t *control_bus)\n{{\n{statements}}}\n")
    subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "main.c"],
                   cwd=tmp_path, check=True)
