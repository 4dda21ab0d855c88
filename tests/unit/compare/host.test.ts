/**
 * Proves what the comparison says about each way in which a host's `.env`, its identity and its containers can stand to
 * git. What the host itself says is taken as it is: tests/sandbox and tests/lab prove that the host says the truth.
 */
import assert from "node:assert/strict";

import { compareHost } from "../../../core/compare/host.js";
import { isConverged, type NameReport, type PlaceReport, type Status } from "../../../core/compare/report.js";
import { renderFault } from "../../../core/fault.js";
import type { HostObservation, ObservedService } from "../../../core/observe/host.js";
import { healthyHost, HOST_RECIPIENT } from "../../support/observation.js";
import { samplePrint } from "../../support/secrets.js";

const GIT = samplePrint("a");
const FORMER = samplePrint("b");
const WANTED = new Map([["NAME", GIT]]);

function compare(
  changes: Partial<HostObservation>,
  desired: ReadonlyMap<string, typeof GIT> = WANTED,
  prune: string[] = [],
): PlaceReport {
  const settings = { prune, target: "monitoring" };
  return compareHost("vps-i1", settings, HOST_RECIPIENT, desired, { seen: healthyHost(changes) });
}

function service(name: string, env: ObservedService["env"], state = "running", health = "healthy"): ObservedService {
  return { name, state, health, env };
}

interface NameCase {
  readonly title: string;
  readonly seen: Partial<HostObservation>;
  readonly desired?: ReadonlyMap<string, typeof GIT>;
  readonly prune?: string[];
  readonly expected: Omit<NameReport, "name"> | "in sync";
}

const NAMES: readonly NameCase[] = [
  { title: "git's value in the file", seen: { own: new Map([["NAME", GIT]]) }, expected: "in sync" },
  {
    title: "git's value in the file and in its container",
    seen: { own: new Map([["NAME", GIT]]), services: [service("web", new Map([["NAME", GIT]]))] },
    expected: "in sync",
  },
  {
    title: "another value in the file",
    seen: { own: new Map([["NAME", FORMER]]) },
    expected: { status: "differs", git: GIT, there: FORMER },
  },
  {
    title: "a value in the file that cannot be read",
    seen: { own: new Map([["NAME", undefined]]) },
    expected: { status: "differs", git: GIT },
  },
  { title: "not in the file", seen: {}, expected: { status: "missing", git: GIT } },
  { title: "no file", seen: { file: undefined }, expected: { status: "missing", git: GIT } },
  { title: "in the file by hand", seen: { foreign: ["NAME"] }, expected: { status: "adopted", git: GIT } },
  {
    title: "in the file, two containers still have the former value",
    seen: {
      own: new Map([["NAME", GIT]]),
      services: [
        service("worker", new Map([["NAME", FORMER]])),
        service("db", new Map([["NAME", GIT]])),
        service("web", new Map([["NAME", FORMER]])),
      ],
    },
    expected: { status: "stale process", git: GIT, services: ["web", "worker"], there: FORMER },
  },
  {
    title: "ours in the file, and git no longer wants it",
    seen: { own: new Map([["NAME", FORMER]]) },
    desired: new Map(),
    expected: { status: "orphan" },
  },
  {
    title: "foreign, and listed in prune",
    seen: { foreign: ["NAME"] },
    desired: new Map(),
    prune: ["NAME"],
    expected: { status: "orphan" },
  },
];

describe("a host compared with git", () => {
  for (const { title, seen, desired, prune, expected } of NAMES) {
    const status: Status = expected === "in sync" ? expected : expected.status;
    it(`${title}: ${status}`, () => {
      const report = compare(seen, desired, prune);
      assert.deepEqual(report.names, expected === "in sync" ? [] : [{ name: "NAME", ...expected }]);
      assert.deepEqual(report.counts, { [status]: 1 });
      assert.deepEqual([report.place, report.status, report.confidence], ["host:vps-i1", status, "verified"]);
      assert.deepEqual(report.faults, []);
      assert.equal(isConverged(report), expected === "in sync");
    });
  }

  it("with names that git does not know is blocked once, with each name and the repair", () => {
    const report = compare({ own: WANTED, foreign: ["OLD_B", "OLD_A", "DROP", "OLD_A"] }, WANTED, ["DROP"]);
    assert.deepEqual(report.names, [
      { name: "DROP", status: "orphan" },
      { name: "OLD_A", status: "foreign" },
      { name: "OLD_B", status: "foreign" },
    ]);
    assert.deepEqual(report.faults.map(renderFault), [
      "host vps-i1: the .env file of monitoring has names that git does not know: OLD_A, OLD_B; it is not replaced. " +
        "Repair: for each: p24 import vps-i1 FILE --only NAME takes it over from a copy of that file, or list it in " +
        "hosts.vps-i1.plain (no secret) or hosts.vps-i1.prune (drop it)",
    ]);
  });

  const identity: readonly [string, Partial<HostObservation>, string][] = [
    [
      "no identity",
      { identity: "absent", recipient: undefined },
      "host vps-i1: has no age identity at /root/.age/secrets.key. Repair: on the host: age-keygen -o " +
        "/root/.age/secrets.key, then put its public part into .sops.yaml",
    ],
    [
      "an identity that others can read",
      { identity: "mode" },
      "host vps-i1: its age identity can be read by others than root. Repair: on the host: chmod 600 /root/.age/secrets.key",
    ],
    [
      "another identity than .sops.yaml says",
      { recipient: "age1other" },
      "host vps-i1: its age identity is not the recipient in .sops.yaml. Repair: put the host's public part " +
        "(age-keygen -y /root/.age/secrets.key) behind &vps_i1 in .sops.yaml, then sops updatekeys",
    ],
  ];
  for (const [title, seen, message] of identity) {
    it(`with ${title} is blocked although every value is right`, () => {
      const report = compare({ own: WANTED, ...seen });
      assert.deepEqual(report.faults.map(renderFault), [message]);
      assert.deepEqual([report.status, report.counts], ["differs", { "in sync": 1 }]);
      assert.equal(isConverged(report), false);
    });
  }

  const notes: readonly [Partial<HostObservation>, string][] = [
    [{ file: { mode: "644", owner: "root:docker" } }, "the .env file is 644 root:docker, not 600 root:root"],
    [{ unread: 2 }, "the .env file has 2 lines that are no assignments"],
    [{ pending: true }, "an apply was begun and not finished"],
    [{ docker: "down" }, "Docker is down: the containers could not be compared"],
    [{ docker: "absent" }, "Docker is absent: the containers could not be compared"],
    [{ services: [service("web", new Map(), "exited", "none")] }, "service web is exited"],
    [{ services: [service("web", new Map(), "running", "unhealthy")] }, "service web is unhealthy"],
  ];
  for (const [seen, note] of notes) {
    it(`whose values are right differs when ${note}`, () => {
      const report = compare({ own: WANTED, ...seen });
      assert.deepEqual([report.status, report.notes, report.faults], ["differs", [note], []]);
    });
  }

  const OUTDATED = "service grafana runs with something else than its files say; up starts it anew";
  const stale = [service("web", new Map([["NAME", FORMER]]))];
  const recreated: readonly [string, Partial<HostObservation>, string[]][] = [
    ["once and by name", { recreate: ["grafana", "db", "grafana"] }, [OUTDATED.replace("grafana", "db"), OUTDATED]],
    ["not where a value tells already", { services: stale, recreate: ["web", "grafana"] }, [OUTDATED]],
    ["not while the file is another one", { own: new Map([["NAME", FORMER]]), recreate: ["grafana"] }, []],
  ];
  for (const [title, seen, notes] of recreated) {
    it(`names a service that Compose would make anew ${title}`, () => {
      const report = compare({ own: WANTED, ...seen });
      assert.deepEqual(report.notes, notes);
      assert.notEqual(report.status, "in sync");
    });
  }

  it("without a file says so beside the missing names", () => {
    assert.deepEqual(compare({ file: undefined }).notes, ["there is no .env file yet"]);
  });

  it("that could not be asked is unreachable, with git's names counted and the repair", () => {
    const fault = { where: "host vps-i1", what: "is off", repair: "start it" };
    const settings = { prune: [], target: "monitoring" };
    const report = compareHost("vps-i1", settings, HOST_RECIPIENT, WANTED, { unreachable: fault });
    assert.deepEqual(
      [report.status, report.confidence, report.counts],
      ["unreachable", "unreachable", { unreachable: 1 }],
    );
    assert.deepEqual(report.faults, [fault]);
  });
});
