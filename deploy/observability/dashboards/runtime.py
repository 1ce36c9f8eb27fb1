"""Dashboard 5: the processes themselves: event loops, connections, memory, restarts, conflicts."""

from __future__ import annotations

from deploy.observability.dashboards.panel import SERVICE, Board, Panel, Query, Unit, newest, quantile, rate

PROCESS = f'job="feira",{SERVICE}'

BOARD = Board(
    uid="feira-runtime",
    title="Feira 5: runtime",
    description="What the processes are short of.",
    panels=(
        Panel(
            "Processes that answer",
            "Targets that answer the scrape.",
            Unit.COUNT,
            (Query(f"sum by (service) (up{{{PROCESS}}})", "{{service}}"),),
            ("FeiraServiceDown", "FeiraTargetDown", "FeiraAbsent"),
            is_key=True,
        ),
        Panel(
            "Event loop lag",
            "The longest delay of a timer of the event loop in 15 seconds.",
            Unit.SECONDS,
            (Query(f"max by (service) (feira_event_loop_lag_seconds{{{SERVICE}}})", "{{service}}"),),
            ("FeiraLatencyBurnRate",),
            is_key=True,
        ),
        Panel(
            "Loops that stand still",
            "1: a loop has missed its heartbeat, and the process is being restarted.",
            Unit.YES_NO,
            (Query(newest("feira_loop_stale", "service, loop"), "{{service}} {{loop}}"),),
            ("FeiraLoopStale",),
        ),
        Panel(
            "Connections in use",
            "The share of each pool's connections that is in use, of the process that uses most.",
            Unit.SHARE,
            (
                Query(
                    f"max by (service, pool)"
                    f" (feira_db_pool_in_use{{{SERVICE}}} / feira_db_pool_size{{{SERVICE}}})",
                    "{{service}} {{pool}}",
                ),
            ),
            ("FeiraPoolExhausted",),
            is_key=True,
        ),
        Panel(
            "Wait for a connection, 99th percentile",
            "The time within which 99 of 100 waits for a connection ended.",
            Unit.SECONDS,
            (Query(quantile("feira_db_pool_wait_seconds", 0.99, "service, pool"), "{{service}} {{pool}}"),),
            ("FeiraPoolExhausted",),
        ),
        Panel(
            "Age of the gauges",
            "Time since the gauges were read from the database; they keep their values meanwhile.",
            Unit.SECONDS,
            (Query(f"min by (service) (feira_gauges_age_seconds{{{SERVICE}}})", "{{service}}"),),
            ("FeiraDatabaseDown",),
        ),
        Panel(
            "Group commits, 95th percentile",
            "The time within which 95 of 100 transactions that append to a log were stored.",
            Unit.SECONDS,
            (Query(quantile("feira_append_duration_seconds", 0.95, "service"), "{{service}}"),),
            ("FeiraLatencyBurnRate", "FeiraDatabaseDown"),
        ),
        Panel(
            "Messages in a group commit",
            "The mean over the group commits.",
            Unit.COUNT,
            (
                Query(
                    f"{rate('feira_append_batch_messages_sum', 'service')}"
                    f" / ({rate('feira_append_batch_messages_count', 'service')} > 0)",
                    "{{service}}",
                ),
            ),
        ),
        Panel(
            "Conflicts",
            "Units of work in a second that ran again, since another writer was first.",
            Unit.PER_SECOND,
            (Query(rate("feira_append_conflicts_total", "service, by"), "{{service}} {{by}}"),),
        ),
        Panel(
            "Timers overdue",
            "How long the oldest timer that has not fired has been due.",
            Unit.SECONDS,
            (Query(newest("feira_timers_overdue_seconds", "service"), "{{service}}"),),
            ("FeiraTimersOverdue",),
        ),
        Panel(
            "Memory",
            "Resident memory of each process.",
            Unit.BYTES,
            (Query(f"process_resident_memory_bytes{{{PROCESS}}}", "{{service}} {{instance}}"),),
        ),
        Panel(
            "Processor",
            "Processor seconds in a second; an event loop cannot use more than one.",
            Unit.COUNT,
            (
                Query(
                    rate("process_cpu_seconds_total", "service, instance", PROCESS),
                    "{{service}} {{instance}}",
                ),
            ),
            ("FeiraLatencyBurnRate",),
        ),
        Panel(
            "Starts",
            "Processes that started within an hour.",
            Unit.COUNT,
            (
                Query(
                    f"sum by (service) (changes(process_start_time_seconds{{{PROCESS}}}[1h]))", "{{service}}"
                ),
            ),
            ("FeiraLoopStale", "FeiraTargetDown"),
        ),
        Panel(
            "Garbage collections",
            "Collections of the oldest generation in a second: each stops the process.",
            Unit.PER_SECOND,
            (
                Query(
                    rate("python_gc_collections_total", "service", f'{PROCESS},generation="2"'),
                    "{{service}}",
                ),
            ),
        ),
        Panel(
            "Failed writes of log lines",
            "Lines of the program's log that could not be written, for example on a full disk.",
            Unit.COUNT,
            (Query(f"sum by (service) (feira_log_writes_failed{{{SERVICE}}})", "{{service}}"),),
        ),
        Panel(
            "Releases",
            "Processes by release.",
            Unit.COUNT,
            (
                Query(
                    f"count by (service, version) (feira_build_info{{{SERVICE}}})", "{{service}} {{version}}"
                ),
            ),
        ),
    ),
)
