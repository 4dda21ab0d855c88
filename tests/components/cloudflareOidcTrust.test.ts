/**
 * Proves what is registered for the gateway: exact types, names, inputs and options, when the engine is made to write, and
 * what stays in the ledger for each way in which a run can end. Options are recorded, not obeyed; drift, repair and refusals are
 * proved with the real engine in tests/sandbox/cloudflare.
 */
import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { CloudflareOidcTrust } from "../../components/cloudflareOidcTrust.js";
import { gatewayArgs } from "../../components/gateway.js";
import { type BoundCredential, compareGateway } from "../../core/compare/cloudflare.js";
import type { AssessedGateway } from "../../core/gateway.js";
import type { GatewayObservation } from "../../core/observe/cloudflare.js";
import type { Observed } from "../../core/observe/github.js";
import { canary, leaked } from "../support/canary.js";
import {
  ACCOUNT,
  CREDENTIAL,
  healthyGateway,
  HOST_NAME,
  LATER,
  sampleEntry,
  sampleGateway,
  sampleWanted,
  VERSION,
  WORKER,
  ZONE_ID,
} from "../support/gateway.js";
import { find, type Outcome, record } from "../support/mocks.js";
import { fingerprinter, printOf } from "../support/secrets.js";

const SCRIPT = "cloudflare:index/workersScript:WorkersScript";
const SUBDOMAIN = "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain";
const DOMAIN = "cloudflare:index/workersCustomDomain:WorkersCustomDomain";
const COMMAND = "command:local:Command";
const BOUND = `${WORKER}/ZONE_CREDENTIAL`;
const NEW = "33333333-3333-4333-8333-333333333333";

interface World {
  readonly seen?: GatewayObservation;
  readonly observed?: Observed<GatewayObservation>;
  readonly entry?: BoundCredential | "none";
  readonly writes?: Readonly<Record<string, number>>;
}

function assessed({ seen, observed, entry, writes }: World): AssessedGateway {
  const wanted = sampleWanted();
  const there = observed ?? { seen: seen ?? healthyGateway() };
  const known = entry === "none" ? undefined : (entry ?? sampleEntry());
  const reports = [compareGateway(wanted, there, known)];
  return { wanted, observed: there, entry: known, writes: writes ?? {}, reports };
}

const SAID: Outcome = { done: { stdout: pulumi.secret(`version ${NEW}\n`), stderr: pulumi.secret("") } };

async function declare(world: World = {}, outcomes: Readonly<Record<string, Outcome>> = {}, preview = false) {
  const args = gatewayArgs(assessed(world), "test");
  const program = () => new CloudflareOidcTrust(WORKER, args);
  const { result, resources } = await record(program, { [BOUND]: SAID, ...outcomes }, { preview });
  const confirmed = await result.confirmed;
  return {
    resources,
    confirmed,
    script: find(resources, SCRIPT, WORKER),
    subdomain: find(resources, SUBDOMAIN, WORKER),
    domain: find(resources, DOMAIN, HOST_NAME),
    command: find(resources, COMMAND, BOUND),
    trust: find(resources, "p24:cloudflare:OidcTrust", WORKER),
    credential: find(resources, "p24:cloudflare:ZoneCredential", BOUND),
  };
}

const SOMEBODY = {
  deployments: [
    { version: LATER, triggeredBy: "upload" },
    { version: VERSION, triggeredBy: "secret" },
  ],
};
const NOTHING: GatewayObservation = { worker: undefined, domains: new Map() };

describe("the gateway's component", () => {
  it("is a Worker, its address, its host name and its credential, and nothing of it is ever deleted", async () => {
    const { resources, trust, credential, ...parts } = await declare();
    assert.equal(resources.length, 6);
    assert.deepEqual([trust.inputs, credential.inputs], [{}, {}]);
    for (const part of [parts.script, parts.subdomain, parts.domain]) {
      assert.equal(part.retainOnDelete, true, part.type);
      assert.equal(part.parent, trust.urn);
    }
    assert.equal("delete" in parts.command.inputs, false);
    assert.equal(parts.command.parent, credential.urn);
  });

  it("declares script, policy and host name as git wants them", async () => {
    const { script, subdomain, domain } = await declare({ seen: NOTHING, entry: "none" });
    const { script: content, policy } = sampleGateway();
    assert.deepEqual(script.inputs, {
      accountId: ACCOUNT,
      scriptName: WORKER,
      content,
      mainModule: "gateway.mjs",
      compatibilityDate: "2026-04-01",
      bindings: [{ name: "POLICY", type: "plain_text", text: policy }],
      keepBindings: ["secret_text"],
      annotations: { workersMessage: "p24-infra, over version none" },
    });
    assert.deepEqual(subdomain.inputs, {
      accountId: ACCOUNT,
      scriptName: WORKER,
      enabled: false,
      previewsEnabled: false,
    });
    assert.deepEqual(domain.inputs, { accountId: ACCOUNT, hostname: HOST_NAME, service: WORKER, zoneId: ZONE_ID });
  });

  it("names a verb and a fingerprint for the credential, and no value", async () => {
    const { command, resources } = await declare();
    assert.deepEqual(command.inputs, {
      create: "node cli/p24.mjs gateway bind --stack test",
      stdin: JSON.stringify({ fingerprint: printOf(CREDENTIAL), over: VERSION }),
      logging: "none",
      addPreviousOutputInEnv: false,
    });
    assert.deepEqual([...command.additionalSecretOutputs].sort(), ["stderr", "stdout"]);
    assert.deepEqual(leaked(JSON.stringify(resources), [CREDENTIAL]), []);
  });

  it("binds after the upload, as everything else that needs the Worker", async () => {
    const { script, subdomain, domain, command } = await declare();
    for (const part of [subdomain, domain, command]) {
      assert.ok(part.dependencies.includes(script.urn), part.type);
    }
  });

  it("ignores whatever it sends when nothing is to be written, but for what the Worker is", async () => {
    const { script, command } = await declare();
    const identity = ["accountId", "scriptName"];
    assert.deepEqual([...script.ignoreChanges, ...identity].sort(), Object.keys(script.inputs).sort());
    assert.deepEqual([...command.ignoreChanges].sort(), Object.keys(command.inputs).sort());
  });

  interface Written {
    readonly title: string;
    readonly world: World;
    /** What the engine is made to write. */
    readonly upload: boolean;
    readonly bind: boolean;
    readonly triggers: readonly [workersDev: number, domain: number];
  }
  const before = { "workers.dev": 2, [`domain ${HOST_NAME}`]: 5 };
  const written: readonly Written[] = [
    { title: "nothing, in order", world: {}, upload: false, bind: false, triggers: [2, 5] },
    {
      title: "the script",
      world: { seen: healthyGateway({ script: "evil", ...SOMEBODY }) },
      upload: true,
      bind: true,
      triggers: [2, 5],
    },
    {
      title: "script and credential after a deployment of somebody else's",
      world: { seen: healthyGateway(SOMEBODY) },
      upload: true,
      bind: true,
      triggers: [2, 5],
    },
    {
      title: "the credential alone, rotated",
      world: { entry: { ...sampleEntry(), fingerprint: printOf("former") } },
      upload: false,
      bind: true,
      triggers: [2, 5],
    },
    {
      title: "the host name alone",
      world: { seen: { ...healthyGateway(), domains: new Map([[HOST_NAME, "theirs"]]) } },
      upload: false,
      bind: false,
      triggers: [2, 6],
    },
    {
      title: "the workers.dev address alone",
      world: { seen: healthyGateway({ onWorkersDev: true }) },
      upload: false,
      bind: false,
      triggers: [3, 5],
    },
    {
      title: "nothing, for a host name that git no longer wants",
      world: {
        seen: {
          ...healthyGateway(),
          domains: new Map([
            [HOST_NAME, WORKER],
            ["old.p24.example", WORKER],
          ]),
        },
      },
      upload: false,
      bind: false,
      triggers: [2, 5],
    },
    {
      title: "nothing, where Cloudflare does not answer",
      world: { observed: { unreachable: { where: "x", what: "is off", repair: "wait" } } },
      upload: false,
      bind: false,
      triggers: [2, 5],
    },
    {
      title: "everything, without a Worker",
      world: { seen: NOTHING, entry: "none" },
      upload: true,
      bind: true,
      triggers: [2, 6],
    },
  ];
  for (const { title, world, upload, bind, triggers } of written) {
    it(`makes the engine write ${title}`, async () => {
      const { script, command, subdomain, domain, trust } = await declare({ ...world, writes: before });
      assert.equal(script.ignoreChanges.length === 0, upload);
      assert.equal(command.ignoreChanges.length === 0, bind);
      assert.deepEqual([subdomain.replacementTrigger, domain.replacementTrigger], triggers);
      assert.deepEqual(trust.outputs, {
        worker: WORKER,
        writes: { "workers.dev": triggers[0], [`domain ${HOST_NAME}`]: triggers[1] },
      });
    });
  }

  it("sends another message and another input for each version that it writes over", async () => {
    const inputs = async (version: string) => {
      const { script, command } = await declare({
        seen: healthyGateway({ deployments: [{ version, triggeredBy: "upload" }] }),
      });
      return [script.inputs["annotations"], command.inputs["stdin"]].map((input) => JSON.stringify(input));
    };
    const [one, other] = [await inputs(LATER), await inputs(NEW)];
    assert.ok(one.every((input, at) => input !== other[at]));
  });

  const keyId = fingerprinter.keyId;
  const entry = (version: string) => ({ worker: WORKER, fingerprint: printOf(CREDENTIAL), keyId, version });
  interface Case {
    readonly title: string;
    readonly world?: World;
    readonly outcomes?: Readonly<Record<string, Outcome>>;
    readonly preview?: boolean;
    readonly registers?: boolean;
    readonly confirmed: boolean;
    readonly outputs: object;
  }
  const drifted: World = { seen: healthyGateway({ script: "evil", ...SOMEBODY }) };
  const said = (stdout: string): Outcome => ({ done: { stdout: pulumi.secret(stdout), stderr: pulumi.secret("") } });
  const cases: readonly Case[] = [
    { title: "bound", world: drifted, confirmed: true, outputs: entry(NEW) },
    { title: "in order, so not bound", registers: false, confirmed: true, outputs: entry(VERSION) },
    {
      title: "refused",
      world: drifted,
      outcomes: { [BOUND]: { failed: {} } },
      confirmed: false,
      outputs: entry(VERSION),
    },
    {
      title: "refused at the first time",
      world: { seen: NOTHING, entry: "none" },
      outcomes: { [BOUND]: { failed: {} } },
      confirmed: false,
      outputs: {},
    },
    {
      title: "failed, and the engine answers with the former output",
      world: drifted,
      outcomes: { [BOUND]: said(`version ${VERSION}`) },
      confirmed: false,
      outputs: entry(VERSION),
    },
    {
      title: "answered with the version of before",
      world: drifted,
      outcomes: { [BOUND]: said(`version ${LATER}`) },
      confirmed: false,
      outputs: entry(VERSION),
    },
    {
      title: "answered with something else",
      world: drifted,
      outcomes: { [BOUND]: said("it worked") },
      confirmed: false,
      outputs: entry(VERSION),
    },
    { title: "only previewed", world: drifted, preview: true, confirmed: false, outputs: entry(VERSION) },
  ];
  for (const { title, world, outcomes, preview, registers, confirmed, outputs } of cases) {
    it(`${title}: ${confirmed ? "confirmed" : "not confirmed"}, and the ledger keeps what is known`, async () => {
      const declared = await declare(
        world,
        { ...(preview === true ? { [BOUND]: { done: {} } } : {}), ...outcomes },
        preview,
      );
      assert.equal(declared.confirmed, confirmed);
      // What registers nothing keeps the former entry in the engine's state (tests/sandbox/program/converge.test.ts).
      assert.deepEqual(declared.credential.outputs, preview === true || registers === false ? undefined : outputs);
    });
  }

  it("registers nothing of what the command said but the version", async () => {
    const secret = canary();
    const { credential } = await declare(drifted, { [BOUND]: said(`version ${NEW}\n${secret}`) });
    assert.deepEqual(leaked(JSON.stringify(credential.outputs), [secret]), []);
  });
});
