/**
 * Proves that a stack whose settings lack the section of a further place loads nothing of it: a preview's start-up is what
 * everybody waits for. Seen from a process of its own, since tests load everything.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { run } from "../../core/process.js";

const ROOT = join(__dirname, "../..");

/** The modules below core/ and components/ that a look at the places of some settings has loaded. */
async function loadedFor(settings: object): Promise<string[]> {
  const program = `
    const { lookFurther } = require("./core/further.ts");
    const get = () => Promise.resolve({ ok: false, status: 500, retryAfter: undefined });
    const known = {
      context: { root: ".", settingsFile: "", env: {}, settings: ${JSON.stringify(settings)} },
      door: Promise.resolve(get), git: Promise.resolve(undefined), repositories: Promise.resolve(new Map()),
    };
    void lookFurther(known).then(() => {
      const ours = Object.keys(require.cache).map((file) => file.slice(process.cwd().length + 1).replaceAll("\\\\", "/"));
      console.log(JSON.stringify(ours.filter((file) => /^(?:core|components)\\//.test(file))));
    });
  `;
  const args = ["--require", "./core/loader.cjs", "--eval", program];
  const { code, stdout } = await run(process.execPath, args, { cwd: ROOT, env: process.env });
  assert.equal(code, 0, stdout);
  return JSON.parse(stdout) as string[];
}

describe("further places", () => {
  const github = { owner: "o", repositories: ["r"] };

  it("are not loaded without their section", async () => {
    const loaded = await loadedFor({ github });
    assert.deepEqual(
      loaded.filter((file) => !file.endsWith(".cjs")), // the loader's
      ["core/further.ts"],
    );
  });

  it("are loaded with it, each alone", async () => {
    const app = await loadedFor({ github: { ...github, app: { slug: "bot", permissions: {} } } });
    assert.ok(app.includes("core/observe/githubApp.ts") && app.includes("core/compare/githubApp.ts"));
    assert.ok(!app.some((file) => /vercel/i.test(file)));
    const vercel = await loadedFor({ github, vercel: { projects: { web: { repository: "r" } } } });
    assert.ok(vercel.includes("core/observe/vercel.ts") && vercel.includes("core/compare/vercel.ts"));
    assert.ok(!vercel.some((file) => /githubApp/.test(file)));
  });
});
