/**
 * Proves what the program remembers of its own writes, out of exported states written by hand. That the engine writes
 * them so is proved in tests/sandbox.
 */
import assert from "node:assert/strict";

import { formerRepositories } from "../../core/assess.js";
import { EMPTY_LEDGER, HOST_TYPE, type Ledger, LEDGER_TYPES, parseLedger } from "../../core/ledger.js";
import { faultsOf } from "../support/faults.js";
import { samplePrint } from "../support/secrets.js";
import { sampleSettings } from "../support/settings.js";

const PRINT = samplePrint("a");
const THEN = "2026-01-05T10:00:00Z";
const STACK = "pulumi:pulumi:Stack";

type Resource = readonly [type: string, outputs?: unknown];

function exported(...resources: readonly Resource[]): string {
  const all = resources.map(([type, outputs]) => ({ urn: `urn:${type}`, custom: false, type, outputs }));
  return JSON.stringify({ version: 3, deployment: { manifest: {}, resources: all } });
}

function secret(changes: Record<string, unknown> = {}): Resource {
  const outputs = { repository: "o/r", name: "A", fingerprint: PRINT, keyId: "k", updatedAt: THEN, ...changes };
  return [LEDGER_TYPES.secret, outputs];
}

function read(...resources: readonly Resource[]): Ledger {
  return parseLedger(exported(...resources), "prod");
}

describe("the ledger", () => {
  it("is empty for a stack without resources", () => {
    const empty = [
      { version: 3, deployment: null },
      { version: 3, deployment: {} },
      { deployment: { resources: null } },
    ];
    for (const state of empty) {
      assert.deepEqual(parseLedger(JSON.stringify(state), "prod"), EMPTY_LEDGER);
    }
    assert.deepEqual(read(), EMPTY_LEDGER);
  });

  it("holds each confirmed write, by repository and name", () => {
    const other = samplePrint("b");
    const { github } = read(
      secret(),
      secret({ name: "B", fingerprint: other, keyId: "l", updatedAt: "later" }),
      secret({ repository: "o/s" }),
    );
    const entry = { fingerprint: PRINT, keyId: "k", updatedAt: THEN };
    assert.deepEqual(
      github,
      new Map([
        [
          "o/r",
          new Map([
            ["A", entry],
            ["B", { fingerprint: other, keyId: "l", updatedAt: "later" }],
          ]),
        ],
        ["o/s", new Map([["A", entry]])],
      ]),
    );
  });

  it("holds commits, former repositories, and what each host was left with", () => {
    const left = { keyId: "k", hosts: { "vps-i1": "0123abcd" } };
    const ledger = read(
      [LEDGER_TYPES.history, { attempted: "c2", former: { "o/old": ["X"] } }],
      [STACK, { converged: "c1", report: {}, left }],
    );
    assert.deepEqual([ledger.attempted, ledger.converged, ledger.former], ["c2", "c1", { "o/old": ["X"] }]);
    assert.deepEqual(ledger.left, left);
  });

  it("holds the gateway's credential and how often its parts were written", () => {
    const entry = { fingerprint: PRINT, keyId: "k", version: "v" };
    const writes = { "workers.dev": 1, "domain dns.p24.example": 3 };
    const ledger = read(
      [LEDGER_TYPES.zoneCredential, { worker: "w", ...entry }],
      [LEDGER_TYPES.oidcTrust, { worker: "w", writes }],
    );
    assert.deepEqual([ledger.credentials, ledger.gatewayWrites], [new Map([["w", entry]]), new Map([["w", writes]])]);
  });

  it("knows which secrets the engine would delete: those with the provider's resource below, written or gone", () => {
    const provider = "github:index/actionsSecret:ActionsSecret";
    const [type, outputs] = secret();
    const resources = [
      { urn: `u::p::${type}::r/A`, type, outputs },
      { urn: `u::p::${type}$${provider}::r/A`, type: provider },
      { urn: `u::p::${type}::r/B`, type, outputs: { repository: "o/r", name: "B", gone: true } },
      { urn: `u::p::${type}$${provider}::r/B`, type: provider },
      { urn: `u::p::${type}::r/C`, type, outputs: { repository: "o/r", name: "C", gone: true } },
      { urn: `u::p::${type}$${provider}::r/D`, type: provider },
    ];
    const state = { deployment: { resources, pending_operations: [{}, {}] } };
    const { held, github, interrupted } = parseLedger(JSON.stringify(state), "prod");
    assert.deepEqual(held, new Map([["o/r", new Set(["A", "B"])]]));
    assert.deepEqual([...(github.get("o/r")?.keys() ?? [])], ["A"]);
    assert.equal(interrupted, 2);
  });

  it("reads a host's serial from the payload that it applied, and knows of a host whose payload says none", () => {
    const command = (host: string, stdin?: string) => ({
      urn: `urn:pulumi:prod::p24-infra::${HOST_TYPE}$command:remote:Command::${host}`,
      type: "command:remote:Command",
      outputs: { stdin, stdout: "applied 9" },
    });
    const sent = (serial: string) => `p24-payload 1\nhost h\ntarget app\nserial ${serial}\nsignature x\nserial 3\n`;
    const resources = [
      command("vps-i1", sent("7")),
      command("vps-h1", sent("0")),
      command("vps-h2", sent("1.5")),
      command("vps-h3", "(not sealed: nothing to write)"),
      command("vps-h4"),
    ];
    const { serials, heldHosts } = parseLedger(JSON.stringify({ deployment: { resources } }), "prod");
    assert.deepEqual(serials, new Map([["vps-i1", 7]]));
    assert.deepEqual([...heldHosts], ["vps-i1", "vps-h1", "vps-h2", "vps-h3", "vps-h4"]);
  });

  const nothing: readonly [string, Resource][] = [
    ["a secret whose first write failed", [LEDGER_TYPES.secret, {}]],
    ["a secret that was only registered", [LEDGER_TYPES.secret]],
    ["a secret with half an entry", secret({ updatedAt: undefined })],
    ["a secret with a fingerprint that is none", secret({ fingerprint: "aaaaaaaa" })],
    ["a host that never answered", [HOST_TYPE, {}]],
    ["a credential that was never bound", [LEDGER_TYPES.zoneCredential, {}]],
    ["a credential without a version", [LEDGER_TYPES.zoneCredential, { worker: "w", fingerprint: PRINT, keyId: "k" }]],
    ["a gateway that was only registered", [LEDGER_TYPES.oidcTrust]],
    ["a history without commit", [LEDGER_TYPES.history, {}]],
    ["a stack that never converged", [STACK, {}]],
    ["other resources", ["github:index/actionsSecret:ActionsSecret", { updatedAt: THEN }]],
  ];
  for (const [title, resource] of nothing) {
    it(`remembers nothing of ${title}`, () => {
      assert.deepEqual(read(resource), EMPTY_LEDGER);
    });
  }

  for (const [title, text] of [
    ["no JSON", "canary {"],
    ["nothing", ""],
    ["a list", "[]"],
    ["a deployment of another form", '{"deployment":{"resources":{}}}'],
    ["a resource without type", '{"deployment":{"resources":[{"urn":"canary"}]}}'],
  ] as const) {
    it(`of a state that is ${title} cannot be read, and nothing of it is shown`, () => {
      assert.deepEqual(
        faultsOf(() => parseLedger(text, "prod")),
        [
          "stack prod: its state is not of the form that Pulumi writes. Repair: pulumi stack history --stack prod, then " +
            "pulumi stack import an older state",
        ],
      );
    });
  }
});

describe("former repositories", () => {
  const entry = { fingerprint: PRINT, keyId: "k", updatedAt: THEN };

  it("are those that we wrote to and that left the settings, with every name that stays there", () => {
    const ledger: Ledger = {
      ...EMPTY_LEDGER,
      github: new Map([
        ["radieu/p24-infra", new Map([["KEPT", entry]])],
        [
          "radieu/just-left",
          new Map([
            ["B", entry],
            ["A", entry],
          ]),
        ],
        ["other/p24-infra", new Map([["C", entry]])],
      ]),
      former: { "radieu/long-gone": ["X"], "radieu/just-left": ["OLD", "A"] },
    };
    assert.deepEqual(formerRepositories(ledger, sampleSettings()), {
      "other/p24-infra": ["C"],
      "radieu/just-left": ["A", "B", "OLD"],
      "radieu/long-gone": ["X"],
    });
  });

  it("are no longer former when they come back", () => {
    const ledger: Ledger = { ...EMPTY_LEDGER, former: { "radieu/p24-infra": ["X"] } };
    assert.deepEqual(formerRepositories(ledger, sampleSettings()), {});
  });
});
