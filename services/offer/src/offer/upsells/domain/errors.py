"""The refusals of upsells and funnel steps. Each docstring stands in docs/errors.md."""

from kernel.domain import NotFound


class UpsellNotFound(NotFound):
    """The offer has no such upsell or order bump."""

    code = "UPSELL_NOT_FOUND"


class FunnelStepNotFound(NotFound):
    """The offer's funnel has no such step."""

    code = "FUNNEL_STEP_NOT_FOUND"
