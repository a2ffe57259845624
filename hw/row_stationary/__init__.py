"""Row-stationary engines: each element convolves a row of a filter with a row of the input."""
