"""Grafana's JSON of a dashboard, by Grafana's own typed builders."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard, heatmap, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    VariableOption,
    VariableRefresh,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.observability.dashboards.panel import Board, Kind, Panel, Query

DATA_SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
HEIGHT = 8
RUNBOOKS = "https://runbooks.example/feira"
"""Value of the constant ``runbooks`` until it is set to where the pages are served."""

SomePanel = timeseries.Panel | stat.Panel | heatmap.Panel


def to_json(board: Board) -> str:
    built = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.description)
        .tags(["feira"])
        .time("now-1h", "now")
        .refresh("30s")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .link(
            dashboard.DashboardLink("Feira")
            .type(DashboardLinkType.DASHBOARDS)
            .tags(["feira"])
            .keep_time(True)
        )
        .with_variable(dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .with_variable(_services())
        .with_variable(dashboard.ConstantVariable("runbooks").value(RUNBOOKS))
    )
    for panel in board.panels:
        built.with_panel(_panel(panel))
    return JSONEncoder(sort_keys=True, indent=2).encode(built.build()) + "\n"


def _services() -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable("service")
        .label("Service")
        .datasource(DATA_SOURCE)
        .query('label_values(up{job="feira"}, service)')
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(True)
        .include_all(True)
        .all_value(".+")
        .current(VariableOption(text="All", value="$__all", selected=True))
    )


def _panel(panel: Panel) -> SomePanel:
    builder: SomePanel
    match panel.kind:
        case Kind.LINES:
            builder = timeseries.Panel().fill_opacity(5).line_width(1)
        case Kind.NUMBER:
            builder = stat.Panel()
        case Kind.HEAT_MAP:
            builder = heatmap.Panel()
    builder.title(panel.title).description(panel.description).unit(panel.unit.value)
    builder.datasource(DATA_SOURCE).span(panel.width).height(HEIGHT)
    builder.links([_runbook(it) for it in panel.alerts])
    for ref_id, query in zip("ABCDEF", panel.queries, strict=False):
        builder.with_target(_query(ref_id, query, panel.kind))
    return builder


def _runbook(alert: str) -> dashboard.DashboardLink:
    link = dashboard.DashboardLink(f"Runbook: {alert}").type(DashboardLinkType.LINK)
    return link.url(f"${{runbooks}}/{alert}.md").target_blank(True)


def _query(ref_id: str, query: Query, kind: Kind) -> prometheus.Dataquery:
    built = prometheus.Dataquery().ref_id(ref_id).expr(query.expr).legend_format(query.legend)
    if kind is Kind.HEAT_MAP:
        built.format(PromQueryFormat.HEATMAP)
    return built
