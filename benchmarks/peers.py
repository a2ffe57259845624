"""What others need for the same products: published closed forms and figures.

The figures were measured with open tools for this project, on a machine of two cores.
"""

from compiler.tile import ceil_div

__all__ = ["ARRAYS_ON_ECP5", "ARRAY_ALONE", "CIM_ALONE", "CIM_ALONE_ECP5_LUTS",
           "CIM_ALONE_PEAK", "MODEL_SPEEDS", "ZIGZAG_CYCLES", "scale_sim"]


def scale_sim(dataflow, m, k, n, rows, columns):
    """Cycles in SCALE-Sim v3 (3.0.0) of Y[m,n] = X[m,k] W[k,n].

    Its equations, found equal to what it printed for 443 layers. Parts that the array takes one
    after the other never overlap, so that this is the pessimistic bound.
    """
    fill = 2 * rows + columns - 2
    parts = {
        "weight_stationary": (fill + m, ceil_div(k, rows), ceil_div(n, columns)),
        "output_stationary": (fill - rows + k, ceil_div(m, rows), ceil_div(n, columns)),
        "input_stationary": (fill + n, ceil_div(k, rows), ceil_div(m, columns)),
    }
    cycles, first, second = parts[dataflow]
    return cycles * first * second - 1


# Simulated cycles of a square array alone, by its side: Gemmini's mesh, weight-stationary, and
# axis-systolic-array, output-stationary, which took the same. A testbench streamed the operands in:
# no memories, streamers or descriptors are in these figures.
ARRAY_ALONE = {
    (16, "gemm:64x64x64"): 1072,
    (16, "gemm:256x256x256"): 65_584,
    (8, "gemm:64x64x64"): 4120,
    (8, "gemm:256x256x256"): 262_168,
}

# CIM-GROUP's digital macro, 64x64, bit-serial, of 64 multiply-accumulates per cycle: cycles of the
# macro alone. It does not compute while weights are written.
CIM_ALONE = {"gemm:64x64x64": 4618, "gemm:256x256x256": 270_346}
CIM_ALONE_PEAK = 64
# LUTs of an ECP5 per multiply-accumulate and cycle, two for each carry cell.
CIM_ALONE_ECP5_LUTS = 398

# ZigZag 3.9.1, a 16x16 array: sums over the layers of networks without depthwise layers.
ZIGZAG_CYCLES = {
    ("resnet8", "weight_stationary"): 70_470,
    ("resnet8", "output_stationary"): 64_940,
    ("autoencoder", "weight_stationary"): 19_073,
    ("autoencoder", "output_stationary"): 24_016,
    ("resnet18", "weight_stationary"): 8_126_209,
    ("resnet18", "output_stationary"): 7_821_691,
}

# How fast others answer for a mapping or a layer, on that machine.
MODEL_SPEEDS = {
    "ZigZag 3.9.1": "176 mappings/s",
    "Timeloop 3.0.3": "140 to 1,800 mappings/s",
    "AccelForge 1.0": "0.8 optimal layers/s",
    "SCALE-Sim 3.0.0": "5,000 to 12,000 simulated cycles/s",
}

# Arrays of others on an ECP5-85F: the bare array by Yosys 0.70, nextpnr 0.11 with router1 and seed
# 1, speed grade 6, from register to register. Those without DSPs after Yosys' booth pass where
# better.
ARRAYS_ON_ECP5 = (
    {"array": "Gemmini mesh, weight-stationary 8x8, DSP", "macs": 64, "comb_per_mac": 38,
     "fmax_mhz": 68},
    {"array": "axis-systolic-array, output-stationary 8x8, DSP", "macs": 64, "comb_per_mac": 98,
     "fmax_mhz": 91},
    {"array": "NVDLA nv_small CMAC (half), DSP", "macs": 32, "comb_per_mac": 75, "fmax_mhz": 58},
    {"array": "CFU Playground hps_accel 4x4x4, DSP", "macs": 64, "comb_per_mac": 56,
     "fmax_mhz": 97},
    {"array": "Gemmini mesh, weight-stationary 8x8, logic", "macs": 64, "comb_per_mac": 266,
     "fmax_mhz": None},
    {"array": "axis-systolic-array, output-stationary 8x8, logic", "macs": 64,
     "comb_per_mac": 302, "fmax_mhz": 80},
)
