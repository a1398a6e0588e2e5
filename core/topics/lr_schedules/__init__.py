"""Learning-rate schedules: the same small network trained with several schedules at once."""
