"""Faults of pods, probes, Services and settings."""

from __future__ import annotations

from tests.deploy.overlays import Document
from tests.deploy.planted.fault import Faults, container, pod, settings, spec
from tests.deploy.resources import one

FAULTS = Faults()
planted = FAULTS.planted


@planted("schemas.core")
def a_probe_is_misspelt(docs: list[Document]) -> None:
    container(docs)["livenessProb"] = container(docs).pop("livenessProbe")


@planted("probes.asked")
def the_readiness_probe_is_missing(docs: list[Document]) -> None:
    container(docs).pop("readinessProbe")


@planted("probes.asked")
def a_probe_asks_a_port_that_is_not_there(docs: list[Document]) -> None:
    container(docs)["readinessProbe"]["httpGet"]["port"] = "adm"


@planted("probes.asked")
def the_startup_probe_asks_whether_the_service_is_ready(docs: list[Document]) -> None:
    container(docs, "projections")["startupProbe"]["httpGet"]["path"] = "/readyz"


@planted("probes.asked")
def a_probe_is_less_patient_than_the_service(docs: list[Document]) -> None:
    container(docs)["readinessProbe"].pop("timeoutSeconds")


@planted("probes.patient")
def a_database_that_hangs_restarts_everything(docs: list[Document]) -> None:
    container(docs)["livenessProbe"]["failureThreshold"] = 3


@planted("probes.patient")
def a_rebuild_of_read_models_counts_as_a_failed_rollout(docs: list[Document]) -> None:
    spec(docs, "Deployment", "projections").pop("progressDeadlineSeconds")


@planted("probes.ended")
def a_pod_stops_while_requests_arrive(docs: list[Document]) -> None:
    container(docs).pop("lifecycle")


@planted("probes.ended")
def a_pod_is_killed_while_it_ends(docs: list[Document]) -> None:
    pod(docs)["terminationGracePeriodSeconds"] = 15


@planted("pods.restricted")
def a_process_is_root(docs: list[Document]) -> None:
    pod(docs)["securityContext"]["runAsNonRoot"] = False


@planted("pods.restricted")
def a_process_may_change_the_network(docs: list[Document]) -> None:
    container(docs)["securityContext"]["capabilities"] = {"add": ["NET_ADMIN"]}


@planted("pods.restricted")
def a_process_may_write_to_its_image(docs: list[Document]) -> None:
    container(docs)["securityContext"]["readOnlyRootFilesystem"] = False


@planted("pods.tokens")
def a_process_may_ask_the_api_server(docs: list[Document]) -> None:
    pod(docs)["automountServiceAccountToken"] = True


@planted("pods.resources")
def memory_is_not_limited(docs: list[Document]) -> None:
    container(docs)["resources"].pop("limits")


@planted("pods.resources")
def a_limit_of_cpu_delays_heartbeats(docs: list[Document]) -> None:
    container(docs)["resources"]["limits"]["cpu"] = "1"


@planted("pods.resources")
def a_quantity_is_none(docs: list[Document]) -> None:
    container(docs)["resources"]["limits"]["memory"] = "320Mib"


@planted("pods.volumes")
def a_mount_has_no_volume(docs: list[Document]) -> None:
    pod(docs)["volumes"] = [it for it in pod(docs)["volumes"] if it["name"] != "tmp"]


@planted("traffic.selected")
def a_service_leads_to_a_port_that_is_not_there(docs: list[Document]) -> None:
    spec(docs, "Service", "cart")["ports"][0]["targetPort"] = 8001


@planted("traffic.selected")
def a_migration_gets_requests(docs: list[Document]) -> None:
    job = one(docs, "Job", "cart-migrate-0-2-0")
    job["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"] = "cart"


@planted("traffic.owned")
def a_deployment_does_not_select_its_pods(docs: list[Document]) -> None:
    spec(docs, "Deployment", "cart")["selector"]["matchLabels"]["app.kubernetes.io/name"] = "crt"


@planted("traffic.listened")
def a_service_listens_where_no_probe_comes(docs: list[Document]) -> None:
    settings(docs, "feira")["FEIRA_HOST"] = "127.0.0.1"


@planted("traffic.listened")
def a_service_listens_on_another_port(docs: list[Document]) -> None:
    settings(docs, "feira")["FEIRA_PORT"] = "8001"


@planted("disruptions.budgets")
def a_node_cannot_be_emptied(docs: list[Document]) -> None:
    spec(docs, "PodDisruptionBudget", "cart")["minAvailable"] = 1


@planted("disruptions.spread")
def all_pods_may_be_in_one_zone(docs: list[Document]) -> None:
    pod(docs)["topologySpreadConstraints"].pop(0)


@planted("disruptions.rolled_out")
def a_rollout_takes_pods_away(docs: list[Document]) -> None:
    spec(docs, "Deployment", "offer")["strategy"]["rollingUpdate"]["maxUnavailable"] = 1


@planted("settings.known")
def a_setting_is_misspelt(docs: list[Document]) -> None:
    settings(docs, "feira")["FEIRA_LOGLEVEL"] = "debug"


@planted("settings.complete")
def a_compulsory_setting_is_missing(docs: list[Document]) -> None:
    settings(docs, "checkout-saga").pop("FEIRA_GATEWAY_URL")


@planted("settings.complete")
def a_compulsory_secret_is_missing(docs: list[Document]) -> None:
    sources = pod(docs, "checkout-saga")["volumes"][0]["projected"]["sources"]
    sources[:] = [it for it in sources if it["secret"]["name"] != "checkout-saga"]


@planted("settings.complete")
def kafka_is_spoken_to_in_the_clear(docs: list[Document]) -> None:
    settings(docs, "feira")["FEIRA_KAFKA_SECURITY"] = "plaintext"


@planted("settings.complete")
def failpoints_are_on_in_production(docs: list[Document]) -> None:
    settings(docs, "feira")["FEIRA_FAILPOINTS"] = "relay.sent=kill"


@planted("settings.complete", "staging")
def a_migration_has_no_password(docs: list[Document]) -> None:
    one(docs, "Job", "offer-migrate-0-2-0")["spec"]["template"]["spec"]["containers"][0]["env"].pop()


@planted("commands.exist")
def an_option_is_misspelt(docs: list[Document]) -> None:
    job = one(docs, "Job", "first-key-0-2-0")["spec"]["template"]["spec"]["containers"][0]
    job["args"] = [it.replace("--key-file", "--secret-file") for it in job["args"]]


@planted("commands.exist")
def a_program_has_another_name(docs: list[Document]) -> None:
    container(docs, "checkout-saga")["command"] = ["python", "-m", "checkout-saga"]


@planted("commands.of_a_tenant")
def the_first_key_is_of_the_demo(docs: list[Document]) -> None:
    job = one(docs, "Job", "first-key-0-2-0")["spec"]["template"]["spec"]["containers"][0]
    job["args"] = [it.replace("my-shop", "demo") for it in job["args"]]


@planted("commands.of_a_tenant", "local")
def the_first_key_is_of_no_tenant(docs: list[Document]) -> None:
    job = one(docs, "Job", "first-key-0-2-0")["spec"]["template"]["spec"]["containers"][0]
    job["args"] = [it for it in job["args"] if not it.startswith("--tenant")]
