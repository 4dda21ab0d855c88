/** Proves which alerts a look at the world calls for, with reports as the real comparison makes them. */
import assert from "node:assert/strict";

import { alertsOf, alertsOfFaults, type Findings } from "../../../core/announce/alerts.js";
import { fitting } from "../../../core/announce/repository.js";
import { compareHost } from "../../../core/compare/host.js";
import { placeReport, type PlaceReport, unreachableReport } from "../../../core/compare/report.js";
import type { HostObservation } from "../../../core/observe/host.js";
import { healthyHost, HOST_RECIPIENT } from "../../support/observation.js";

const DOWN = { where: "host vps-i1", what: "cannot be reached at 127.0.0.1 port 22", repair: "start it" };

function host(changes: Partial<HostObservation>): PlaceReport {
  return compareHost("vps-i1", { prune: [], target: "t" }, HOST_RECIPIENT, new Map(), { seen: healthyHost(changes) });
}

function github(...names: string[]): PlaceReport {
  return placeReport(
    "github:o/r",
    "recorded",
    1,
    names.map((name) => ({ name, status: "differs" })),
  );
}

function alerts(findings: Partial<Findings>, ...left: string[]): string[] {
  const none = { reports: [], warnings: [], overdue: [] };
  const found = alertsOf({ ...none, ...findings, isLeftBehind: (place) => left.includes(place) });
  return found.map(({ name, place, what }) => `${name} ${place}: ${what}`);
}

describe("the alerts of a look at the world", () => {
  const cases: readonly [string, readonly PlaceReport[], readonly string[], readonly string[]][] = [
    ["nothing is wrong", [host({}), github()], ["host:vps-i1", "github:o/r"], []],
    ["a value was changed by hand", [github("A", "B")], [], ["SecretsDrift github:o/r: A differs, B differs"]],
    ["a run left a place behind", [github("A")], ["github:o/r"], ["SecretsSyncFailed github:o/r: A differs"]],
    ["a host is down", [unreachableReport("host:vps-i1", 3, DOWN)], [], [`HostUnreachable host:vps-i1: ${DOWN.what}`]],
    [
      "a run met a host that is down",
      [unreachableReport("host:vps-i1", 3, DOWN)],
      ["host:vps-i1"],
      [`HostUnreachable host:vps-i1: ${DOWN.what}`, `SecretsSyncFailed host:vps-i1: ${DOWN.what}`],
    ],
    [
      "GitHub is down: no host",
      [unreachableReport("github:o/r", 3, { ...DOWN, where: "GitHub o/r" })],
      [],
      [`SecretsDrift github:o/r: ${DOWN.what}`],
    ],
    [
      "a host cannot open its observers' answer",
      [unreachableReport("host:vps-i1", 3, { ...DOWN, what: "has no usable age identity, or no observers" })],
      [],
      ["AgeKeyMissing host:vps-i1: has no usable age identity, or no observers"],
    ],
    [
      "foreign names alone are nobody's alert",
      [placeReport("github:o/r", "recorded", 1, [{ name: "X", status: "foreign" }])],
      [],
      [],
    ],
  ];
  for (const [title, reports, left, expected] of cases) {
    it(`when ${title}`, () => {
      assert.deepEqual(alerts({ reports }, ...left), expected);
    });
  }

  for (const changes of [{ identity: "absent" }, { identity: "mode" }, { recipient: "age1other" }] as const) {
    it(`when a host's identity is ${JSON.stringify(changes)}`, () => {
      const found = alerts({ reports: [host(changes)] });
      assert.equal(found.length, 1);
      assert.match(found[0] ?? "", /^AgeKeyMissing host:vps-i1: .*age identity/);
    });
  }

  it("name at most five names of a place, and say how many more there are", () => {
    assert.deepEqual(alerts({ reports: [github("A", "B", "C", "D", "E", "F", "G")] }), [
      "SecretsDrift github:o/r: A differs, B differs, C differs, D differs, E differs, 2 more",
    ]);
  });

  it("hold the lock-out in the making and what is overdue", () => {
    const warnings = [{ where: ".sops.yaml", name: "^secrets", what: "has no developer", repair: "add one" }];
    const overdue = [{ secret: "waha_api_key", what: "changed 2026-01-02, every 90 days" }];
    assert.deepEqual(alerts({ warnings, overdue }), [
      "LockoutRisk .sops.yaml ^secrets: has no developer",
      "RotationOverdue waha_api_key: changed 2026-01-02, every 90 days",
    ]);
  });

  it("of a checkout that cannot be read are the run's, but for recipients that do not fit and what is overdue", () => {
    const recipients = {
      where: "secrets/a.sops.yaml",
      what: "its recipients are not those of its rule in .sops.yaml",
      repair: "",
    };
    const broken = { where: "secrets/b.sops.yaml", what: "is not valid YAML", repair: "" };
    const overdue = [{ secret: "a", what: "was to be rotated by 2026-01-02" }];
    assert.deepEqual(
      alertsOfFaults([recipients, broken], overdue).map(({ name, place, what }) => `${name} ${place}: ${what}`),
      [
        "SecretsSyncFailed git: secrets/b.sops.yaml is not valid YAML",
        "LockoutRisk secrets/a.sops.yaml: its recipients are not those of its rule in .sops.yaml",
        "RotationOverdue a: was to be rotated by 2026-01-02",
      ],
    );
  });

  it("say of each place what fits into one issue, however many files are broken", () => {
    const faults = Array.from({ length: 2000 }, (_, at) => ({ where: `secrets/${String(at)}`, what: "x", repair: "" }));
    assert.equal(alertsOfFaults(faults, [])[0]?.what.length, 400);
  });
});

describe("a comment", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, at) => `line ${String(at)}`).join("\n");
  it("that fits stays as it is", () => {
    assert.equal(fitting("x".repeat(65_536)).length, 65_536);
  });

  it("that is longer than GitHub takes ends at a line, says so and closes its block of code", () => {
    const text = fitting(`# title\n\n\`\`\`text\n${lines(10_000)}\n\`\`\``);
    assert.ok(text.length <= 65_536 && text.length > 65_000, String(text.length));
    assert.match(text, /\nline \d+\n```\n\nCut off here, as GitHub takes no more\. The run's page has all of it\.$/);
    assert.doesNotMatch(fitting(lines(10_000)), /```/);
  });
});
