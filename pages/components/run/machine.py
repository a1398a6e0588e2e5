"""Machine settings: the device and the CPU optimizations of a training run."""

from core.training.device import gpu
from pages.components import labels
from pages.components.run.controls import Settings


def draw_machine_settings(settings: Settings) -> None:
    """Draw the widgets for the CPU optimizations and for the device.

    The widget for the device is drawn only if this machine has a GPU or the user has chosen a device.
    """
    settings.draw("cpu_optimizations", options=labels.cpu_optimizations())
    chosen = settings.config.device
    found = gpu()
    if found or chosen != "automatic":
        offered = {"automatic", "cpu", found or chosen, chosen}
        settings.draw("device", options={name: label for name, label in labels.devices().items() if name in offered})
