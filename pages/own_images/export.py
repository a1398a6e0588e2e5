"""The tab from which one takes the head home."""

import streamlit as st

from core.evaluation import metrics
from core.topics.own_images.export import card, pack
from pages.components.charts import line_chart
from pages.components.text import _
from pages.own_images.evaluation import left_out
from pages.own_images.trained_head import Taught


def draw(taught: Taught) -> None:
    """Draw the tab."""
    accuracy = None
    if int(taught.examples.photos.max()) >= 1:
        accuracy = metrics.accuracy(left_out(taught), taught.examples.labels)
    described = card(taught.classes, taught.config, accuracy, len(taught.examples.labels))
    st.markdown(
        _(
            "A zip with the head as safetensors, its card as JSON, and `apply.py`, a short script that loads both and "
            "names your pictures: `pip install -r requirements.txt`, then `python apply.py cat.jpg`. Your pictures are "
            "not in it."
        )
    )
    st.download_button(
        _("The trained head (zip)"),
        lambda: pack(taught.trained.head, described),
        file_name="own_images.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key="own_images.zip",
    )
    with st.expander(_("The card"), icon=":material/data_object:"):
        st.json(described)
    st.markdown(_("**Its training**: the loss before each of {updates} updates").format(updates=taught.config.epochs))
    line_chart.draw(
        {_("loss"): [(step, loss) for step, loss in enumerate(taught.trained.losses)]},
        x=_("update"),
        y=_("cross-entropy"),
        key="own_images.loss",
        alt=_("Training loss of the head over the updates"),
        log=True,
        height=230,
    )
