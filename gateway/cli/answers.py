"""The queries that the demo asks of the running gateway, and how their answers are shown."""

import subprocess
import time
from typing import Any

import httpx

from gateway.cli.output import console, print_table
from gateway.errors import NotReady
from gateway.identity import Purpose

SEARCH = """query Search {
  search(query: "勾股定理", filter: { stages: [JUNIOR_SECONDARY], regions: ["500000"] }, first: 6) {
    totalCount
    nodes { title kind platform { name } region { name } }
    facets(dimensions: [PLATFORM, KIND]) { dimension buckets { label count } }
    sources { platform { name } state total }
  }
}"""
PLATFORMS = """query Platforms {
  platforms { code name region { name } resourceCount simulated health { state } }
}"""
USAGE = """query Usage {
  usage(measures: ["active_teachers", "schools_covered"], groupBy: [PROVINCE]) {
    rows { keys { label } period { from to } cells { status method quantity { display } } }
    caveats { code message }
  }
}"""
TRAINING = """query Training {
  trainingRecords(filter: { kinds: [COURSE], states: [RECOGNIZED] }, first: 5) {
    totalCount
    nodes { title startsOn quantity unit award { hours rule { code sample } } sameActivity { reason } }
  }
}"""
SUGGEST = 'query Suggest { suggest(prefix: "gougu", first: 3) { text kind count } }'


def wait_until_ready(address: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Ask /readyz until it says yes; `NotReady` when the process ends or the time is over."""
    deadline = time.monotonic() + seconds
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if client.get(f"{address}/readyz").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
    raise NotReady("the gateway did not start; see its messages above")


def show_answers(address: str, officer_key: str) -> None:
    """Ask the queries and print question and answer."""
    with httpx.Client(trust_env=False, base_url=address, timeout=30) as client:
        found = _ask(client, SEARCH)["search"]
        rows = [
            (node["title"], node["kind"], node["platform"]["name"], (node["region"] or {}).get("name"))
            for node in found["nodes"]
        ]
        print_table(
            f"{found['totalCount']} results, the first {len(rows)}", ("title", "kind", "platform", "region"), rows
        )
        for facet in found["facets"]:
            counts = ", ".join(f"{bucket['label']} {bucket['count']}" for bucket in facet["buckets"])
            console.print(f"{facet['dimension']}: {counts}", markup=False, highlight=False)
        for entry in _ask(client, SUGGEST)["suggest"]:
            console.print(f"{entry['kind']}: {entry['text']} ({entry['count']})", markup=False, highlight=False)
        platforms = _ask(client, PLATFORMS)["platforms"]
        print_table(
            "Platforms",
            ("code", "name", "region", "resources", "health", "simulated"),
            [
                (
                    each["code"],
                    each["name"],
                    each["region"]["name"],
                    each["resourceCount"],
                    (each["health"] or {}).get("state"),
                    "yes" if each["simulated"] else "no",
                )
                for each in platforms
            ],
        )
        _show_usage(_ask(client, USAGE)["usage"])
        officer = {"Authorization": f"Bearer {officer_key}", "Shanhai-Purpose": Purpose.TRAINING_ADMINISTRATION}
        _show_training(_ask(client, TRAINING, officer)["trainingRecords"])


def _show_usage(report: dict[str, Any]) -> None:
    days = report["rows"][0]["period"]
    print_table(
        f"Usage from {days['from']} to {days['to']}",
        ("province", "active teachers", "how", "schools covered", "how"),
        [
            (
                row["keys"][0]["label"],
                *(
                    said
                    for cell in row["cells"]
                    for said in ((cell["quantity"] or {}).get("display") or cell["status"], cell["method"])
                ),
            )
            for row in report["rows"]
        ],
    )
    for caveat in report["caveats"]:
        console.print(f"{caveat['code']}: {caveat['message']}", markup=False, highlight=False, soft_wrap=True)


def _show_training(page: dict[str, Any]) -> None:
    print_table(
        f"Training records of 重庆, for its officer: {page['totalCount']}, the newest {len(page['nodes'])}",
        ("title", "day", "quantity", "credited hours", "by the rule"),
        [
            (
                node["title"],
                node["startsOn"],
                f"{node['quantity']} {node['unit']}",
                (node["award"] or {}).get("hours"),
                f"{node['award']['rule']['code']}{' (a sample)' if node['award']['rule']['sample'] else ''}"
                if node["award"]
                else (node["sameActivity"] or {}).get("reason"),
            )
            for node in page["nodes"]
        ],
    )


def _ask(client: httpx.Client, query: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    console.print()
    console.print(query, markup=False, highlight=False, soft_wrap=True, style="cyan")
    answer = client.post("/graphql", json={"query": query}, headers=headers).json()
    if answer.get("errors"):
        raise NotReady(f"the gateway answered with errors: {answer['errors']}")
    data: dict[str, Any] = answer["data"]
    return data
