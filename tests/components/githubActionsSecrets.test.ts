/**
 * Proves what is registered for a repository's secrets: exact types, names, inputs and options, and what stays in the
 * ledger for each way in which a write can end. Options are recorded, not obeyed: that `deletedWith` spares the secrets
 * and `ignoreChanges` the writes is proved with the real engine in tests/sandbox.
 */
import assert from "node:assert/strict";

import type { ActionsSecretArgs } from "../../components/actionsSecret.js";
import { GitHubActionsSecrets } from "../../components/githubActionsSecrets.js";
import type { SecretOutputs } from "../../core/ledger.js";
import { samplePrint } from "../support/secrets.js";
import { find, type Outcome, record } from "../support/mocks.js";

const MONDAY = "2026-01-05T10:00:00Z";
const TUESDAY = "2026-01-06T10:00:00Z";

/** A time as the provider prints it. */
function asGoPrints(time: string): string {
  return `${time.replace("T", " ").replace("Z", "")} +0000 UTC`;
}

const ENTRY = { repository: "o/r", name: "NAME", fingerprint: samplePrint("a"), keyId: "k" };
const PREVIOUS: SecretOutputs = { ...ENTRY, fingerprint: samplePrint("b"), updatedAt: MONDAY };

const ARGS: ActionsSecretArgs = {
  repository: "r",
  valueEncrypted: "c2VhbGVk",
  keyId: "568",
  inSync: false,
  entry: ENTRY,
  previous: undefined,
  seenAt: undefined,
};

const SECRETS = "p24:github:ActionsSecrets";
const SECRET = "p24:github:ActionsSecret";
const PROVIDERS = "github:index/actionsSecret:ActionsSecret";

async function declare(changes: Partial<ActionsSecretArgs>, outcome?: Outcome, preview = false) {
  const secrets = new Map([["NAME", { ...ARGS, ...changes }]]);
  const outcomes = outcome === undefined ? {} : { "r/NAME": outcome };
  const { result, resources } = await record(() => new GitHubActionsSecrets("r", { secrets }), outcomes, { preview });
  return {
    repository: find(resources, SECRETS, "r"),
    component: find(resources, SECRET, "r/NAME"),
    secret: find(resources, PROVIDERS, "r/NAME"),
    confirmed: await result.confirmed,
  };
}

function providersOutputs(updatedAt: string | null): Record<string, unknown> {
  return { repository: "r", secretName: "NAME", valueEncrypted: ARGS.valueEncrypted, keyId: "568", updatedAt };
}

describe("a repository's secrets", () => {
  it("are one component for the repository, one a secret, and the provider's resource in it", async () => {
    const { repository, component, secret } = await declare({}, { done: providersOutputs(asGoPrints(TUESDAY)) });
    assert.deepEqual([repository.inputs, component.inputs], [{}, {}]);
    assert.equal(component.parent, repository.urn);
    assert.equal(secret.parent, component.urn);
    assert.deepEqual(secret.inputs.repository, "r");
    assert.deepEqual(Object.keys(secret.inputs).sort(), ["keyId", "repository", "secretName", "valueEncrypted"]);
    assert.deepEqual([secret.inputs.secretName, secret.inputs.keyId], ["NAME", "568"]);
    assert.ok(JSON.stringify(secret.inputs.valueEncrypted).includes("c2VhbGVk"));
    assert.equal(secret.inputs.value, undefined);
  });

  it("are deleted with their component's repository only, in sync or not", async () => {
    for (const inSync of [true, false]) {
      const { repository, secret } = await declare({ inSync, previous: PREVIOUS });
      assert.equal(secret.deletedWith, repository.urn);
      assert.equal(secret.retainOnDelete, false);
    }
  });

  it("ignore fresh ciphertext exactly when they are in sync", async () => {
    const inSync = await declare({ inSync: true, previous: PREVIOUS });
    assert.deepEqual(inSync.secret.ignoreChanges, ["valueEncrypted", "keyId"]);
    assert.deepEqual((await declare({ previous: PREVIOUS })).secret.ignoreChanges, []);
  });

  interface Case {
    readonly title: string;
    readonly args: Partial<ActionsSecretArgs>;
    readonly outcome?: Outcome;
    readonly preview?: boolean;
    readonly confirmed: boolean;
    readonly ledger: SecretOutputs | undefined;
  }
  const written = { ...ENTRY, updatedAt: TUESDAY };
  const cases: readonly Case[] = [
    {
      title: "created",
      args: {},
      outcome: { done: providersOutputs(asGoPrints(TUESDAY)) },
      confirmed: true,
      ledger: written,
    },
    {
      title: "updated",
      args: { previous: PREVIOUS, seenAt: MONDAY },
      outcome: { done: providersOutputs(asGoPrints(TUESDAY)) },
      confirmed: true,
      ledger: written,
    },
    {
      title: "in sync, so not written",
      args: { inSync: true, previous: PREVIOUS, seenAt: MONDAY },
      outcome: { done: providersOutputs(asGoPrints(MONDAY)) },
      confirmed: true,
      ledger: PREVIOUS,
    },
    { title: "a create that failed", args: {}, outcome: { failed: {} }, confirmed: false, ledger: undefined },
    {
      title: "a create that failed where the ledger has an entry (deleted behind our back)",
      args: { previous: PREVIOUS },
      outcome: { failed: {} },
      confirmed: false,
      ledger: PREVIOUS,
    },
    {
      title: "an update that failed, which the provider answers with the new ciphertext and the former time",
      args: { previous: PREVIOUS, seenAt: MONDAY },
      outcome: { failed: providersOutputs(asGoPrints(MONDAY)) },
      confirmed: false,
      ledger: PREVIOUS,
    },
    {
      title: "an update that failed after somebody else's write",
      args: { previous: PREVIOUS, seenAt: TUESDAY },
      outcome: { failed: providersOutputs(asGoPrints(MONDAY)) },
      confirmed: false,
      ledger: PREVIOUS,
    },
    {
      title: "an update that failed of a secret that was adopted",
      args: { seenAt: MONDAY },
      outcome: { failed: providersOutputs(asGoPrints(MONDAY)) },
      confirmed: false,
      ledger: undefined,
    },
    {
      title: "an update that failed of a secret that somebody deleted",
      args: { previous: PREVIOUS },
      outcome: { failed: providersOutputs(asGoPrints(MONDAY)) },
      confirmed: false,
      ledger: PREVIOUS,
    },
    {
      title: "a write that the provider could not read back",
      args: { previous: PREVIOUS, seenAt: MONDAY },
      outcome: { done: providersOutputs("") },
      confirmed: false,
      ledger: PREVIOUS,
    },
    {
      title: "a preview",
      args: { previous: PREVIOUS, seenAt: MONDAY },
      preview: true,
      confirmed: false,
      ledger: PREVIOUS,
    },
  ];
  for (const { title, args, outcome, preview, confirmed, ledger } of cases) {
    it(`${title}: ${confirmed ? "confirmed" : "not confirmed"}, the ledger holds ${ledger === written ? "the new entry" : ledger === undefined ? "none" : "the former one"}`, async () => {
      const declared = await declare(args, outcome, preview);
      assert.equal(declared.confirmed, confirmed);
      // What registers nothing keeps the former one in the engine's state (tests/sandbox/program/converge.test.ts).
      const registered = args.inSync === true || preview === true ? undefined : (ledger ?? {});
      assert.deepEqual(declared.component.outputs, registered);
    });
  }

  it("are confirmed together only when each is, and one failure spoils no other entry", async () => {
    const names = ["A", "B", "C"];
    const secrets = new Map(
      names.map((name) => [
        name,
        { ...ARGS, entry: { ...ENTRY, name }, previous: { ...PREVIOUS, name }, seenAt: MONDAY },
      ]),
    );
    const done: Outcome = { done: providersOutputs(asGoPrints(TUESDAY)) };
    const { result, resources } = await record(() => new GitHubActionsSecrets("r", { secrets }), {
      "r/A": done,
      "r/B": { failed: providersOutputs(asGoPrints(MONDAY)) },
      "r/C": done,
    });
    assert.equal(await result.confirmed, false);
    assert.deepEqual(
      names.map((name) => find(resources, SECRET, `r/${name}`).outputs?.updatedAt),
      [TUESDAY, MONDAY, TUESDAY],
    );
  });

  it("that are gone stay declared, unchanged and retained, and the ledger says so", async () => {
    const gone = { repository: "o/r", names: ["OLD"] };
    const { result, resources } = await record(() => new GitHubActionsSecrets("r", { secrets: new Map(), gone }));
    const secret = find(resources, PROVIDERS, "r/OLD");
    const component = find(resources, SECRET, "r/OLD");
    assert.deepEqual([secret.retainOnDelete, secret.ignoreChanges], [true, ["valueEncrypted", "keyId"]]);
    assert.equal(secret.deletedWith, find(resources, SECRETS, "r").urn);
    assert.deepEqual(component.outputs, { repository: "o/r", name: "OLD", gone: true });
    assert.equal(await result.confirmed, true);
  });

  it("of a repository without secrets are confirmed", async () => {
    const { result } = await record(() => new GitHubActionsSecrets("r", { secrets: new Map() }));
    assert.equal(await result.confirmed, true);
  });
});
