"""Environment settings for how PyTorch's threads wait for each other, read when PyTorch is loaded."""

# Waiting threads soon release the processor instead of spinning. They spin for a short time first: without that, the
# tutorial's linear autoencoder with its batches of four trains three times as slowly
WAITING = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "10000"}
