"""The refusals of campaigns. Each docstring stands in docs/errors.md."""

from kernel.domain import Refused


class CampaignStatusConflict(Refused):
    """The status of the campaign, which is the member `campaign_status`, does not allow this."""

    code = "CAMPAIGN_STATUS_CONFLICT"
