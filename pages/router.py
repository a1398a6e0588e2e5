"""The router: which pages there are, and which one is on the screen."""

if __name__ == "__main__":
    import streamlit as st

    from pages.components.server import settle
    from pages.components.text import _, explained

    st.set_page_config(page_title=_("PyTorch playground"), page_icon="🧠", layout="wide")
    page = st.navigation(
        {
            _("Welcome"): [st.Page("welcome/home.py", title=_("Welcome"), icon=":material/home:", default=True)],
            _("Basics"): [
                st.Page(
                    "basics/foundations.py",
                    title=_("Foundations"),
                    icon=":material/hub:",
                    url_path="foundations",
                ),
                st.Page(
                    "basics/manual_mlp.py",
                    title=_("A network by hand"),
                    icon=":material/edit_note:",
                    url_path="manual_mlp",
                ),
                st.Page(
                    "basics/optimizers.py",
                    title=_("Optimizers compared"),
                    icon=":material/downhill_skiing:",
                    url_path="optimizers",
                ),
            ],
            _("Vision"): [
                st.Page(
                    "vision/mnist_cnn.py",
                    title=_("MNIST CNN"),
                    icon=":material/draw:",
                    url_path="mnist_cnn",
                ),
                st.Page(
                    "vision/autoencoder.py",
                    title=_("Autoencoder"),
                    icon=":material/auto_fix_high:",
                    url_path="autoencoder",
                ),
                st.Page(
                    "vision/transfer_learning.py",
                    title=_("Transfer learning"),
                    icon=":material/moving:",
                    url_path="transfer_learning",
                ),
                st.Page(
                    "vision/own_pictures.py",
                    title=_("Your own pictures"),
                    icon=":material/photo_camera:",
                    url_path="own_pictures",
                ),
            ],
        }
    )
    with explained():
        page.run()
    settle(page.url_path)
