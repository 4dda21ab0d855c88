/** Proves that a verb is found without the others, and that those which are asked often load nothing before they run. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { VERBS } from "../../../cli/verbs/all.js";

const ROOT = join(__dirname, "../../..");

describe("the start of a verb", function () {
  this.timeout(60_000);

  for (const { name } of VERBS) {
    it(`finds ${name} in a file of its own`, async () => {
      const file = join(ROOT, "cli/verbs", `${name.replace(/ (.)/, (_, first: string) => first.toUpperCase())}.ts`);
      assert.ok(existsSync(file), file);
      const exported = Object.values((await import(file)) as Record<string, { readonly name?: string }>);
      assert.ok(exported.some((one) => one.name === name));
    });
  }

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
