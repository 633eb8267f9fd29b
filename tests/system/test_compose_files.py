"""What the files for containers and clusters promise, read without an engine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SERVICES = ["registry", "meetings", "threat-watch", "notifier"]
KUBERNETES = ROOT / "deploy" / "kubernetes"


class ComposeLoader(yaml.SafeLoader):
    """Reads compose's own tags (`!reset`, `!override`) as what stands behind them."""


def _plain(loader: ComposeLoader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)
    return None


ComposeLoader.add_multi_constructor("!", _plain)


def compose_file(path: str) -> dict[str, Any]:
    return dict(yaml.load((ROOT / path).read_text("utf-8"), ComposeLoader))


def manifests() -> list[dict[str, Any]]:
    files = sorted(path for path in KUBERNETES.rglob("*.yaml") if path.name != "kustomization.yaml")
    return [document for path in files for document in yaml.safe_load_all(path.read_text("utf-8"))]


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {found["metadata"]["name"]: found for found in manifests() if found["kind"] == kind}


# -- compose ----------------------------------------------------------------------------------------------------------


def test_the_trial_publishes_one_port_on_the_loopback_address_only() -> None:
    services = compose_file("docker-compose.yml")["services"]
    assert {name: entry["ports"] for name, entry in services.items() if "ports" in entry} == {
        "gateway": ["127.0.0.1:${PORT:-8000}:8080"]
    }


def test_every_container_is_denied_what_it_does_not_need() -> None:
    for name, entry in compose_file("docker-compose.yml")["services"].items():
        assert entry["cap_drop"] == ["ALL"], name
        assert entry["security_opt"] == ["no-new-privileges:true"], name
        assert entry.get("read_only") is True or name == "kafka", name


def test_a_service_waits_for_all_migrations_and_topics() -> None:
    services = compose_file("docker-compose.yml")["services"]
    jobs = {f"{job}-{service}" for job in ("migrate", "topics") for service in SERVICES}
    for service in SERVICES:
        waits = services[service]["depends_on"]
        assert {name for name, how in waits.items() if how["condition"] == "service_completed_successfully"} == jobs


@pytest.mark.parametrize("service", SERVICES)
def test_production_takes_the_trial_away_and_runs_each_service_twice(service: str) -> None:
    services = compose_file("deploy/compose/production.yml")["services"]
    variable = f"FORKANT_{service.upper().replace('-', '_')}"
    for name in (service, f"{service}-2", f"migrate-{service}", f"topics-{service}"):
        settings = services[name]["environment"]
        assert settings["FORKANT_TRIAL"] == "no"
        assert settings[f"{variable}_DATABASE_URL"].startswith(f"${{{variable}_DATABASE_URL:?")
    assert services[f"{service}-2"]["environment"][f"{variable}_INSTANCE"] == "2"


def test_production_keeps_no_setting_of_the_trial() -> None:
    trial, production = compose_file("docker-compose.yml"), compose_file("deploy/compose/production.yml")
    assert production["services"]["postgres"] is None
    assert production["services"]["kafka"] is None
    for service in SERVICES:
        settings = production["services"][service]["environment"]
        for name, value in trial["services"][service]["environment"].items():
            if "trial" in str(value) or "127.0.0.1" in str(value) or "kafka:9092" in str(value):
                assert settings.get(name, value) != value, f"{name} is left as in the trial"


def test_production_says_in_a_sentence_what_is_missing() -> None:
    text = (ROOT / "deploy" / "compose" / "production.yml").read_text("utf-8")
    demands = re.findall(r"\$\{([A-Z_]+):\?([^}]+)\}", text)
    assert {"FORKANT_KAFKA", "FORKANT_PUBLIC_URL", "FORKANT_SECRETS", "FORKANT_SITE"} <= {name for name, _ in demands}
    for name, sentence in demands:
        assert sentence.startswith(f"Set {name}") and sentence.endswith("."), name


# -- images -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_runs_as_nobody_and_is_made_of_hashed_packages(service: str) -> None:
    text = (ROOT / "services" / service / "Dockerfile").read_text("utf-8")
    assert not text.startswith("# syntax")
    assert set(re.findall(r"^FROM (\S+)", text, re.M)) == {"python:3.13-slim", "libraries"}
    assert "--require-hashes -r requirements/runtime.txt" in text
    assert "USER 10001:10001" in text
    assert "STOPSIGNAL SIGTERM" in text
    assert f"/{service}/health/ready" in text
    assert f'ENTRYPOINT ["python", "-m", "forkant_{service.replace("-", "_")}"]' in text


def test_the_four_images_share_their_libraries() -> None:
    texts = [(ROOT / "services" / service / "Dockerfile").read_text("utf-8") for service in SERVICES]
    assert len({text.partition("FROM python")[2].partition("FROM libraries AS own")[0] for text in texts}) == 1


# -- Kubernetes -------------------------------------------------------------------------------------------------------


def pods() -> list[tuple[str, dict[str, Any]]]:
    found = [*of_kind("StatefulSet").items(), *of_kind("Job").items()]
    return [(name, workload["spec"]["template"]["spec"]) for name, workload in found]


def test_each_service_has_its_set_its_job_its_budget_and_its_name() -> None:
    assert set(of_kind("StatefulSet")) == set(of_kind("PodDisruptionBudget")) == set(SERVICES)
    assert set(of_kind("Job")) == {f"prepare-{service}" for service in SERVICES}
    assert set(of_kind("Service")) == {name for service in SERVICES for name in (service, f"{service}-pods")}
    for name, workload in of_kind("StatefulSet").items():
        assert workload["spec"]["serviceName"] == f"{name}-pods"
        assert workload["spec"]["selector"]["matchLabels"].items() <= (
            workload["spec"]["template"]["metadata"]["labels"].items()
        )


def test_every_resource_is_listed_in_a_kustomization() -> None:
    for folder in ("common", "prepare", "services"):
        listed = yaml.safe_load((KUBERNETES / folder / "kustomization.yaml").read_text("utf-8"))["resources"]
        files = {path.name for path in (KUBERNETES / folder).glob("*.yaml")} - {"kustomization.yaml"}
        assert {name for name in listed if not name.startswith("..")} == files


def test_every_container_runs_as_nobody_with_limits_and_the_image_of_this_version() -> None:
    for name, pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            service = name.removeprefix("prepare-")
            project = tomllib.loads((ROOT / "services" / service / "pyproject.toml").read_text("utf-8"))["project"]
            assert container["image"] == f"forkant-{service}:{project['version']}"
            assert container["resources"]["limits"]["memory"]
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] is True
            assert security["allowPrivilegeEscalation"] is False
            assert security["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("service", SERVICES)
def test_a_pod_is_probed_and_keeps_its_name_in_the_kafka_group(service: str) -> None:
    (container,) = of_kind("StatefulSet")[service]["spec"]["template"]["spec"]["containers"]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        # Red while Kafka is away would close the door to reports.
        assert container[probe]["httpGet"] == {"path": f"/{service}/health/live", "port": "http"}
    instance = f"FORKANT_{service.upper().replace('-', '_')}_INSTANCE"
    named = {entry["name"]: entry["valueFrom"] for entry in container["env"]}
    assert named[instance] == {"fieldRef": {"fieldPath": "metadata.name"}}


def test_no_manifest_contains_a_secret() -> None:
    assert not of_kind("Secret")
    for settings in of_kind("ConfigMap").values():
        for name in settings["data"]:
            assert not re.search(r"PASSWORD$|_KEY$|TRIAL|DATABASE_URL|PHONE", name), name


def test_nothing_flows_unless_it_is_named() -> None:
    policies = of_kind("NetworkPolicy")
    assert policies["default-deny"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    asked = {}
    for name, policy in policies.items():
        if name.startswith("to-") and name.removeprefix("to-") in SERVICES:
            (rule,) = policy["spec"]["ingress"]
            (peer,) = rule["from"]
            asked[name.removeprefix("to-")] = set(peer["podSelector"]["matchExpressions"][0]["values"])
    asking = {}
    for name, policy in policies.items():
        if name.endswith("-asks"):
            (rule,) = policy["spec"]["egress"]
            (peer,) = rule["to"]
            asking[name.removesuffix("-asks")] = set(peer["podSelector"]["matchExpressions"][0]["values"])
    assert {(who, whom) for whom, who_all in asked.items() for who in who_all} == {
        (who, whom) for who, whom_all in asking.items() for whom in whom_all
    }


def test_the_gateways_agree_on_who_answers_what() -> None:
    routes = (ROOT / "deploy" / "gateway" / "routes").read_text("utf-8")
    prefixes = re.findall(r"^@\w+ path (\S+) \S+$", routes, re.M)
    (rule,) = of_kind("Ingress")["forkant"]["spec"]["rules"]
    paths = {entry["path"]: entry["backend"]["service"]["name"] for entry in rule["http"]["paths"]}
    assert paths == {**{prefix: prefix.removeprefix("/") for prefix in prefixes}, "/": "notifier"}
