"""The "Export" tab: the project file, and the trained head with a prediction script."""

import streamlit as st

from core.export import networks
from core.export.own_process import in_own_process
from core.topics.own_images import program
from core.topics.own_images.export import export_zip
from core.topics.own_images.trained_network import trained_network
from pages.components.run.downloads import program_buttons
from pages.components.text import _
from pages.own_images import session


def draw() -> None:
    """Draw the "Export" tab."""
    state = session.current()
    trained, card = state.trained, state.card()
    project, head = st.columns(2, gap="large")
    with project:
        st.markdown(
            _(
                "**Project file**: a zip file with your images, the class names, and the trained head. To open it "
                "later, choose “Open a project file” in the ⋯ menu next to “Classes”, or drop the file on a class."
            )
        )
        st.download_button(
            _("Project (zip)"),
            state.project,
            file_name="own_images.zip",
            mime="application/zip",
            icon=":material/download:",
            on_click="ignore",
            key="own_images.project",
        )
    if trained is None or card is None:
        return
    with head:
        st.markdown(
            _(
                "**Trained head**: a zip file with the head (safetensors), its model card (JSON), the script "
                "`apply.py`, and `requirements.txt`. Your images are not included. Run `pip install -r "
                "requirements.txt`, then `python apply.py cat.jpg`. Replace `cat.jpg` with any image or folder."
            )
        )
        st.download_button(
            _("Trained head (zip)"),
            lambda: export_zip(trained.head, card),
            file_name="own_images_head.zip",
            mime="application/zip",
            icon=":material/download:",
            on_click="ignore",
            key="own_images.zip",
        )
        names = [each.name for each in trained.dataset]
        st.download_button(
            _("Network (ONNX)"),
            lambda: in_own_process(
                networks.onnx, trained_network(trained.backbone, trained.head, names), {"topic": "own_images"}
            ),
            file_name="own_images.onnx",
            icon=":material/account_tree:",
            on_click="ignore",
            key="own_images.onnx",
            help=_(
                "The backbone and the head, for programs without PyTorch, such as ONNX Runtime. Creating the file can "
                "take half a minute."
            ),
        )
        st.markdown(
            _(
                "**Program**: trains the same head without this app, and measures its accuracy by cross-validation. "
                "Your images are included. To train on other images, replace the folder `images`."
            )
        )
        program_buttons(
            lambda: program.source(trained.config, trained.dataset),
            lambda: program.program_files(trained),
            name="own_images_program",
        )
        with st.expander(_("Model card"), icon=":material/data_object:"):
            st.json(card)
