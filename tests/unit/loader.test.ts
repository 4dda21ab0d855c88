/** Proves of core/loader.cjs that TypeScript loads, and that what the SDK loads late is there when it is used. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");

function evaluate(code: string, env: Record<string, string> = {}): string {
  const args = ["--require", "./core/loader.cjs", "--eval", code];
  return execFileSync(process.execPath, args, { cwd: ROOT, encoding: "utf8", env: { PATH: "/usr/bin:/bin", ...env } });
}

describe("the loader", function () {
  this.timeout(60_000);

  it("loads TypeScript", () => {
    assert.equal(evaluate('console.log(require("./core/model/names.ts").variableName("a_b"))'), "A_B\n");
  });

  it("loads the compiler with its first use by the SDK", () => {
    const loaded = 'Object.keys(require.cache).some((file) => file.endsWith("typescript.js"))';
    const code = `const { runtime } = require("@pulumi/pulumi"); console.log(${loaded});
      runtime.serializeFunction(() => 41 + 1).then(({ text }) => console.log(${loaded}, text.includes("41 + 1")));`;
    assert.equal(evaluate(code), "false\ntrue true\n");
  });

  it("maps positions when it is told to", () => {
    const code =
      'try { require("./core/model/settings.ts").parseSettings(null, ""); } catch (e) { console.log(e.stack) }';
    assert.match(evaluate(code, { NODE_OPTIONS: "--enable-source-maps" }), /settings\.ts:\d\d+:/);
  });
});
