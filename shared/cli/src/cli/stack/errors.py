"""What goes wrong with a stack, told in one sentence that a person can act on."""


class StackError(Exception):
    """A part of the stack is missing or broken; the message is the whole story."""
