/** Proves that a verb is found without the others, and that those which are asked often load nothing before they run. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { findVerb, VERB_NAMES } from "../../../cli/verbs/find.js";

const ROOT = join(__dirname, "../../..");

describe("the start of a verb", function () {
  this.timeout(60_000);

  it("finds every verb of the list, each in a file of its own", () => {
    const folder = join(ROOT, "cli/verbs");
    const files = readdirSync(folder).filter((file) => !["all.ts", "find.ts"].includes(file));
    assert.equal(files.length, VERB_NAMES.length);
    assert.deepEqual(
      VERB_NAMES.map((name) => findVerb(name)?.name),
      VERB_NAMES,
    );
    assert.equal(findVerb("constructor"), undefined);
  });

  for (const name of ["status", "report"]) {
    it(`loads neither packages nor the comparison for ${name}`, () => {
      const loaded = `Object.keys(require.cache).filter((file) => /[\\\\/](?:zod|yaml|core[\\\\/]assess)\\b/.test(file)).length`;
      const count = (files: string) =>
        Number(
          execFileSync(process.execPath, ["--require", "tsx/cjs", "--eval", `${files}; console.log(${loaded})`], {
            cwd: ROOT,
          }),
        );
      assert.equal(count(`require("./cli/verbs/${name}.ts")`), 0);
      assert.ok(count(`require("./cli/world.ts")`) > 0, "the search finds what is loaded");
    });
  }
});
