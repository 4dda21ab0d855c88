/**
 * Proves, with files of the real sops, that two ciphertexts tell which values changed, and that they say so when they cannot.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { run } from "../../../core/process.js";
import { changedKeys } from "../../../core/rotation/log.mjs";
import { temporaryFolder } from "../../support/folder.js";
import { ageIdentity } from "../../support/identities.js";
import { emptyHome, put, sopsText } from "../../support/sopsFiles.js";
import { useTools } from "../../support/tools.js";

const NONE = { added: [], changed: [], removed: [], unknown: [] };

describe("what two ciphertexts tell", () => {
  const folder = temporaryFolder();
  const FILE = "secrets/a.sops.yaml";
  let env: NodeJS.ProcessEnv;
  let recipients: string[];
  const VALUES = { a: "1", b: "two", "c-d": "x: y", "1e": "line\nline", true: "quoted" };

  before(async () => {
    await useTools();
    const [one, other] = [await ageIdentity(), await ageIdentity()];
    recipients = [one.recipient, other.recipient];
    env = emptyHome(folder(), { SOPS_AGE_KEY: one.identity });
    await put(folder(), FILE, await sopsText(folder(), VALUES, recipients.slice(0, 1)));
  });

  const text = () => readFile(join(folder(), FILE), "utf8");
  const sops = async (args: readonly string[], input = "") => {
    const { code } = await run("sops", args, { cwd: folder(), env, input });
    assert.equal(code, 0, args.join(" "));
  };
  /** What the step changed, told from the texts alone. */
  const told = async (step: () => Promise<void>) => {
    const before = await text();
    await step();
    return changedKeys(before, await text());
  };

  it("one value set, one added, one removed", async () => {
    assert.deepEqual(await told(() => sops(["set", "--value-stdin", FILE, '["b"]'], '"three"')), {
      ...NONE,
      changed: ["b"],
    });
    assert.deepEqual(await told(() => sops(["set", "--value-stdin", FILE, '["f"]'], '"new"')), {
      ...NONE,
      added: ["f"],
    });
    assert.deepEqual(await told(() => sops(["unset", FILE, '["f"]'])), { ...NONE, removed: ["f"] });
  });

  it("a value set to what it was", async () => {
    assert.deepEqual(await told(() => sops(["set", "--value-stdin", FILE, '["b"]'], '"three"')), NONE);
  });

  it("every value of the file set", async () => {
    const keys = Object.keys(VALUES);
    const setAll = async () => {
      for (const key of keys) {
        await sops(["set", "--value-stdin", FILE, `["${key}"]`], '"other"');
      }
    };
    const { changed, ...rest } = await told(setAll);
    assert.deepEqual([[...changed].sort(), rest], [keys.sort(), { added: [], removed: [], unknown: [] }]);
  });

  it("another recipient, then one less: no value", async () => {
    const updatekeys = async (count: number) => {
      await put(folder(), ".sops.yaml", `creation_rules:\n  - age: ${recipients.slice(0, count).join(",")}\n`);
      await sops(["updatekeys", "--yes", FILE]);
    };
    assert.deepEqual(await told(() => updatekeys(2)), NONE);
    assert.deepEqual(await told(() => updatekeys(1)), NONE);
  });

  it("a new data key: no value", async () => {
    assert.deepEqual(await told(() => sops(["rotate", "--in-place", FILE])), NONE);
  });

  it("a new data key and one value set", async () => {
    const both = async () => {
      await sops(["rotate", "--in-place", FILE]);
      await sops(["set", "--value-stdin", FILE, '["b"]'], '"four"');
    };
    assert.deepEqual(await told(both), { ...NONE, changed: ["b"] });
  });

  it("encrypted anew: says that it cannot tell", async () => {
    const anew = async () => put(folder(), FILE, await sopsText(folder(), VALUES, recipients));
    const { unknown, ...rest } = await told(anew);
    assert.deepEqual(
      [[...unknown].sort(), rest],
      [Object.keys(VALUES).sort(), { added: [], changed: [], removed: [] }],
    );
  });

  it("a file that came, went, or was never one of sops's", async () => {
    const keys = Object.keys(VALUES).sort();
    const came = changedKeys(undefined, await text());
    const went = changedKeys(await text(), undefined);
    assert.deepEqual([[...came.added].sort(), [...went.removed].sort()], [keys, keys]);
    assert.deepEqual(changedKeys(undefined, "{"), NONE);
    const template = "# TEMPLATE\na: PLACEHOLDER\nb: PLACEHOLDER\n";
    assert.deepEqual(changedKeys(template, await text()), {
      ...NONE,
      added: came.added.filter((key) => key !== "a" && key !== "b"),
      unknown: ["a", "b"],
    });
  });

  it("the same text with other line ends: nothing", async () => {
    assert.deepEqual(changedKeys(await text(), (await text()).replaceAll("\n", "\r\n")), NONE);
  });
});
