"""Runs a component in Amaranth's simulator."""

from amaranth import ClockDomain, Module, ResetSignal, Signal
from amaranth.sim import Simulator

__all__ = ["simulate"]


def simulate(component, bench, *background, reset=None, cycles=100_000):
    """Run ``async bench(ctx)`` against ``component``, beside benches that never end.

    Parameters
    ----------
    reset: Signal or None
        Drives the synchronous reset.
    cycles: int
        Fail if the bench has not ended by then.
    """
    m = Module()
    m.domains.sync = ClockDomain()
    m.submodules.dut = component
    m.d.comb += ResetSignal().eq(Signal() if reset is None else reset)

    ended = False

    async def run(ctx):
        nonlocal ended
        await bench(ctx)
        ended = True

    async def time_out(ctx):
        for _ in range(cycles):
            if ended:
                return
            await ctx.tick()
        raise TimeoutError(f"the bench did not end within {cycles} cycles")

    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(run)
    simulator.add_testbench(time_out, background=True)
    for other in background:
        simulator.add_testbench(other, background=True)
    simulator.run()
    assert ended
