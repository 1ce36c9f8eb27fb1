"""The rules by which a flow refuses a request."""

from kernel.domain import NotFound, Refused


class FlowNotFound(NotFound):
    """There is no such flow."""

    code = "FLOW_NOT_FOUND"


class FlowStepOutOfOrder(Refused):
    """It is the turn of another step: ``current_step`` says which."""

    code = "FLOW_STEP_OUT_OF_ORDER"


class FlowEnded(Refused):
    """The flow is completed or expired: ``flow_status`` says which. A new one can be started."""

    code = "FLOW_ENDED"


class NotAPackage(Refused):
    """The offer is neither the flow's own nor one of its packages."""

    code = "INVALID_REQUEST"
