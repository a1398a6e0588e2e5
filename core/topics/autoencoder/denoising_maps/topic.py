"""The topic: the robustness of autoencoders to corruptions that they were not trained on."""

from core.topics import Replay, Topic
from core.topics.autoencoder.denoising_maps.config import PRESETS
from core.topics.autoencoder.denoising_maps.replay import recompute
from core.topics.autoencoder.denoising_maps.train import resolve, train

TOPIC = Topic(
    name="autoencoder.denoising_maps",
    presets=PRESETS,
    train=train,
    resolve=resolve,
    replay=Replay(events=1, absolute=0.1, relative=0.0, recompute=recompute),
)
