/**
 * Proves the list of `offboard` on a history that the real sops and git made of 30 commits by three people, against a model
 * that knows who held which data key and no ciphertext (tests/support/teamHistory.ts). The seed is printed; P24_SEED repeats it.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { offboard } from "../../../cli/verbs/offboard.js";
import { LOG_FILE, parseLog } from "../../../core/rotation/log.mjs";
import { run } from "../../../core/process.js";
import { temporaryFolder } from "../../support/folder.js";
import { type AgeIdentity, ageIdentity } from "../../support/identities.js";
import { SEED } from "../../support/random.js";
import { emptyHome, put, sopsText } from "../../support/sopsFiles.js";
import {
  type Act,
  after,
  commits,
  type File,
  FILES,
  type Known,
  named,
  PEOPLE,
  type Person,
  snapshots,
  truthAbout,
} from "../../support/teamHistory.js";
import { useTools } from "../../support/tools.js";

describe(`offboard on a history that three people made (P24_SEED=${String(SEED)})`, () => {
  const folder = temporaryFolder();
  const elsewhere = temporaryFolder();
  const identities = new Map<string, AgeIdentity>();
  const identityOf = (name: string) => identities.get(name) as AgeIdentity;
  const recipientOf = (name: string) => identityOf(name).recipient;
  const envOf = (name: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv =>
    emptyHome(folder(), { SOPS_AGE_KEY: identityOf(name).identity, PULUMI_STACK: "test", ...AUTHOR, ...more });

  const [history = []] = fc.sample(commits(30), { seed: SEED, numRuns: 1 });
  const all = snapshots(history);

  async function must(command: string, args: readonly string[], input?: string): Promise<string> {
    const { code, stdout } = await run(command, args, {
      cwd: folder(),
      env: envOf("anna"),
      ...(input === undefined ? {} : { input }),
    });
    assert.equal(code, 0, `${command} ${args.join(" ")}`);
    return stdout;
  }

  const rulesOf = (files: ReadonlyMap<File, Pick<Known, "people">>) => {
    const keys = [...PEOPLE.map((person) => `dev_${person}`), "gha_runner"];
    const rule = ([file, { people }]: [File, Pick<Known, "people">]) =>
      `  - path_regex: ^${file.replaceAll(".", "\\.")}$\n    age: [${[...people].map((person) => `*dev_${person}`).join(", ")}, *gha_runner]\n`;
    return `keys:\n${keys.map((name) => `  - &${name} ${recipientOf(name.replace("dev_", ""))}\n`).join("")}creation_rules:\n${[...files].map(rule).join("")}`;
  };

  /** An act as an operator does it; `files` are the files after it. */
  async function carryOut(deed: Act, files: ReadonlyMap<File, Known>): Promise<void> {
    const { file } = deed;
    switch (deed.do) {
      case "set":
        await must("sops", ["set", "--value-stdin", file, `["${deed.key}"]`], JSON.stringify(deed.value));
        break;
      case "remove":
        // sops refuses to take away what is not there.
        await run("sops", ["unset", file, `["${deed.key}"]`], { cwd: folder(), env: envOf("anna") });
        break;
      case "join":
      case "leave":
        await put(folder(), ".sops.yaml", rulesOf(files));
        await must("sops", ["updatekeys", "--yes", file]);
        break;
      case "rotate":
        await must("sops", ["rotate", "--in-place", file]);
        break;
      case "anew": {
        const values = JSON.parse(await must("sops", ["decrypt", "--output-type", "json", file])) as Record<
          string,
          string
        >;
        const people = [...(files.get(file)?.people ?? [])];
        await put(folder(), file, await sopsText(elsewhere(), values, [...people, "gha_runner"].map(recipientOf)));
        break;
      }
    }
  }

  before(async function () {
    this.timeout(300_000);
    await useTools();
    for (const name of [...PEOPLE, "gha_runner"]) {
      identities.set(name, await ageIdentity());
    }
    const files = new Map(all[0]);
    await put(folder(), "Pulumi.yaml", "name: p24-infra\n");
    await put(
      folder(),
      "Pulumi.test.yaml",
      "config:\n  p24-infra:github: { owner: radieu, repositories: [] }\n  p24-infra:hosts: {}\n",
    );
    await put(folder(), "inventory.yaml", "secrets: {}\n");
    await put(folder(), ".gitignore", "home/\n");
    await put(folder(), ".sops.yaml", rulesOf(files));
    for (const [file, { values }] of files) {
      await put(
        folder(),
        file,
        await sopsText(elsewhere(), Object.fromEntries(values), ["anna", "gha_runner"].map(recipientOf)),
      );
    }
    await must("git", ["init", "--quiet", "--initial-branch=main"]);
    const commitAll = async (message: string) => {
      await must("git", ["add", "--all"]);
      await must("git", ["commit", "--quiet", "--allow-empty", "--message", message]);
    };
    await commitAll("the beginning");
    assert.equal(history.length, 30);
    for (const [index, deeds] of history.entries()) {
      for (const deed of deeds) {
        files.set(deed.file, after(files.get(deed.file) as Known, deed));
        await carryOut(deed, files);
      }
      await commitAll(`commit ${String(index + 1)}`);
    }
  });

  async function leave(person: Person, options: Record<string, boolean>) {
    const printed: string[] = [];
    const env = envOf("anna");
    const code = await offboard.run({
      options: { json: true, ...options },
      rest: [`dev_${person}`],
      root: folder(),
      env,
      print: (text) => printed.push(text),
    });
    assert.equal(code, 0);
    const { toRotate, gone } = JSON.parse(printed.join("\n"));
    const names = (list: { path: string; key?: string; secret?: string }[]) =>
      list.map(({ path, key, secret = "" }) => named(path, key ?? secret.slice(secret.indexOf("/") + 1))).sort();
    return { exposed: names(toRotate), gone: names(gone) };
  }

  for (const person of ["bert", "carla"] as const) {
    it(`lists exactly what the model says of ${person}`, async function () {
      this.timeout(60_000);
      assert.deepEqual(await leave(person, { "dry-run": true }), truthAbout(person, all));
    });
  }

  for (const person of ["bert", "carla"] as const) {
    it(`takes ${person} out: the same list in the log's rows, and nothing opens to them any more`, async function () {
      this.timeout(60_000);
      const truth = truthAbout(person, all);
      assert.deepEqual(await leave(person, { yes: true }), truth);
      const rows = parseLog(readFileSync(join(folder(), LOG_FILE), "utf8")).filter(
        ({ reason }) => reason === `offboard dev_${person}`,
      );
      assert.equal(rows.length, truth.exposed.length);
      for (const file of FILES) {
        const { code } = await run("sops", ["decrypt", file], { cwd: folder(), env: envOf(person) });
        assert.equal(code, 128, file);
      }
      assert.deepEqual(await leave(person, { "dry-run": true }), truth, "the list is the same afterwards");
    });
  }
});

const AUTHOR = {
  GIT_AUTHOR_NAME: "Anna",
  GIT_AUTHOR_EMAIL: "anna@example.test",
  GIT_COMMITTER_NAME: "Anna",
  GIT_COMMITTER_EMAIL: "anna@example.test",
};
