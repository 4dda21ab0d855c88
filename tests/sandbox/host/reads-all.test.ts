import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";

import { startTestHost, type TestHost } from "./support.js";

/**
 * A refusal reads its caller's payload to the end: the command plugin 1.2.1 may report a broken pipe instead of the fixed
 * word otherwise.
 */
describe("host program: refusals read the whole payload", () => {
  let host: TestHost;
  before(async () => {
    host = await startTestHost();
  });
  after(() => host.close());

  for (const [target, word, mode = 0o755] of [
    ["nosuch", "p24-host: refused target\n"],
    ["app", "p24-host: refused oversized\n"],
    ["app", "p24-host: refused unsafe-directory\n", 0o775],
  ] as const) {
    it(word.trim(), async () => {
      chmodSync(host.dir("app"), mode);
      const child = spawn(host.program, ["apply", target], { stdio: ["pipe", "ignore", "pipe"] });
      const broken: unknown[] = [];
      child.stdin.on("error", (error) => broken.push(error));
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      child.stdin.end("x".repeat(3 * 1024 * 1024));
      await once(child, "close");
      assert.deepEqual([broken, stderr], [[], word]);
    });
  }
});
