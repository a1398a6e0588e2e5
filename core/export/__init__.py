"""Export of runs: programs and notebooks, networks, curves, and event files that other programs read."""
