"""Random loop nests, and what their increments are."""

__all__ = ["fold", "random_bounds"]


def random_bounds(rng, dims, bound_bits, elements):
    """Random bounds with at most ``elements`` elements in all, often 1."""
    bounds = []
    for _ in range(dims):
        bounds.append(min(rng.choice([1, 2, 3, 5, 1 << bound_bits]), 1 << bound_bits, elements))
        elements //= bounds[-1]
    rng.shuffle(bounds)
    return bounds


def fold(strides, bounds):
    """Increments: a step of one loop takes back what those inside it have added."""
    return [stride - sum(s * (b - 1) for s, b in zip(strides[d + 1:], bounds[d + 1:], strict=False))
            for d, stride in enumerate(strides)]
