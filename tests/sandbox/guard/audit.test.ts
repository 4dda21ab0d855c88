/**
 * Proves with real git, sops and gitleaks what `p24 history audit` finds in a whole history, what its report says, and that it
 * passes on this repository. A history of 10,000 commits: `npm run bench:audit`.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { run } from "../../../core/process.js";
import { type Audit, auditHistory } from "../../../guard/audit.js";
import { renderAudit } from "../../../guard/auditReport.js";
import { ensureToolchain } from "../../../toolchain/setup.mjs";
import { signs } from "../../support/corpus/material.js";
import { faultsOfAsync } from "../../support/faults.js";
import { temporaryFolder } from "../../support/folder.js";
import { Repository } from "../../support/guardRepository.js";
import { ageIdentity } from "../../support/identities.js";
import { useTools } from "../../support/tools.js";

const ROOT = join(__dirname, "../../..");
const SHARED = "secrets/shared.sops.yaml";

describe("the audit of a history", function () {
  this.timeout(300_000);
  const folder = temporaryFolder();
  let repo: Repository;
  let audit: Audit;
  const former = signs(24);
  const leaked = `ghp_${signs(36)}`;

  const rules = ({ findings }: Audit) =>
    findings.map(({ rule, path, line }) => `${rule} ${path}:${String(line ?? "")}`).sort();

  before(async () => {
    await useTools();
    await ensureToolchain({ only: ["gitleaks"], quiet: true });
    const { identity, recipient } = await ageIdentity();
    repo = new Repository(join(folder(), "history"));
    repo.env["PATH"] = process.env["PATH"];
    repo.env["SOPS_AGE_KEY"] = identity;
    if (process.env["XDG_CACHE_HOME"] === undefined) {
      repo.env["XDG_CACHE_HOME"] = join(process.env["HOME"] ?? "", ".cache");
    }
    const encrypt = (values: object) => {
      const args = [
        "encrypt",
        "--age",
        recipient,
        "--filename-override",
        "x.yaml",
        "--input-type",
        "json",
        "--output-type",
        "yaml",
      ];
      const { stdout } = spawnSync("sops", args, {
        env: repo.env,
        cwd: repo.root,
        input: JSON.stringify(values),
        encoding: "utf8",
      });
      repo.write(SHARED, stdout);
    };
    repo.write(SHARED, "# TEMPLATE\nsmtp_password: PLACEHOLDER\n");
    repo.commitUnseen("template");
    encrypt({ smtp_password: former });
    repo.commitUnseen("first value");
    encrypt({ smtp_password: signs(24) });
    repo.commitUnseen("second value");
    repo.must("switch", "-q", "-c", "old");
    repo.write("notes/a.txt", Buffer.from(`one\n${former}\n`));
    repo.write("api-key.txt", "nothing\n");
    repo.write("copy/of/a.txt", Buffer.from(`one\n${former}\n`));
    repo.commitUnseen("a former value, twice");
    repo.must("switch", "-q", "main");
    repo.write("monitoring/.env", "A=1\n");
    repo.write("b|c `x`.txt", `${leaked}\n`);
    repo.commitUnseen("leaks");
    repo.must("rm", "-q", "-r", "monitoring", "b|c `x`.txt");
    repo.commitUnseen("taken out");
    repo.must("tag", "-a", "v1", "-m", `released with ${former}`);
    audit = await auditHistory(repo.root, repo.env, new Date("2026-11-26T04:00:00.123Z"));
  });

  it("finds names, contents, former values and messages, on every branch and tag", () => {
    assert.deepEqual(rules(audit), [
      "env-file monitoring/.env:",
      "file-name api-key.txt:",
      "github b|c `x`.txt:1",
      "gitleaks:github-pat b|c `x`.txt:1",
      "value:shared/smtp_password (message of a tag):1",
      // One content under two names is looked at once.
      "value:shared/smtp_password copy/of/a.txt:2",
    ]);
    assert.ok(audit.findings.every(({ blob, commit }) => /^[0-9a-f]{40}$/.test(blob) && commit !== undefined));
  });

  it("says what it looked at", () => {
    const says = Object.fromEntries(audit.checks.map(({ name, says: text }) => [name, text]));
    assert.match(says["names, contents and messages"] ?? "", /^6 commits, 7 contents/);
    assert.match(says["the team's values"] ?? "", /^2 values in \d+ forms$/);
    assert.match(says["gitleaks"] ?? "", /^version 8/);
    assert.deepEqual(audit.references, ["refs/heads/main", "refs/heads/old", "refs/tags/v1"]);
  });

  it("reports in Markdown that a person can sign, without a value", () => {
    const report = renderAudit(audit);
    assert.match(report, /^# Audit of the history\n\n\*\*Not passed\.\*\* 6 findings\./);
    assert.match(report, /\| When \| 2026-11-26T04:00:00Z \|/);
    assert.match(report, /\| b\\\|c `x`\.txt:1 \| github \|/);
    assert.match(report, /## Signature[\s\S]*\| Name \| Date \| Signature \|/);
    for (const value of [former, leaked]) {
      assert.equal(report.includes(value), false);
    }
    const widths = report
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .map((line) => line.replaceAll("\\|", "").split("|").length);
    assert.ok(
      widths.every((width) => [4, 5, 8].includes(width)),
      "every row has its table's columns",
    );
  });

  it("passes with everything allowed by content, and lists the reasons and what is not needed", async () => {
    const lines = audit.findings.map(({ blob, rule }) => `${blob} ${rule} rotated | on 2026-11-26`);
    repo.write("guard/allow.txt", [...new Set(lines), `${"0".repeat(40)} github of a rewritten commit`, ""].join("\n"));
    repo.commitUnseen("allowed");
    const after = await auditHistory(repo.root, repo.env);
    assert.deepEqual(rules(after), []);
    assert.equal(after.allowed.length, 6);
    assert.deepEqual(
      after.unused.map(({ rule }) => rule),
      ["github"],
    );
    const report = renderAudit(after);
    assert.match(report, /\*\*Passed\.\*\* Nothing was found \(6 allowed with their reasons\)\./);
    assert.match(report, /rotated \\\| on 2026-11-26/);
  });

  it("says without an identity that values were not looked for, and is strict about it when told", async () => {
    const env = { ...repo.env, SOPS_AGE_KEY: "" };
    const after = await auditHistory(repo.root, env);
    assert.equal(after.checks.filter(({ state }) => state === "not made").length, 1);
    assert.match(renderAudit(after), /1 of the checks could not be made/);
  });

  it("refuses a clone that has a part of the history", async () => {
    const shallow = join(folder(), "shallow");
    repo.must("clone", "-q", "--depth", "1", `file://${repo.root}`, shallow);
    const [fault = ""] = await faultsOfAsync(auditHistory(shallow, repo.env));
    assert.match(fault, /this clone is shallow: a part of the history is not here\. Repair: git fetch --unshallow/);
  });

  it("passes on this repository", async () => {
    const { stdout } = await run("git", ["rev-parse", "--is-shallow-repository"], { cwd: ROOT });
    if (stdout.trim() === "true") {
      await faultsOfAsync(auditHistory(ROOT, repo.env));
      return;
    }
    const own = await auditHistory(ROOT, repo.env);
    assert.deepEqual(rules(own), []);
    assert.ok(own.allowed.length > 0 && own.allowed.every(({ reason }) => reason.length > 10));
    assert.match(readFileSync(join(ROOT, "guard/allow.txt"), "utf8"), /^# /);
  });
});
