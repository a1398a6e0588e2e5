"""Networks, data and training functions of the playground. Nothing here knows that a screen exists."""
