"""Instructions for opening an exported program or notebook."""

import streamlit as st

from pages.components.text import _

_PACKAGES = "torch torchvision matplotlib tqdm"


def draw(name: str) -> None:
    """Draw a button that shows the instructions. ``name`` is the name of the files, without an extension."""
    with st.popover(_("How to run it"), icon=":material/open_in_new:"):
        st.markdown(_("**Jupyter on your computer**, with the notebook:"))
        st.code(f"pip install jupyterlab {_PACKAGES}\njupyter lab {name}.ipynb", language="sh", wrap_lines=True)
        st.markdown(_("**A terminal**, with the program:"))
        st.code(f"pip install {_PACKAGES}\npython {name}.py", language="sh", wrap_lines=True)
        st.markdown(
            _(
                "**A hosted notebook**, such as Google Colab or Kaggle: upload the notebook there. These packages are "
                "usually installed already. Otherwise, install them in the first cell:"
            )
        )
        st.code(f"%pip install {_PACKAGES}", language="python", wrap_lines=True)
        st.caption(
            _(
                "A program that needs a dataset downloads it to the folder `data`. Without a network connection, put "
                "this folder from another computer next to the program or the notebook."
            )
        )
