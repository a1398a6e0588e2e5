"""The topic: an autoencoder that denoises and reconstructs images."""

from core.topics import Precision, Replay, Topic, Trial
from core.topics.autoencoder.config import PRESETS
from core.topics.autoencoder.curves import curves
from core.topics.autoencoder.program import changed_constants, constants
from core.topics.autoencoder.signals import signals
from core.topics.autoencoder.train import estimate_seconds, least_loss, train
from core.topics.autoencoder.trained_network import trained_network
from core.topics.autoencoder.training_step import resolve

TOPIC = Topic(
    name="autoencoder",
    presets=PRESETS,
    train=train,
    estimate_seconds=estimate_seconds,
    resolve=resolve,
    replay=Replay(arrays=("restored",), absolute=0.01),
    precision=Precision(weights=10, arrays={"restored": 6}),
    constants=constants,
    changed_constants=changed_constants,
    networks={"network": trained_network},
    curves=curves,
    signals=signals,
    fails_on_purpose=frozenset({"break"}),
    trial=Trial(one_batch=lambda _config: {"corruptions": ()}, least_loss=least_loss),
)
