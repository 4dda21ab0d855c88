import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { bundleGateway } from "../../../gateway/bundle.js";
import { run } from "../../../core/process.js";

const ROOT = `${__dirname}/../../..`;

describe("the gateway's bundle", () => {
  it("is the same each time, from wherever it is made, and says its digest", async () => {
    const here = await bundleGateway();
    const code = `require("${ROOT}/gateway/bundle.ts").bundleGateway().then((b) => process.stdout.write(b.sha256))`;
    const elsewhere = await run(process.execPath, ["--import", require.resolve("tsx"), "-e", code], { cwd: "/" });
    assert.equal(elsewhere.stdout, here.sha256);
    assert.equal(createHash("sha256").update(here.script).digest("hex"), here.sha256);
  });

  it("is one module that imports nothing, and names no place of this machine", async () => {
    const { script } = await bundleGateway();
    assert.match(script, /export\s*\{\s*\w+ as default\s*\}/);
    assert.doesNotMatch(script, /\bimport\s*[("{*]|\brequire\(|sourceMappingURL/);
    assert.ok(!script.includes(process.cwd()), "a path of this machine");
    assert.ok(script.length < 200_000, "small enough to start at once");
  });
});
