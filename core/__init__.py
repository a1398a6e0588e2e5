"""Networks, data, and training functions of the playground, independent of any user interface."""
