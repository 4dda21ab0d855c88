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

  it("loads nothing of a gateway for a stack that has none", () => {
    const settings = { github: { owner: "radieu", repositories: [] }, hosts: {} };
    const loaded = `Object.keys(require.cache).filter((file) => /@pulumi.cloudflare|(?<!model).gateway.(?!names)/.test(file))`;
    const code = `require("./index.ts"); require("./core/assess.ts"); const { parseSettings } = require("./core/model/settings.ts");
      parseSettings(${JSON.stringify(settings)}, "x"); console.log(JSON.stringify(${loaded}));`;
    const env = { NODE_OPTIONS: "--enable-source-maps" }; // module by module
    assert.equal(evaluate(code, env), "[]\n");
    const used = `require("./components/gateway.ts"); console.log(${loaded}.length > 3);`;
    assert.equal(evaluate(used), "true\n", "the search finds what is loaded");
  });

  it("maps positions when it is told to", () => {
    const code =
      'try { require("./core/model/settings.ts").parseSettings(null, ""); } catch (e) { console.log(e.stack) }';
    assert.match(evaluate(code, { NODE_OPTIONS: "--enable-source-maps" }), /settings\.ts:\d\d+:/);
  });
});
