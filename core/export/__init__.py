"""Export of runs: programs and notebooks that train the same network without this app."""
