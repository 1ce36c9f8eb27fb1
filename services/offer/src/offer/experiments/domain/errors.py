"""The refusals of experiments. Each docstring stands in docs/errors.md."""

from kernel.domain import NotFound, Refused


class ExperimentNotFound(NotFound):
    """The offer has no such experiment."""

    code = "EXPERIMENT_NOT_FOUND"


class ExperimentRunning(Refused):
    """An experiment of the offer is running: `experiment_id` says which."""

    code = "EXPERIMENT_RUNNING"


class ExperimentStatusConflict(Refused):
    """The status of the experiment, which is the member `experiment_status`, does not allow this."""

    code = "EXPERIMENT_STATUS_CONFLICT"
