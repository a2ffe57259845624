"""Components at gate level: simulated, calibrated, and cards held against them."""
