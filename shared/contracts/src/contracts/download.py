"""The facts of downloads: a customer may fetch a file, so often and for so long. One stream a line."""

from uuid import UUID

from contracts.envelope import Fact


class Granted(Fact):
    """``asset``: the key of the file in the shop's asset store. It may be fetched ``uses`` times within so
    many ``days``."""

    TYPE = "download.granted"
    order_id: UUID
    line_id: str
    customer_id: str
    asset: str
    days: int
    uses: int


class Used(Fact):
    """The customer was sent to the asset store."""

    TYPE = "download.used"
    number: int
    """Counts the uses from 1."""


class Revoked(Fact):
    """The line was refunded, or its order cancelled: its links lead nowhere from now on."""

    TYPE = "download.revoked"


DownloadFact = Granted | Used | Revoked
