/**
 * Proves what the comparison says about each way in which the gateway can stand to git. Script, policy, host names and the
 * workers.dev address are content; the credential's value is never seen: what is said of it rests on the ledger and on which
 * version is deployed.
 */
import assert from "node:assert/strict";

import { type BoundCredential, compareGateway } from "../../../core/compare/cloudflare.js";
import { isConverged, settled } from "../../../core/compare/report.js";
import { renderReport } from "../../../core/compare/render.js";
import type { GatewayObservation, WorkerObservation } from "../../../core/observe/cloudflare.js";
import {
  CREDENTIAL,
  healthyGateway,
  healthyWorker,
  HOST_NAME,
  LATER,
  sampleEntry,
  sampleGateway,
  sampleWanted,
  VERSION,
  WORKER,
} from "../../support/gateway.js";
import { printOf, samplePrint } from "../../support/secrets.js";

const SOMEBODY = {
  deployments: [
    { version: LATER, triggeredBy: "upload" },
    { version: VERSION, triggeredBy: "secret" },
  ],
};
const SOMEBODYS_SECRET = {
  deployments: [
    { version: LATER, triggeredBy: "secret" },
    { version: VERSION, triggeredBy: "secret" },
  ],
};

/** Bindings with one more, with another, or without one. */
function bindings(name: string, binding?: { type: string; text?: string }): Pick<WorkerObservation, "bindings"> {
  const all = new Map(healthyWorker().bindings);
  if (binding === undefined) {
    all.delete(name);
  } else {
    all.set(name, binding);
  }
  return { bindings: all };
}

function compare(seen: GatewayObservation, entry: BoundCredential | undefined = sampleEntry()) {
  return compareGateway(sampleWanted(), { seen }, entry);
}

interface Case {
  readonly title: string;
  readonly worker?: Partial<WorkerObservation>;
  readonly domains?: Readonly<Record<string, string>>;
  readonly entry?: BoundCredential | "none";
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  { title: "everything is as our last write left it", expected: [] },
  { title: "somebody edited the script", worker: { script: "evil", ...SOMEBODY }, expected: ["script differs"] },
  {
    title: "the main module has another name",
    worker: { mainModule: "x.mjs", ...SOMEBODY },
    expected: ["script differs"],
  },
  {
    title: "the runtime's date is another",
    worker: { compatibilityDate: "2020-01-01", ...SOMEBODY },
    expected: ["script differs"],
  },
  {
    title: "the runtime has a flag",
    worker: { compatibilityFlags: ["nodejs_compat"], ...SOMEBODY },
    expected: ["script differs"],
  },
  {
    title: "somebody edited the policy",
    worker: { ...bindings("POLICY", { type: "plain_text", text: "{}" }), ...SOMEBODY },
    expected: ["policy differs"],
  },
  {
    title: "the policy is a binding of another type",
    worker: { ...bindings("POLICY", { type: "secret_text" }), ...SOMEBODY },
    expected: ["policy differs"],
  },
  { title: "the policy is gone", worker: { ...bindings("POLICY"), ...SOMEBODY }, expected: ["policy missing"] },
  {
    title: "script and policy both",
    worker: { script: "evil", ...bindings("POLICY"), ...SOMEBODY },
    expected: ["policy missing", "script differs"],
  },
  {
    title: "the credential is gone",
    worker: { ...bindings("ZONE_CREDENTIAL"), ...SOMEBODYS_SECRET },
    expected: ["zone credential missing"],
  },
  { title: "somebody wrote a secret", worker: SOMEBODYS_SECRET, expected: ["zone credential differs"] },
  {
    title: "somebody wrote a secret and edited the script",
    worker: { script: "evil", ...SOMEBODYS_SECRET },
    expected: ["script differs", "zone credential differs"],
  },
  {
    title: "somebody deployed the same script and policy: it may hold another credential",
    worker: SOMEBODY,
    expected: ["zone credential differs"],
  },
  {
    title: "the credential is a variable that everybody can read",
    worker: bindings("ZONE_CREDENTIAL", { type: "plain_text", text: "x" }),
    expected: ["zone credential differs"],
  },
  {
    title: "our last write is among the deployments no more, and the script differs",
    worker: { script: "evil", deployments: [{ version: LATER, triggeredBy: "secret" }] },
    expected: ["script differs", "zone credential differs"],
  },
  {
    title: "two versions share the traffic",
    worker: { deployments: [{ version: `${LATER}+${VERSION}`, triggeredBy: "deployment" }] },
    expected: ["zone credential differs"],
  },
  {
    title: "git has a new credential",
    entry: { ...sampleEntry(), fingerprint: samplePrint("c") },
    expected: ["zone credential differs"],
  },
  {
    title: "the fingerprint key changed",
    entry: { ...sampleEntry(), keyId: "former-k" },
    expected: ["zone credential differs"],
  },
  { title: "a Worker of before our first write, in order", entry: "none", expected: ["zone credential adopted"] },
  {
    title: "a Worker of before our first write, another script and policy",
    worker: { script: "theirs", ...bindings("POLICY", { type: "json" }) },
    entry: "none",
    expected: ["policy adopted", "script adopted", "zone credential adopted"],
  },
  {
    title: "a variable that git does not want",
    worker: { ...bindings("DEBUG", { type: "plain_text", text: "1" }), ...SOMEBODY },
    expected: ["binding DEBUG orphan"],
  },
  {
    title: "somebody else's secret beside ours",
    worker: { ...bindings("THEIRS", { type: "secret_text" }), ...SOMEBODYS_SECRET },
    expected: ["binding THEIRS foreign", "zone credential differs"],
  },
  { title: "it answers under workers.dev", worker: { onWorkersDev: true }, expected: ["workers.dev differs"] },
  { title: "the host name is detached", domains: {}, expected: [`domain ${HOST_NAME} missing`] },
  {
    title: "the host name is another Worker's",
    domains: { [HOST_NAME]: "theirs" },
    expected: [`domain ${HOST_NAME} differs`],
  },
  {
    title: "it answers under a name that git does not want",
    domains: { [HOST_NAME]: WORKER, "old.p24.example": WORKER, "other.p24.example": "theirs" },
    expected: ["domain old.p24.example foreign"],
  },
];

describe("the gateway compared with git", () => {
  for (const { title, worker, domains, entry, expected } of CASES) {
    it(title, () => {
      const seen = { ...healthyGateway(worker), ...(domains && { domains: new Map(Object.entries(domains)) }) };
      const report = compareGateway(sampleWanted(), { seen }, entry === "none" ? undefined : (entry ?? sampleEntry()));
      assert.deepEqual(
        report.names.map(({ name, status }) => `${name} ${status}`),
        expected,
      );
      assert.equal(report.confidence, "recorded");
      const left = report.names.filter(({ status }) => status === "foreign").length;
      assert.equal(isConverged(report), expected.length === left);
      assert.equal(isConverged(settled(report)), true);
    });
  }

  it("without a Worker everything is missing but what needs none", () => {
    const report = compare({ worker: undefined, domains: new Map() }, undefined);
    assert.deepEqual(
      report.names.map(({ name, status }) => `${name} ${status}`),
      [`domain ${HOST_NAME} missing`, "policy missing", "script missing", "zone credential missing"],
    );
    assert.deepEqual(report.counts, { "in sync": 1, missing: 4 });
  });

  it("shows fingerprints of both sides where they are known, and of the credential git's only", () => {
    const policy = sampleGateway().policy;
    const { names } = compare(
      healthyGateway({ script: "evil", ...bindings("POLICY", { type: "plain_text", text: "x" }), ...SOMEBODYS_SECRET }),
    );
    assert.deepEqual(names, [
      { name: "policy", status: "differs", git: printOf(policy), there: printOf("x") },
      { name: "script", status: "differs", git: printOf(sampleGateway().script), there: printOf("evil") },
      { name: "zone credential", status: "differs", git: printOf(CREDENTIAL) },
    ]);
  });

  it("says when somebody else has deployed since", () => {
    assert.match(
      renderReport([compare(healthyGateway({ script: "evil", ...SOMEBODY }))]),
      /note: somebody else deployed p24-dns-gateway since our last write; up deploys it again, with git's credential$/m,
    );
    assert.deepEqual(compare(healthyGateway({ onWorkersDev: true })).notes, []);
  });

  it("of a place that cannot be asked says that alone", () => {
    const fault = { where: "Cloudflare", what: "is off", repair: "wait" };
    const report = compareGateway(sampleWanted(), { unreachable: fault }, sampleEntry());
    assert.deepEqual(
      [report.status, report.confidence, report.counts],
      ["unreachable", "unreachable", { unreachable: 5 }],
    );
    assert.deepEqual(report.faults, [fault]);
  });
});
