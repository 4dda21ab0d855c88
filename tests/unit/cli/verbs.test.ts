/**
 * Proves which exit code a comparison calls for, what `status` prints, and how `pulumi` is started and followed. The
 * `pulumi` is a stand-in that writes down how it was called; the stack has no place, so nobody is asked.
 */
import assert from "node:assert/strict";

import type { Invocation } from "../../../cli/verb.js";
import { EXIT } from "../../../cli/verb.js";
import { pulumi } from "../../../cli/verbs/pulumi.js";
import { status } from "../../../cli/verbs/status.js";
import { verdict } from "../../../cli/world.js";
import { compareFormerRepository } from "../../../core/compare/github.js";
import { placeReport, unreachableReport } from "../../../core/compare/report.js";
import { type Clone, makeClone } from "../../support/clone.js";
import { faultsOfAsync } from "../../support/faults.js";
import { temporaryFolder } from "../../support/folder.js";

const FAULT = { where: "h", what: "is off", repair: "start it" };
const IN_SYNC = placeReport("a", "verified", 1, []);
const DIFFERS = placeReport("b", "verified", 0, [{ name: "N", status: "differs" }]);
const BLOCKED = placeReport("c", "verified", 1, [], [FAULT]);
const OFF = unreachableReport("d", 1, FAULT);

describe("the exit code of a comparison", () => {
  const cases: readonly [string, Parameters<typeof verdict>[0], number][] = [
    ["no place", [], EXIT.ok],
    ["every place in sync", [IN_SYNC, IN_SYNC], EXIT.ok],
    ["a repository that left the settings", [IN_SYNC, compareFormerRepository("o/r", ["A"])], EXIT.ok],
    ["a place that differs", [IN_SYNC, DIFFERS], EXIT.drift],
    ["a place that a person must repair", [IN_SYNC, BLOCKED], EXIT.blocked],
    ["a place that could not be asked, and one that differs", [DIFFERS, OFF], EXIT.blocked],
  ];
  for (const [title, reports, code] of cases) {
    it(`is ${String(code)} for ${title}`, () => {
      assert.equal(verdict(reports), code);
    });
  }

  it("is documented: each code once, 0 for what is in order", () => {
    assert.deepEqual(EXIT, { ok: 0, internal: 1, usage: 2, badInput: 3, drift: 4, blocked: 5 });
  });
});

describe("a verb on a stack", () => {
  const folder = temporaryFolder();
  let clone: Clone;
  before(async () => {
    clone = await makeClone(folder());
  });

  const EQUAL = "Every place is equal to git at (no commit).";

  /** Runs a verb, and gives its exit code, what it printed and how `pulumi` was called for it. */
  async function run(
    verb: typeof status,
    rest: readonly string[],
    options: Invocation["options"] = {},
    more: NodeJS.ProcessEnv = {},
  ) {
    const former = (await clone.calls()).length;
    const printed: string[] = [];
    const env = { ...clone.env, ...more };
    const code = await verb.run({ options, rest, root: clone.root, env, print: (text) => printed.push(text) });
    return { code, printed, calls: (await clone.calls()).slice(former) };
  }

  const EXPORT = "stack export --stack test --non-interactive";

  it("status prints the comparison and one sentence", async () => {
    const { code, printed, calls } = await run(status, []);
    assert.deepEqual([code, printed.at(-1), calls], [EXIT.ok, EQUAL, [EXPORT]]);
  });

  it("status prints the same as JSON", async () => {
    const { code, printed } = await run(status, [], { json: true });
    assert.deepEqual([code, printed.map((text) => JSON.parse(text) as unknown)], [EXIT.ok, [{ places: [] }]]);
  });

  it("status takes the stack from its option", async () => {
    assert.deepEqual(await faultsOfAsync(run(status, [], { stack: "dev" })), [
      "Pulumi.STACK.yaml: is missing for the stack that was named. Repair: name one that is there with --stack: test",
    ]);
  });

  it("says so when the state cannot be read, and nothing of what pulumi said", async () => {
    assert.deepEqual(await faultsOfAsync(run(status, [], {}, { P24_TEST_STATE: "" })), [
      "stack test: its state could not be read. Repair: pulumi stack export --stack test shows why; a new stack: pulumi " +
        "stack init test",
    ]);
  });

  const starts: readonly [string[], looked: boolean][] = [
    [["preview", "--diff"], false],
    [["up", "--yes", "--continue-on-error"], true],
    [["update", "--yes"], true],
    [["--non-interactive", "up"], true],
    [["up", "--help"], false],
    [["stack", "ls"], false],
    [["destroy", "--yes"], false],
    [[], false],
  ];
  for (const [args, looked] of starts) {
    it(`pulumi ${args.join(" ")} is passed on as it is${looked ? ", and the world is looked at again" : ""}`, async () => {
      const { code, printed, calls } = await run(pulumi, args);
      assert.equal(code, EXIT.ok);
      assert.deepEqual(
        calls,
        [args.join(" "), ...(looked ? [EXPORT] : [])].filter((line) => line !== ""),
      );
      assert.equal(printed.at(-1), looked ? EQUAL : undefined);
    });
  }

  it("pulumi's own exit code is kept, also when the world is equal to git afterwards", async () => {
    assert.equal((await run(pulumi, ["preview"], {}, { P24_TEST_CODE: "9" })).code, 9);
    assert.equal((await run(pulumi, ["up"], {}, { P24_TEST_CODE: "255" })).code, 255);
  });

  for (const args of [
    ["preview", "--stack", "dev"],
    ["preview", "-s", "dev"],
    ["--stack=dev", "preview"],
  ]) {
    it(`pulumi ${args.join(" ")} is about the stack dev`, async () => {
      assert.deepEqual(await faultsOfAsync(run(pulumi, args)), [
        "Pulumi.STACK.yaml: is missing for the stack that was named. Repair: name one that is there with --stack: test",
      ]);
    });
  }
});
