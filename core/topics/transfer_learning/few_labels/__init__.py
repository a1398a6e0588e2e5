"""Transfer learning with few labels: what a preset's run ends with, for several numbers of labels per class."""
