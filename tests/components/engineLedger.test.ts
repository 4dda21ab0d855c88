/**
 * Proves how the ledger is taken from the engine's answer, by Pulumi's mocks. That the real engine answers so is proved with
 * every run in tests/sandbox.
 */
import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { engineLedger } from "../../components/engineLedger.js";
import { EMPTY_LEDGER, LEDGER_TYPES } from "../../core/ledger.js";
import { faultsOfAsync } from "../support/faults.js";

async function answering(call: (args: pulumi.runtime.MockCallArgs) => Record<string, unknown>): Promise<void> {
  await pulumi.runtime.setMocks({ call, newResource: () => ({ id: "", state: {} }) });
}

describe("the engine's ledger", () => {
  it("is taken from the outputs of the stack's resources", async () => {
    const asked: unknown[] = [];
    await answering(({ token, inputs }) => {
      asked.push([token, inputs]);
      const type = LEDGER_TYPES.history;
      return { outputs: { [`urn:pulumi:sandbox::p::${type}::history`]: { type, outputs: { attempted: "c0ffee" } } } };
    });
    assert.deepEqual(await engineLedger("sandbox"), { ...EMPTY_LEDGER, attempted: "c0ffee" });
    assert.deepEqual(asked, [["pulumi:pulumi:readStackResourceOutputs", { stackName: "sandbox" }]]);
  });

  it("is empty for a stack without resources", async () => {
    await answering(() => ({ outputs: {} }));
    assert.deepEqual(await engineLedger("sandbox"), EMPTY_LEDGER);
  });

  it("that cannot be read is a fault with a repair, without the engine's words", async () => {
    await answering(() => {
      throw new Error("canary");
    });
    assert.deepEqual(await faultsOfAsync(engineLedger("sandbox")), [
      "stack sandbox: its state could not be read. Repair: pulumi stack export --stack sandbox shows why; a new stack: pulumi stack init sandbox",
    ]);
  });
});
