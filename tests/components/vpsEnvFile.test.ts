/**
 * Proves what is registered for a host's `.env`: exact type, name, inputs and options, and whether the run counts it as
 * written for each way in which an apply can end. Options are recorded, not obeyed; the apply itself is proved with the
 * real engine in tests/sandbox.
 */
import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { type Replaced, VpsEnvFile, type VpsEnvFileArgs } from "../../components/vpsEnvFile.js";
import { ENVELOPE, find, type Outcome, record } from "../support/mocks.js";

const PAYLOAD = "p24-payload 1\nhost vps-i1\n…";

const ARGS: VpsEnvFileArgs = {
  connection: { address: "192.0.2.1", port: 2222, user: "claude-admin", hostKey: "ssh-ed25519 AAAA" },
  target: "monitoring",
  payload: PAYLOAD,
  inSync: false,
  serial: 8,
  notAsked: false,
};

/** The engine marks both as secret, because the component asks for it. */
const said = (stdout: string): Outcome => ({ done: { stdout: pulumi.secret(stdout), stderr: pulumi.secret("") } });
const APPLIED = said("applied 8 as-applied");

async function declare(changes: Partial<VpsEnvFileArgs> = {}, outcome: Outcome = APPLIED, preview = false) {
  const program = () => new VpsEnvFile("vps-i1", { ...ARGS, ...changes });
  const { result, resources } = await record(program, { "vps-i1": outcome }, { preview });
  return {
    resources,
    component: find(resources, "p24:vps:EnvFile", "vps-i1"),
    command: find(resources, "command:remote:Command", "vps-i1"),
    confirmed: await result.confirmed,
    replaced: await result.replaced,
  };
}

describe("a host's .env file", () => {
  it("is one component with one command in it", async () => {
    const { resources, component, command } = await declare();
    assert.equal(resources.length, 2);
    assert.deepEqual(component.inputs, {});
    assert.equal(command.parent, component.urn);
  });

  it("is applied by a verb and a target; the payload comes by stdin and no private part is named", async () => {
    const { command } = await declare();
    const { connection, ...inputs } = command.inputs;
    assert.deepEqual(inputs, {
      create: "p24-host apply monitoring",
      update: "p24-host apply monitoring",
      stdin: PAYLOAD,
      logging: "none",
      addPreviousOutputInEnv: false,
    });
    assert.deepEqual(
      (connection as Record<string, unknown>)[ENVELOPE] === undefined ? connection : unwrapped(connection),
      {
        host: "192.0.2.1",
        port: 2222,
        user: "claude-admin",
        hostKey: "ssh-ed25519 AAAA",
        dialErrorLimit: 2,
        perDialTimeout: 15,
      },
    );
  });

  it("has no delete command and no triggers, so that taking the sync away changes nothing", async () => {
    const { command } = await declare();
    assert.equal("delete" in command.inputs || "triggers" in command.inputs, false);
  });

  it("keeps the host's output secret (the SDK adds the connection)", async () => {
    const { command } = await declare();
    assert.deepEqual([...command.additionalSecretOutputs].sort(), ["connection", "stderr", "stdout"]);
  });

  it("ignores a fresh payload exactly when it is in sync", async () => {
    const inSync = await declare({ inSync: true });
    assert.deepEqual([...inSync.command.ignoreChanges].sort(), [
      "addPreviousOutputInEnv",
      "connection",
      "create",
      "logging",
      "stdin",
      "update",
    ]);
    assert.deepEqual((await declare()).command.ignoreChanges, []);
  });

  it("ignores whatever it sends when it is in sync: an input that is not ignored would send old ciphertext again", async () => {
    const { command } = await declare({ inSync: true });
    assert.deepEqual([...command.ignoreChanges].sort(), Object.keys(command.inputs).sort());
  });

  interface Case {
    readonly title: string;
    readonly args?: Partial<VpsEnvFileArgs>;
    readonly outcome?: Outcome;
    readonly preview?: boolean;
    readonly confirmed: boolean;
    readonly replaced?: Replaced;
  }
  const NOT_ASKED = { notAsked: true };
  const cases: readonly Case[] = [
    { title: "applied", confirmed: true, replaced: "as-applied" },
    { title: "applied over an edit", outcome: said("applied 8 other\n"), confirmed: true, replaced: "other" },
    { title: "applied where nothing was", outcome: said("applied 8 none"), confirmed: true, replaced: "none" },
    { title: "applied by a program that tells no more", outcome: said("applied 8"), confirmed: true },
    { title: "the same, and not asked before", args: NOT_ASKED, outcome: said("applied 8"), confirmed: false },
    { title: "applied, and not asked before", args: NOT_ASKED, confirmed: true, replaced: "as-applied" },
    {
      title: "found so, and not asked before",
      args: NOT_ASKED,
      outcome: said("unchanged 8 other"),
      confirmed: true,
      replaced: "other",
    },
    { title: "answered in words of its own", outcome: said("applied 8 whatever"), confirmed: false },
    { title: "in sync, so not applied", args: { inSync: true }, confirmed: true },
    { title: "found as git wants it", outcome: said("unchanged 8"), confirmed: true },
    { title: "answered with a former serial", outcome: said("applied 7"), confirmed: false },
    { title: "answered with something else", outcome: said("applied 80"), confirmed: false },
    { title: "answered with nothing", outcome: said(""), confirmed: false },
    { title: "refused by the host", outcome: { failed: {} }, confirmed: false },
    { title: "only previewed", outcome: { done: {} }, preview: true, confirmed: false },
  ];
  for (const { title, args, outcome, preview, confirmed, replaced } of cases) {
    it(`${title}: ${confirmed ? "confirmed" : "not confirmed"}, and nothing is registered`, async () => {
      const declared = await declare(args, outcome, preview);
      assert.deepEqual(
        [declared.confirmed, declared.replaced, declared.component.outputs],
        [confirmed, replaced, undefined],
      );
    });
  }
});

function unwrapped(value: unknown): unknown {
  return (value as { value: unknown }).value;
}
