"""Names of the files in the folder of a run."""

__all__ = ["FST", "LOG", "MONITORS", "PROGRAM", "REQUEST", "RESULTS", "SAIF"]

REQUEST = "request.json"
PROGRAM = "program.npz"
RESULTS = "results.npz"
LOG = "simulation.log"
MONITORS = "monitors.txt"
FST = "activity.fst"
SAIF = "activity_{run}.saif"
