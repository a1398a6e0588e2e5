"""The tab "Export": download of the trained head."""

import streamlit as st

from core.evaluation import metrics
from core.topics.own_images.export import export_zip, model_card
from core.topics.own_images.trained_head import TrainedHead
from pages.components.charts import line_chart
from pages.components.text import _
from pages.own_images.evaluation import left_out
from pages.own_images.session_dataset import class_titles


def draw(trained: TrainedHead) -> None:
    """Draw the tab."""
    labels = trained.data.labels
    accuracy = metrics.accuracy(left_out(trained), labels) if trained.can_be_evaluated else None
    card = model_card(class_titles(trained.dataset), trained.config, accuracy, len(labels))
    st.markdown(
        _(
            "A zip with the head as safetensors, its card as JSON, and `apply.py`, a short script that loads both and "
            "classifies your images: `pip install -r requirements.txt`, then `python apply.py cat.jpg`. "
            "Your images are not in it."
        )
    )
    st.download_button(
        _("The trained head (zip)"),
        lambda: export_zip(trained.head, card),
        file_name="own_images.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key="own_images.zip",
    )
    with st.expander(_("The card"), icon=":material/data_object:"):
        st.json(card)
    st.markdown(_("**Its training**: the loss before each of {updates} updates").format(updates=trained.config.epochs))
    line_chart.draw(
        {_("loss"): list(enumerate(trained.losses))},
        x=_("update"),
        y=_("cross-entropy"),
        key="own_images.loss",
        alt=_("Training loss of the head over the updates"),
        log=True,
        height=230,
    )
