"""The one exception for a user's mistake."""

__all__ = ["UserError"]


class UserError(Exception):
    """Something that the user can put right; shown without a traceback.

    Parameters
    ----------
    messages: list of str
        One sentence each: where, the value, the rule and the remedy.
    """

    def __init__(self, messages):
        self.messages = [messages] if isinstance(messages, str) else list(messages)
        super().__init__("\n".join(self.messages))
