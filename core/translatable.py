"""Mark texts in core that pages translate and show."""


def N_(message: str) -> str:
    """Mark a message for translation, and return it unchanged. Pages translate the message when they show it."""
    return message
