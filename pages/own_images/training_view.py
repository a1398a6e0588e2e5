"""The "Train" column: settings, progress, training loss, and held-out accuracy."""

import streamlit as st

from core.evaluation.metrics import accuracy
from core.topics.own_images.labelled_images import FEW_IMAGES, LabelledImages
from core.topics.own_images.trained_head import TrainedHead
from core.topics.own_images.training import N_FOLDS
from pages.components.charts import line_chart
from pages.components.errors import explain
from pages.components.run.controls import Settings
from pages.components.run.fragments import redraw
from pages.components.text import _, ngettext, number
from pages.own_images import backbone, labels, session


def draw_settings(settings: Settings) -> None:
    """Draw the settings of the "Train" column."""
    with st.container(key="training-header", horizontal=True, vertical_alignment="center"):
        st.markdown(_("**Training**"))
        more = st.popover(_("More settings"), icon=":material/tune:", key="own_images.more")
    settings.draw_all("learning_rate", "epochs", "noise")
    with more:
        settings.draw_all(
            "crop", "backbone", "weight_decay", options={"backbone": backbone.labels(), "crop": labels.crops()}
        )
        backbone.draw_note()


def draw(settings: Settings) -> None:
    """Draw the state of training in a fragment that is redrawn while training is active.

    If the backbone is not installed, draw a download button instead.
    """
    state = session.current()
    if backbone.is_available(settings.config):
        redraw(lambda: _draw(state), is_live=lambda: state.is_training)


def _draw(state: session.PageSession) -> None:
    state.collect()
    training, trained = state.training, state.trained
    with st.container(key="training-state"):
        if training is not None and training.is_active:
            text, share = _progress(training.stage, training.done, training.total), training.done / training.total
        elif training is not None and training.error is not None:
            text, share = explain(training.error), 0.0
        elif trained is None:
            text, share = labels.guidance(state.workspace.dataset), 0.0
        else:
            text, share = _trained(trained), 1.0
        st.progress(min(1.0, share), text=text)
    losses = training.losses if training is not None and training.losses else trained.losses if trained else []
    with st.container(key="training-result"):
        st.markdown(_accuracy(trained) if trained else _("**Held-out accuracy**: none yet"))
        line_chart.draw(
            {"loss": list(enumerate(losses))},
            titles={"loss": _("loss")},
            x=_("update"),
            y=_("training loss"),
            key="own_images.loss",
            alt=_("Training loss of the head at each update"),
            x_end=state.config.epochs,
            y_from=0,
            height=None,
            legend=False,
        )
        st.caption(_advice(state.workspace.dataset, trained))


def _progress(stage: str, done: int, total: int) -> str:
    texts = {
        "features": _("Computing features: image {done} of {total}"),
        "head": _("Training: update {done} of {total}"),
        "held_out": _("Cross-validation: update {done} of {total}"),
    }
    return texts.get(stage, _("Training…")).format(done=done, total=total)


def _trained(trained: TrainedHead) -> str:
    count = len(trained.data.labels)
    return ngettext(
        "Trained on {count} image from {classes} classes, loss {loss}",
        "Trained on {count} images from {classes} classes, loss {loss}",
        count,
    ).format(count=count, classes=len(trained.dataset), loss=number(trained.losses[-1]))


def _accuracy(trained: TrainedHead) -> str:
    if trained.held_out is None:
        return _("**Held-out accuracy**: requires at least two different photos")
    if (label := trained.class_of_one_photo) is not None:
        name = labels.class_titles(trained.dataset)[label]
        return _("**Held-out accuracy**: requires at least two different photos of “{name}”").format(name=name)
    held_out_accuracy, count = accuracy(trained.held_out, trained.data.labels), len(trained.data.labels)
    if any(size.is_small for size in trained.class_sizes):
        text = ngettext(
            "**Held-out accuracy**: {correct} of {count} image, too few to be meaningful",
            "**Held-out accuracy**: {correct} of {count} images, too few to be meaningful",
            count,
        )
    else:
        text = ngettext(
            "**Held-out accuracy: {accuracy:.0%}** ({correct} of {count} image)",
            "**Held-out accuracy: {accuracy:.0%}** ({correct} of {count} images)",
            count,
        )
    return text.format(accuracy=held_out_accuracy, correct=round(held_out_accuracy * count), count=count)


def _advice(dataset: LabelledImages, trained: TrainedHead | None) -> str:
    """Return the most important advice about the images."""
    empty = [title for each, title in zip(dataset, labels.class_titles(dataset), strict=True) if not each.images]
    if trained is None:
        return ""
    if empty:
        return _("“{name}” has no images yet, so this class is not used in training.").format(name=empty[0])
    titles = labels.class_titles(trained.dataset)
    if small := [f"“{title}”" for title, size in zip(titles, trained.class_sizes, strict=True) if size.is_small]:
        return ngettext(
            "{names} has fewer than {least} images. Add more images for a meaningful accuracy.",
            "{names} have fewer than {least} images each. Add more images for a meaningful accuracy.",
            len(small),
        ).format(names=", ".join(small), least=FEW_IMAGES)
    for title, size in zip(titles, trained.class_sizes, strict=True):
        if size.is_repetitive:
            return ngettext(
                "The {count} images of “{name}” look like copies of {photos} photo. Add different photos.",
                "The {count} images of “{name}” look like copies of {photos} photos. Add different photos.",
                size.photos,
            ).format(name=title, count=size.images, photos=size.photos)
    return _("{folds}-fold cross-validation. Copies of a photo are always in the same fold.").format(
        folds=min(N_FOLDS, trained.n_photos)
    )
