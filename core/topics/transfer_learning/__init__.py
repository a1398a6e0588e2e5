"""Transfer learning: a pretrained network learns a target task from few labels."""
