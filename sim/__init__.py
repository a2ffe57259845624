"""Golden models, testbenches and the runner of the simulators."""
