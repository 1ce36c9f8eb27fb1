"""Faults of secrets, images, scaling, Kafka, databases, routes and network policies."""

from __future__ import annotations

from tests.deploy.overlays import Document
from tests.deploy.planted.fault import Faults, container, pod, remove, settings, spec
from tests.deploy.resources import one

FAULTS = Faults()
planted = FAULTS.planted


@planted("secrets.in_files")
def a_secret_is_in_the_environment(docs: list[Document]) -> None:
    source = {"secretKeyRef": {"name": "cart-db-service", "key": "password"}}
    container(docs)["env"].append({"name": "FEIRA_DATABASE_PASSWORD", "valueFrom": source})


@planted("secrets.in_files")
def a_password_is_in_a_config_map(docs: list[Document]) -> None:
    settings(docs, "cart")["FEIRA_DATABASE_URL"] = "postgresql://feira_cart:hush@cart-db-rw:5432/feira_cart"


@planted("secrets.made")
def a_secret_has_another_name(docs: list[Document]) -> None:
    pod(docs)["volumes"][0]["projected"]["sources"][0]["secret"]["name"] = "cart-database"


@planted("secrets.made")
def a_secret_is_no_longer_made(docs: list[Document]) -> None:
    remove(docs, "ExternalSecret", "checkout-saga")


@planted("secrets.of_their_users")
def a_migration_has_the_password_of_the_service(docs: list[Document]) -> None:
    job = one(docs, "Job", "cart-migrate-0-2-0")["spec"]["template"]["spec"]
    job["volumes"][0]["projected"]["sources"][0]["secret"]["name"] = "cart-db-service"


@planted("secrets.certificates")
def the_authority_of_the_brokers_is_not_mounted(docs: list[Document]) -> None:
    mounts = container(docs)["volumeMounts"]
    mounts[:] = [it for it in mounts if it["name"] != "kafka-ca"]


@planted("images.pinned")
def production_runs_a_tag(docs: list[Document]) -> None:
    container(docs)["image"] = "registry.example/feira:0.2.0"


@planted("images.pinned", "local")
def an_image_is_the_latest(docs: list[Document]) -> None:
    spec(docs, "StatefulSet", "postgres")["template"]["spec"]["containers"][0]["image"] = "postgres:latest"


@planted("images.of_one_release", "staging")
def a_service_is_of_another_release(docs: list[Document]) -> None:
    container(docs)["image"] = "registry.example/feira:0.1.0"


@planted("images.of_one_release")
def a_migration_has_the_name_of_every_release(docs: list[Document]) -> None:
    one(docs, "Job", "cart-migrate-0-2-0")["metadata"]["name"] = "cart-migrate"


@planted("scaling.within_partitions")
def more_replicas_than_partitions(docs: list[Document]) -> None:
    spec(docs, "ScaledObject", "cart")["maxReplicaCount"] = 9


@planted("scaling.one_decides")
def each_release_undoes_the_autoscaler(docs: list[Document]) -> None:
    spec(docs, "Deployment", "cart")["replicas"] = 2


@planted("scaling.by_lag")
def the_autoscaler_asks_for_another_group(docs: list[Document]) -> None:
    spec(docs, "ScaledObject", "cart")["triggers"][1]["metadata"]["consumerGroup"] = "cart"


@planted("scaling.by_lag")
def a_partition_without_an_offset_counts_as_one_record(docs: list[Document]) -> None:
    spec(docs, "ScaledObject", "offer")["triggers"][1]["metadata"].pop("offsetResetPolicy")


@planted("schemas.custom")
def a_field_of_a_topic_is_misspelt(docs: list[Document]) -> None:
    topic = spec(docs, "KafkaTopic", "cart.events")
    topic["partition"] = topic.pop("partitions")


@planted("kafka.topics")
def a_topic_has_more_partitions(docs: list[Document]) -> None:
    spec(docs, "KafkaTopic", "cart.events")["partitions"] = 12


@planted("kafka.topics")
def facts_are_forgotten(docs: list[Document]) -> None:
    spec(docs, "KafkaTopic", "offer.events")["config"]["retention.ms"] = 604_800_000


@planted("kafka.users")
def a_service_may_write_facts_of_another(docs: list[Document]) -> None:
    acl = {
        "resource": {"type": "topic", "name": "checkout.events", "patternType": "literal"},
        "operations": ["Write"],
    }
    spec(docs, "KafkaUser", "projections")["authorization"]["acls"].append(acl)


@planted("kafka.users")
def a_service_may_not_read_its_commands(docs: list[Document]) -> None:
    acls = spec(docs, "KafkaUser", "offer")["authorization"]["acls"]
    acls[:] = [it for it in acls if it["resource"]["name"] != "offer.commands"]


@planted("kafka.broker")
def an_election_may_lose_records(docs: list[Document]) -> None:
    spec(docs, "Kafka", "kafka")["kafka"]["config"]["unclean.leader.election.enable"] = "true"


@planted("kafka.broker")
def every_user_may_do_everything(docs: list[Document]) -> None:
    spec(docs, "Kafka", "kafka")["kafka"].pop("authorization")


@planted("databases.durable")
def a_failover_may_lose_facts(docs: list[Document]) -> None:
    spec(docs, "Cluster", "checkout-saga-db")["postgresql"]["synchronous"]["dataDurability"] = "preferred"


@planted("databases.durable")
def every_standby_has_to_answer(docs: list[Document]) -> None:
    spec(docs, "Cluster", "cart-db")["postgresql"]["synchronous"]["number"] = 3


@planted("databases.durable")
def a_database_has_no_backup(docs: list[Document]) -> None:
    remove(docs, "ScheduledBackup", "offer-db")


@planted("databases.private")
def a_service_always_reads_for_all_tenants(docs: list[Document]) -> None:
    spec(docs, "Cluster", "cart-db")["managed"]["roles"][1].pop("inherit")


@planted("databases.quiet")
def a_database_logs_personal_data(docs: list[Document]) -> None:
    spec(docs, "Cluster", "cart-db")["postgresql"]["parameters"].pop("log_min_error_statement")


@planted("databases.connections")
def the_connections_are_too_few(docs: list[Document]) -> None:
    spec(docs, "Cluster", "cart-db")["postgresql"]["parameters"]["max_connections"] = "100"


@planted("databases.direct")
def a_service_reads_from_a_standby(docs: list[Document]) -> None:
    values = settings(docs, "projections")
    values["FEIRA_DATABASE_URL"] = values["FEIRA_DATABASE_URL"].replace("-rw", "-ro")


@planted("routes.published")
def metrics_are_published(docs: list[Document]) -> None:
    spec(docs, "HTTPRoute", "feira")["rules"][0]["matches"][0]["path"]["value"] = "/metrics"


@planted("routes.published")
def a_request_that_waits_is_ended(docs: list[Document]) -> None:
    spec(docs, "HTTPRoute", "feira")["rules"][2]["timeouts"]["request"] = "15s"


@planted("routes.encrypted")
def the_host_has_no_certificate(docs: list[Document]) -> None:
    spec(docs, "Certificate", "feira")["dnsNames"] = ["other.example"]


@planted("routes.limited")
def a_tenant_may_ask_without_a_limit(docs: list[Document]) -> None:
    settings(docs, "feira")["FEIRA_RATE_PER_TENANT"] = "off"


@planted("routes.told_apart")
def all_guests_have_the_address_of_the_gateway(docs: list[Document]) -> None:
    del settings(docs, "checkout-saga")["FEIRA_TRUSTED_PROXIES"]


@planted("routes.told_apart")
def a_client_says_where_it_is(docs: list[Document]) -> None:
    settings(docs, "checkout-saga")["FEIRA_TRUSTED_PROXIES"] += ",0.0.0.0/0"


@planted("routes.told_apart", "staging")
def a_guest_may_start_checkouts_without_a_limit(docs: list[Document]) -> None:
    settings(docs, "checkout-saga")["FEIRA_CHECKOUT_RATE"] = "off"


@planted("alerts.linked", "staging")
def the_link_of_an_alert_is_relative(docs: list[Document]) -> None:
    rules = spec(docs, "PrometheusRule", "feira")["groups"][0]["rules"]
    rules[0]["annotations"]["runbook_url"] = f"runbooks/{rules[0]['alert']}.md"


@planted("network.denied")
def what_is_not_forbidden_is_allowed(docs: list[Document]) -> None:
    remove(docs, "NetworkPolicy", "default-deny")


@planted("network.opened")
def a_service_has_no_policy_of_its_own(docs: list[Document]) -> None:
    remove(docs, "NetworkPolicy", "cart")
    remove(docs, "NetworkPolicy", "verify-into-services")


@planted("network.opened")
def a_stranger_with_the_right_label_gets_in(docs: list[Document]) -> None:
    rule = {
        "from": [
            {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app.kubernetes.io/name": "cart"}}}
        ]
    }
    spec(docs, "NetworkPolicy", "kafka")["ingress"].append(rule)


@planted("network.matrix")
def a_service_reaches_the_database_of_another(docs: list[Document]) -> None:
    for name, direction in (("cart-to-database", "egress"), ("offer-db", "ingress")):
        rules = spec(docs, "NetworkPolicy", name)[direction]
        rules.append({"to" if direction == "egress" else "from": [{"podSelector": {}}]})


@planted("network.matrix", "staging")
def another_service_asks_for_money(docs: list[Document]) -> None:
    for name, key in (("gateway", "ingress"), ("dns", "egress")):
        peers = [{"podSelector": {"matchLabels": {"app.kubernetes.io/part-of": "feira"}}}]
        rules = spec(docs, "NetworkPolicy", name)[key]
        rules.append(
            {"from" if key == "ingress" else "to": peers, "ports": [{"port": 8080, "protocol": "TCP"}]}
        )


@planted("images.servers_as_tested")
def a_database_is_older_than_the_tested_one(docs: list[Document]) -> None:
    spec(docs, "Cluster", "cart-db")["imageName"] = "ghcr.io/cloudnative-pg/postgresql:16.14"


@planted("routes.untraced")
def strangers_choose_what_is_traced(docs: list[Document]) -> None:
    spec(docs, "HTTPRoute", "feira")["rules"][0].pop("filters")
