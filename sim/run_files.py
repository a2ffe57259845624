"""Names of the files in the folder of a run."""

__all__ = ["FST", "LOG", "PROGRAM", "REQUEST", "RESULTS", "SAIF"]

REQUEST = "request.json"
PROGRAM = "program.npz"
RESULTS = "results.npz"
LOG = "simulation.log"
FST = "activity.fst"
SAIF = "activity_{run}.saif"
