/** Proves what `p24 workflows migrate` writes, prints and ends with, on a copy of the fixtures' checkout. */
import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { workflowsMigrate } from "../../../cli/verbs/workflowsMigrate.js";
import { faultsOfAsync } from "../../support/faults.js";
import { temporaryFolder } from "../../support/folder.js";
import { AFTER, BEFORE, filesIn } from "../../support/workflows.js";

const ROOT = join(__dirname, "../../..");

describe("p24 workflows migrate", () => {
  const folder = temporaryFolder();
  let count = 0;

  /** A copy of a checkout that a test may change. */
  function copyOf(from: string): string {
    count += 1;
    const copy = join(folder(), String(count));
    cpSync(from, copy, { recursive: true });
    return copy;
  }

  async function run(directory: string, options: Readonly<Record<string, boolean>> = {}) {
    const lines: string[] = [];
    const print = (text: string) => lines.push(text);
    const invocation = { options, rest: [directory], root: ROOT, env: {}, print };
    const code = await workflowsMigrate.run(invocation);
    return { code, said: lines.join("\n") };
  }

  const says = (name: string) => readFileSync(join(__dirname, "../../fixtures/workflows", name), "utf8").trimEnd();

  it("writes the files, tells what is left by the lines that they have then, and ends with 5 because something is", async () => {
    const directory = copyOf(BEFORE);
    const workflow = join(directory, ".github/workflows/health-check.yml");
    chmodSync(workflow, 0o640);
    const { code, said } = await run(directory);
    assert.equal(code, 5);
    assert.equal(said, says("report.txt"));
    assert.deepEqual(filesIn(directory), filesIn(AFTER));
    assert.equal(statSync(workflow).mode & 0o777, process.platform === "win32" ? 0o666 : 0o640);
    assert.deepEqual(
      readdirSync(directory, { recursive: true }).length,
      readdirSync(AFTER, { recursive: true }).length,
    );
  });

  it("with --check writes nothing, tells the same by the lines of now, and ends with 4", async () => {
    const directory = copyOf(BEFORE);
    const { code, said } = await run(directory, { check: true });
    assert.equal(code, 4);
    assert.equal(said, says("report-check.txt"));
    assert.deepEqual(filesIn(directory), filesIn(BEFORE));
  });

  it("a second time writes nothing, and still ends with 5 for what is left", async () => {
    const directory = copyOf(AFTER);
    const [again, checked] = [await run(directory), await run(directory, { check: true })];
    assert.equal(again.code, 5);
    assert.equal(checked.code, 5);
    assert.match(again.said, /\n0 uses of a personal token in 0 of 18 files were replaced; 8 left\.$/);
    assert.deepEqual(filesIn(directory), filesIn(AFTER));
  });

  it("ends with 0 where no personal token is used", async () => {
    const directory = join(folder(), "clean");
    mkdirSync(join(directory, ".github/workflows"), { recursive: true });
    writeFileSync(join(directory, ".github/workflows/a.yml"), "on: push\njobs: {}\n");
    for (const options of [{}, { check: true }]) {
      assert.deepEqual(await run(directory, options), { code: 0, said: "No personal token is used in 1 file." });
    }
  });

  it("speaks JSON", async () => {
    const { code, said } = await run(copyOf(BEFORE), { json: true, check: true });
    const told = JSON.parse(said);
    assert.equal(code, 4);
    assert.equal(told.changed, false);
    assert.deepEqual(
      told.files.find(({ path }: { path: string }) => path.endsWith("provision-new-vps.yml")),
      {
        path: ".github/workflows/provision-new-vps.yml",
        replaced: [{ name: "GH_PAT", line: 26, keys: "jobs.provision.steps.1.with.token" }],
      },
    );
    assert.deepEqual(Object.keys(told), ["changed", "files", "left", "vercel", "notes"]);
    assert.deepEqual(Object.keys(told.left[0]), ["path", "line", "name", "what", "repair"]);
    assert.equal(JSON.parse((await run(copyOf(BEFORE), { json: true })).said).changed, true);
  });

  it("finds actions at the root and deep below .github/actions, and no other YAML", async () => {
    const directory = copyOf(BEFORE);
    const action = readFileSync(join(directory, ".github/actions/report/action.yml"), "utf8");
    mkdirSync(join(directory, ".github/actions/a/b"), { recursive: true });
    writeFileSync(join(directory, "action.yaml"), action);
    writeFileSync(join(directory, ".github/actions/a/b/action.yml"), action);
    writeFileSync(join(directory, ".github/actions/a/other.yml"), "{ not: [yaml");
    writeFileSync(join(directory, ".github/dependabot.yml"), "{ not: [yaml");
    const { said } = await run(`${directory}/`, { check: true });
    const found = said.match(/^ {2}\S+(?=: secrets\.GH_PAT: is in a composite action)/gm);
    assert.deepEqual(found, [
      "  .github/actions/a/b/action.yml:14",
      "  .github/actions/report/action.yml:14",
      "  action.yaml:14",
    ]);
  });

  it("changes nothing when one file cannot be read, and names all that cannot", async () => {
    const directory = copyOf(BEFORE);
    writeFileSync(join(directory, ".github/workflows/broken.yml"), "on: [push\n");
    writeFileSync(join(directory, ".github/workflows/empty.yml"), "");
    assert.deepEqual(await faultsOfAsync(run(directory)), [
      ".github/workflows/broken.yml:2: is not valid YAML. Repair: edit the file; actionlint shows what GitHub would say",
      ".github/workflows/empty.yml: is no map of keys. Repair: edit the file, or delete it",
    ]);
    writeFileSync(join(directory, ".github/workflows/latin.yml"), Buffer.from([0x61, 0x3a, 0x20, 0xe9]));
    assert.deepEqual(await faultsOfAsync(run(directory)), [
      ".github/workflows/latin.yml: is not text in UTF-8. Repair: save it as UTF-8",
    ]);
    assert.deepEqual(
      filesIn(directory).filter(({ path }) => path.endsWith("health-check.yml")),
      filesIn(BEFORE).filter(({ path }) => path.endsWith("health-check.yml")),
    );
  });

  it("needs a folder with workflows", async () => {
    assert.deepEqual(await faultsOfAsync(run(join(folder(), "nowhere"))), [
      `${join(folder(), "nowhere")}: has no .github/workflows. Repair: name the folder of a checkout that has one`,
    ]);
  });
});
