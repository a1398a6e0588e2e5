"""The steps that prepare photos of digits, as switches. They are part of the solution of a case."""

import numpy as np
import streamlit as st

from core.topics.clinic.preprocessing import STEPS, combination
from core.training.progress import Progress
from pages.clinic import case_texts
from pages.components.charts import images
from pages.components.text import _


def draw(result: Progress) -> None:
    """Draw switches for the steps, and the network's predictions for photos that are prepared with these steps.

    ``result`` is the last event of a run. Nothing is drawn if the program of the run does not classify photos.
    """
    if "steps/images" not in result.arrays:
        return
    titles = case_texts.preprocessing_steps()
    with st.container(key="clinic-preprocessing", horizontal=True):
        done = {step: st.toggle(titles[step], value=True, key=f"clinic.step.{step}") for step in STEPS}
    number = combination(**done)
    prepared = result.arrays["steps/images"][number].astype(np.float32) / 255
    predictions = result.arrays["steps/predictions"][number].tolist()
    st.caption(
        _("With these steps, the network classifies {accuracy} of the photos correctly. Its predictions:").format(
            accuracy=f"{result.arrays['steps/accuracy'][number]:.1%}"
        )
    )
    images.show(
        images.labelled(prepared, [str(prediction) for prediction in predictions], columns=len(prepared)),
        alt=_("Prepared photos with these predictions: {predictions}").format(
            predictions=", ".join(map(str, predictions))
        ),
        width=300,
    )
