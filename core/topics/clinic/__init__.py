"""A debugging clinic: programs with one wrong line, trained beside the correct program."""
