"""Old names of topics, errors, and metrics, so that old links, saved runs, and commands still work."""

_TOPICS = {
    "foundations": "playground",
    "fitting": "bias_variance",
    "mlp": "manual_mlp",
    "surface": "loss_surface",
    "surfaces": "loss_surface",
    "race": "optimizer_race",
    "schedules": "lr_schedules",
    "cnn": "mnist_cnn",
    "denoising_maps": "autoencoder.denoising_maps",
    "transfer": "transfer_learning",
    "transfer_sources": "transfer_learning.pretraining",
    "transfer_ladders": "transfer_learning.label_efficiency",
    "own_pictures": "own_images",
    # Old saved runs contain the name of the settings class instead of the topic name
    "core.foundations.config:FoundationsConfig": "playground",
    "core.fitting.config:FittingConfig": "bias_variance",
    "core.mlp.config:MLPConfig": "manual_mlp",
    "core.race.config:RaceConfig": "optimizer_race",
    "core.race.config:ScheduleConfig": "lr_schedules",
    "core.cnn.config:CNNConfig": "mnist_cnn",
    "core.autoencoder.config:AutoencoderConfig": "autoencoder",
    "core.autoencoder.maps:MapConfig": "autoencoder.denoising_maps",
    "core.transfer.config:TransferConfig": "transfer_learning",
    "core.transfer.sources:SourceConfig": "transfer_learning.pretraining",
    "core.transfer.ladder:LadderConfig": "transfer_learning.label_efficiency",
}


_ERROR_CODES = {
    "gave_way": "preempted_by_owner",
    "made_room": "preempted_idle",
}

_METRICS = {"judged": "validation_loss"}


def current_name(name: str) -> str:
    """Return the current name of a topic, given an old name. Any other name is returned unchanged."""
    return _TOPICS.get(name, name)


def current_error_code(code: str) -> str:
    """Return the current code for an old error code. Any other code is returned unchanged."""
    return _ERROR_CODES.get(code, code)


def current_metric(name: str) -> str:
    """Return the current name of a metric or array, given an old name. Any other name is returned unchanged."""
    first, slash, rest = name.partition("/")
    return f"{_METRICS.get(first, first)}{slash}{rest}"
