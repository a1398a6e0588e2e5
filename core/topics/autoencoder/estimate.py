"""How long a run will take on this machine, measured on its own first updates."""

from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.data import SOME
from core.topics.autoencoder.train import TESTED, keyframe_steps
from core.topics.autoencoder.training_step import seconds_per_update


def estimate_seconds(config: AutoencoderConfig) -> float:
    """Seconds that a run would take here, measured once for each cost on a few updates."""
    update = seconds_per_update(config)
    # To restore a picture takes a third of the time that it takes to learn from it
    asking = update / 3 / min(config.batch_size, config.pictures)
    return config.updates * update + (config.epochs * TESTED + len(keyframe_steps(config)) * SOME) * asking
