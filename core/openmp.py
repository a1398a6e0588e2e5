"""Environment variables that control how PyTorch's threads wait for each other. PyTorch reads them when it loads."""

# Waiting threads soon release the processor instead of spinning. They spin for a short time first: otherwise, the
# tutorial's fully connected autoencoder, with its batches of four, takes three times as long to train
WAITING = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "10000"}
