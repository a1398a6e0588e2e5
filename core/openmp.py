"""How threads of PyTorch wait for each other: settings in the environment, read when PyTorch is loaded."""

# They soon leave the processor to others, instead of spinning against them; but not at once: then the tutorial's linear
# autoencoder, with its batches of four, trains three times as slowly
WAITING = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "10000"}
