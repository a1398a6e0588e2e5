"""The steps that prepare photos of digits, as switches: what the network gets and predicts with each combination."""

from itertools import product

import numpy as np
import torch

from core.topics.clinic.config import ClinicConfig
from core.topics.clinic.execution import Execution, source
from core.topics.clinic.mutations import MUTATIONS

PROGRAM = "handwriting"
STEPS = {"invert": "not_inverted", "remove_paper": "paper_kept", "center": "not_centered"}
"""The step -> the mistake without this step."""
N_PHOTOS = 5
"""Number of photos that are shown."""


def combination(**steps: bool) -> int:
    """Return the number of a combination of steps, from 0 (no step) to 7 (all steps). Its bits are the steps in order.

    The keyword arguments are the names in `STEPS`.
    """
    return sum(steps[name] << bit for bit, name in enumerate(STEPS))


def with_steps(config: ClinicConfig, trained: Execution) -> dict[str, np.ndarray]:
    """Prepare the photos with every combination of the steps, and classify them with the trained network.

    Arrays, by the number of the combination (see `combination`):
    - ``steps/images``: the prepared images of 5 photos, uint8 (8, 5, 28, 28).
    - ``steps/predictions``: their predicted classes, uint8 (8, 5).
    - ``steps/accuracy``: the accuracy on all photos, float32 (8,).
    """
    images, predictions, accuracies = [], [], []
    for done in (
        reversed(bits) for bits in product((False, True), repeat=len(STEPS))
    ):  # the first step changes fastest
        mistakes = [
            MUTATIONS[PROGRAM][mistake] for mistake, is_done in zip(STEPS.values(), done, strict=True) if not is_done
        ]
        names = Execution(source(PROGRAM, *mistakes), config).names
        predicted = trained.predict(names["own_images"])
        images.append((255 * names["own_images"][:N_PHOTOS]).round().clamp(0, 255).to(torch.uint8).numpy())
        predictions.append(predicted[:N_PHOTOS].to(torch.uint8).numpy())
        accuracies.append((predicted == names["own_labels"]).float().mean().item())
    return {
        "steps/images": np.stack(images),
        "steps/predictions": np.stack(predictions),
        "steps/accuracy": np.array(accuracies, np.float32),
    }
