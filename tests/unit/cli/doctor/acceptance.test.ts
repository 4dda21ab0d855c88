/**
 * Proves how each of the spec's acceptance criteria is decided, both ways where a folder can tell: the log, the sources, git. The
 * hook, the App and the whole table are looked at in tests/sandbox/doctor.
 */
import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { accept, type Criterion } from "../../../../cli/doctor/acceptance.js";
import type { Patient } from "../../../../cli/doctor/check.js";
import { criteriaCode, renderCriteria } from "../../../../cli/verbs/doctor.js";
import { EXIT } from "../../../../cli/verb.js";
import { run } from "../../../../core/process.js";
import { type Clone, makeClone } from "../../../support/clone.js";
import { canary } from "../../../support/canary.js";
import { temporaryFolder } from "../../../support/folder.js";
import { patientOf } from "../../../support/patient.js";
import { put } from "../../../support/sopsFiles.js";

const ROOT = join(__dirname, "../../../..");
const LOG = "docs/secrets-rotation-log.md";

describe("the acceptance criteria", () => {
  const folder = temporaryFolder();
  let count = 0;
  let clone: Clone;
  let patient: Patient;
  beforeEach(async () => {
    clone = await makeClone(join(folder(), String((count += 1))));
    await put(clone.root, LOG, await readFile(join(ROOT, LOG), "utf8"));
    await put(clone.root, ".gitignore", "home/\nbin/\ncalls\n");
    patient = patientOf(clone);
    await git("init", "--quiet");
    await commit();
  });

  const git = (...args: string[]) =>
    run("git", ["-c", "user.name=x", "-c", "user.email=x@example.test", ...args], { cwd: clone.root, env: clone.env });

  async function commit(): Promise<void> {
    await git("add", "--all");
    assert.equal((await git("commit", "--quiet", "--allow-empty", "--message", "x")).code, 0);
  }

  const one = async (number: number): Promise<Criterion> => (await accept(patient))[number - 1] as Criterion;
  const log = (change: (text: string) => string) =>
    readFile(join(clone.root, LOG), "utf8").then((text) => put(clone.root, LOG, change(text)));

  it("are the spec's eight, in its order", async () => {
    const all = await accept(patient);
    assert.deepEqual(
      all.map(({ number }) => number),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
    for (const { verdict, evidence, next } of all) {
      assert.ok(evidence.length > 0);
      assert.equal(next === undefined, verdict === "met");
    }
  });

  it("1: the flagged secrets are rotated when their six rows are confirmed, and not one less", async () => {
    assert.deepEqual(
      [(await one(1)).verdict, (await one(1)).evidence],
      ["not met", `${LOG}: 0 of 6 flagged rows are confirmed in sync`],
    );
    const confirmed = "yes, 2026-11-26T04:22:11Z";
    await log((text) => text.replaceAll("PENDING - rotate during bootstrap", confirmed));
    assert.equal((await one(1)).verdict, "met");
    await log((text) => text.replace(confirmed, "PENDING - rotate during bootstrap"));
    assert.equal((await one(1)).verdict, "not met");
    await log((text) =>
      text
        .split("\n")
        .filter((line) => !line.includes("flagged 1 of 6"))
        .join("\n"),
    );
    assert.equal((await one(1)).verdict, "not met", "a row that was taken away is not a secret that was rotated");
  });

  it("2: the sources open with a developer's identity; another's is for a human, none is not", async () => {
    assert.deepEqual(
      [(await one(2)).verdict, (await one(2)).evidence],
      ["met", "3 files, each opened by sops and read as flat YAML with dev_test's identity"],
    );
    const rules = await readFile(join(clone.root, ".sops.yaml"), "utf8");
    await put(clone.root, ".sops.yaml", rules.replaceAll("dev_test", "host_test"));
    assert.equal((await one(2)).verdict, "needs a human");
    const env = { ...clone.env, SOPS_AGE_KEY: "" };
    patient = { ...patient, env };
    assert.deepEqual(
      [(await one(2)).verdict, (await one(2)).evidence],
      ["not met", "secrets/github-actions.sops.yaml: no age identity was found on this machine"],
    );
  });

  it("3: without a hook nothing is rejected", async () => {
    assert.deepEqual(
      [(await one(3)).verdict, (await one(3)).evidence],
      ["not met", "git starts no pre-commit hook in this clone"],
    );
  });

  it("3: a hook that rejects everything, or nothing, does not do; the clone stays as it was", async () => {
    await git("config", "core.hooksPath", "hooks");
    const scripts: readonly [string, Criterion["verdict"]][] = [
      ["exit 1", "not met"],
      ["exit 0", "not met"],
      ["git diff --cached --name-only | grep -q secrets/test && exit 1; exit 0", "met"],
    ];
    for (const [script, verdict] of scripts) {
      await put(clone.root, "hooks/pre-commit", `#!/bin/sh\n${script}\n`);
      await run("chmod", ["755", join(clone.root, "hooks/pre-commit")]);
      const before = [(await git("status", "--porcelain")).stdout, (await git("count-objects", "-v")).stdout];
      const said = await one(3);
      assert.equal(said.verdict, verdict, said.evidence);
      assert.deepEqual(
        [(await git("status", "--porcelain")).stdout, (await git("count-objects", "-v")).stdout],
        before,
      );
    }
  });

  it("4: the last drill counts, under five minutes", async () => {
    assert.equal((await one(4)).verdict, "not met");
    const row = (minutes: string) =>
      `| 2026-11-26 | smtp_password | drill | radieu | yes, 2026-11-26T04:22:11Z, drill: ${minutes} from the edit to verified |\n`;
    await log((text) => text + row("5:00"));
    assert.deepEqual([(await one(4)).verdict, /(\d+) s/.exec((await one(4)).evidence)?.[1]], ["not met", "300"]);
    await log((text) => text + row("4:59"));
    assert.deepEqual([(await one(4)).verdict, /(\d+) s/.exec((await one(4)).evidence)?.[1]], ["met", "299"]);
  });

  it("5: both derived files are ignored", async () => {
    assert.deepEqual(
      [(await one(5)).verdict, (await one(5)).evidence],
      ["not met", "git would add monitoring/.env, hostinger/.env"],
    );
    await put(clone.root, ".gitignore", "monitoring/.env\n");
    assert.deepEqual((await one(5)).evidence, "git would add hostinger/.env");
    await put(clone.root, ".gitignore", "monitoring/.env\nhostinger/.env\n");
    assert.equal((await one(5)).verdict, "met");
  });

  it("6: a name in the history counts, also when it is gone again", async () => {
    // The clone's own values are words that stand elsewhere too.
    await rm(join(clone.root, ".git"), { recursive: true });
    for (const name of ["shared", "github-actions"]) {
      await put(clone.root, `secrets/${name}.sops.yaml`, await clone.encrypt({ of_it: canary() }));
    }
    await git("init", "--quiet");
    await commit();
    assert.equal((await one(6)).verdict, "met", (await one(6)).evidence);
    await put(clone.root, "api-token.txt", "nothing\n");
    await commit();
    await git("rm", "--quiet", "api-token.txt");
    await commit();
    assert.equal((await one(6)).verdict, "not met");
  });

  it("7: without a look at the App it is for a human", async () => {
    assert.deepEqual(
      [(await one(7)).verdict, (await one(7)).evidence],
      ["needs a human", "the App could not be looked at"],
    );
  });

  it("8: the guide is in git, and the log has six rotations and a drill that are closed", async () => {
    await put(clone.root, "docs/secrets-management.md", "# Guide\n");
    await commit();
    assert.equal((await one(8)).verdict, "not met");
    await log((text) => text.replaceAll("PENDING - rotate during bootstrap", "yes, 2026-11-26T04:22:11Z"));
    assert.match((await one(8)).evidence, /is in git; .*: 6 closed rows, 0 of a drill$/);
    await log(
      (text) =>
        `${text}| 2026-11-26 | smtp_password | drill | radieu | yes, 2026-11-26T04:22:11Z, drill: 0:42 from the edit to verified |\n`,
    );
    assert.equal((await one(8)).verdict, "met");
    await git("rm", "--quiet", "--cached", "docs/secrets-management.md");
    assert.equal((await one(8)).verdict, "not met");
  });

  it("end with 0 when all are met, 5 when a human is needed, 3 when one is not met; the table counts them", () => {
    const met: Criterion = { number: 1, text: "a", verdict: "met", evidence: "seen" };
    const human: Criterion = { number: 2, text: "b", verdict: "needs a human", evidence: "who knows", next: "look" };
    const not: Criterion = { number: 3, text: "c", verdict: "not met", evidence: "no", next: "do it" };
    assert.deepEqual(
      [criteriaCode([met]), criteriaCode([met, human]), criteriaCode([human, not])],
      [EXIT.ok, EXIT.blocked, EXIT.badInput],
    );
    assert.equal(
      renderCriteria([met, human]),
      [
        "  1  met            a",
        "                    seen",
        "  2  needs a human  b",
        "                    who knows",
        "                    next: look",
        "",
        "1 of 2 acceptance criteria are met.",
      ].join("\n"),
    );
  });
});
