"""What the tests read from the plots of the foundations, and what they send as their sliders do."""

import json

from streamlit.testing.v1 import AppTest

from tests.pages.helpers import _send_state


def component_of(app: AppTest, name: str):
    """Return the message of the only component of that name."""
    (drawn,) = (drawn for drawn in app.get("bidi_component") if drawn.proto.component_name == name)
    return drawn.proto


def data_of(app: AppTest, name: str) -> dict:
    """Return the data of the only component of that name."""
    return json.loads(component_of(app, name).json)


def plots(app: AppTest) -> dict:
    """Return the data of the plots."""
    (name,) = (
        drawn.proto.component_name
        for drawn in app.get("bidi_component")
        if drawn.proto.component_name.startswith("plots_")
    )
    return data_of(app, name)


def send(app: AppTest, name: str, **state: object) -> AppTest:
    """Send the state of the only component of that name, as the browser does."""
    return _send_state(app, component_of(app, name).id, json_value=json.dumps(state))


def slide(app: AppTest, **values: float) -> AppTest:
    """Move sliders and let go."""
    data = data_of(app, "shared_sliders")
    return send(app, "shared_sliders", values={"version": data["version"], "values": data["values"] | values})
