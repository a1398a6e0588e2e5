"""Learning-rate schedules: the same small network trained under several schedules, all at once."""
