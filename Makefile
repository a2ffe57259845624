# Thin: each target is one command of the project. `make help` lists them.

CONFIG ?= systolic_ws_16x16_int8
WORKLOAD ?= gemm:64x64x64
SIM ?= verilator
WAVES ?=
TECHNOLOGY ?= sg13g2
LIBERTY ?=
BOARD ?= ulx3s_85f

BIN := .venv/bin
READY := .venv/.ready
# The usual core has more multipliers than the boards have DSP blocks.
ON_BOARD = $(if $(filter file,$(origin CONFIG)),systolic_ws_8x8_int8_dsp,$(CONFIG))
SIMULATION = $(CONFIG) --workload $(WORKLOAD) --simulator $(SIM)

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast lint verilog sim energy bitstream bench bench-energy bench-fpga clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  with CONFIG=$(CONFIG) WORKLOAD=$(WORKLOAD) SIM=$(SIM) WAVES=1"
	@echo "  and TECHNOLOGY=$(TECHNOLOGY) LIBERTY=\"name=path...\" BOARD=$(BOARD) where that makes sense"

setup: $(READY) ## Make .venv with everything in it

$(READY): pyproject.toml scripts/setup
	bash scripts/setup

demo: $(READY) ## Digits network on generated RTL, checked bit for bit and priced in joules
	$(BIN)/ergon energy $(CONFIG) --workload digits --simulator $(SIM) --technology $(TECHNOLOGY)

test: $(READY) ## Run all tests, under Verilator and Icarus
	$(BIN)/python -m pytest -n auto

test-fast: $(READY) ## Run a sample of the tests that need no simulator
	$(BIN)/python -m pytest -n auto -m "not rtl and not slow"

lint: $(READY) ## Check the style of the Python code
	$(BIN)/ruff check .

verilog: $(READY) ## Generate Verilog and manifest of CONFIG
	$(BIN)/ergon generate $(CONFIG)

sim: $(READY) ## Run WORKLOAD on CONFIG under SIM; WAVES=1 keeps the waveforms
	$(BIN)/ergon simulate $(SIMULATION) $(if $(WAVES),--waves)

energy: $(READY) ## Simulate WORKLOAD on CONFIG and report its energy
	$(BIN)/ergon energy $(SIMULATION) --technology $(TECHNOLOGY)

bitstream: $(READY) ## Make a bitstream of CONFIG for BOARD, with a page about it
	$(BIN)/ergon fpga $(ON_BOARD) --board $(BOARD) --report

bench: $(READY) ## Print utilization, generation and simulation speed, cell counts
	$(BIN)/python -m benchmarks

bench-energy: $(READY) ## Compare every calibration card with gate level, on data it has not seen
	$(BIN)/python -m benchmarks.energy $(foreach path,$(LIBERTY),--liberty $(path))

bench-fpga: $(READY) ## Place and route arrays and cores on FPGAs, next to peers
	$(BIN)/python -m benchmarks fpga

clean: ## Remove everything generated, but not .venv
	rm -rf build .pytest_cache .ruff_cache
