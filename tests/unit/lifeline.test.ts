/**
 * Proves that the program ends when nobody reads what it prints, although it reports every error by printing it, as the
 * Pulumi SDK does; and that without this it goes on.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";

const LIFELINE = join(__dirname, "../../core/lifeline.ts");

/** Starts a program that prints for ever, stops reading, and says whether it ended by itself within three seconds. */
function endsAlone(first: string): Promise<boolean> {
  const program = `
    ${first}
    process.on("uncaughtException", (error) => console.error(error.message));
    setInterval(() => console.log("still here"), 20);`;
  const child = spawn(process.execPath, ["--import", "tsx", "--eval", program], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.once("data", () => {
    child.stdout.destroy();
    child.stderr.destroy();
  });
  return new Promise((resolve) => {
    let alone = true;
    child.stdout.once("close", () => {
      setTimeout(() => {
        alone = child.exitCode !== null;
        child.kill("SIGKILL");
      }, 3000).unref();
    });
    child.once("exit", (code) => {
      resolve(alone && code === 1);
    });
  });
}

/** How a process ends that does only this. */
function endOf(program: string): Promise<{ code: number | null; stderr: string }> {
  const text = `const { failUnlessDone } = require(${JSON.stringify(LIFELINE)}); ${program}`;
  const child = spawn(process.execPath, ["--import", "tsx", "--eval", text], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => {
    child.once("close", (code) => {
      resolve({ code, stderr });
    });
  });
}

describe("a program that waits for what never comes", () => {
  it("fails", async () => {
    const { code, stderr } = await endOf("failUnlessDone(new Promise(() => {}));");
    assert.deepEqual([code, stderr.split(":")[0]], [1, "the program ended before it was done"]);
  });

  for (const [title, work] of [
    ["is done", "Promise.resolve()"],
    ["is done later", "new Promise((done) => setTimeout(done, 50))"],
  ] as const) {
    it(`ends well when it ${title}`, async () => {
      assert.deepEqual(await endOf(`failUnlessDone(${work});`), { code: 0, stderr: "" });
    });
  }

  it("fails as it does anyway when it has an error", async () => {
    assert.deepEqual(await endOf("failUnlessDone(Promise.reject(new Error())).catch(() => process.exit(7));"), {
      code: 7,
      stderr: "",
    });
  });
});

describe("a program whose engine was killed", () => {
  it("ends", async () => {
    assert.equal(await endsAlone(`require(${JSON.stringify(LIFELINE)}).endWithTheEngine();`), true);
  });

  it("would go on otherwise", async function () {
    this.timeout(20_000);
    assert.equal(await endsAlone(""), false);
  });
});
