"""The refusals of what is handed over; the docstrings become docs/errors.md."""

from kernel.domain import NotFound, Refused


class LicenseNotFound(NotFound):
    """There is no such team licence."""

    code = "LICENSE_NOT_FOUND"


class SeatNotFound(NotFound):
    """There is no such seat, or it was taken back."""

    code = "SEAT_NOT_FOUND"


class NoSeatsLeft(Refused):
    """All seats of the licence are taken or offered: ``seats`` says how many there are."""

    code = "NO_SEATS_LEFT"


class SeatAlreadyTaken(Refused):
    """The address was invited already, the seat is another customer's, or the customer has a
    seat."""

    code = "SEAT_ALREADY_TAKEN"


class SeatsInUse(Refused):
    """Only free seats can be refunded: ``free`` says how many there are."""

    code = "SEATS_IN_USE"


class InvitationExpired(Refused):
    """The invitation to the seat was not accepted in time."""

    code = "INVITATION_EXPIRED"


class CertificateNotFound(NotFound):
    """There is no such certification or certificate."""

    code = "CERTIFICATE_NOT_FOUND"


class CertificateRevoked(Refused):
    """The certification was taken back with its order: no certificate is issued."""

    code = "CERTIFICATE_REVOKED"


class DownloadNotFound(NotFound):
    """There is no such download, or it was taken back."""

    code = "DOWNLOAD_NOT_FOUND"


class AssetStoreMissing(Refused):
    """This installation has no store of files, so none can be fetched: see FEIRA_ASSET_URL."""

    code = "ASSET_STORE_MISSING"


class DownloadExpired(Refused):
    """The link is older than 15 minutes, or the file was fetched as often or as long as granted."""

    code = "DOWNLOAD_EXPIRED"
