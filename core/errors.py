"""Errors that consist of a code and parameters. The app's pages translate them into messages."""


class CoreError(Exception):
    """An error that a user can act on. Pages translate its ``code`` and ``parameters`` into a message.

    Example: ``CoreError("upload_too_large", limit=10)``.
    """

    def __init__(self, code: str, **parameters: object):
        self.code = code
        self.parameters = parameters
        details = ", ".join(f"{name}={value}" for name, value in parameters.items())
        super().__init__(f"{code} ({details})" if details else code)

    def __reduce__(self):
        return _rebuild, (type(self), self.code, self.parameters)


def _rebuild(kind: type[CoreError], code: str, parameters: dict[str, object]) -> CoreError:
    return kind(code, **parameters)
