/**
 * Proves with real git, sops and gitleaks what `p24 guard` finds in a range of commits: every rule, every current value of the
 * sources in every form, recipients and rules at the head; what it says that it could not check; and its exit codes.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";

import { formsOf } from "../../../core/search/forms.js";
import { LOG_FILE } from "../../../core/rotation/log.mjs";
import { checkRange, revsOf, type Verdict } from "../../../guard/checkRange.js";
import { runGitleaks } from "../../../guard/gitleaks.js";
import { renderFinding } from "../../../guard/finding.mjs";
import { ensureToolchain } from "../../../toolchain/setup.mjs";
import { joined, signs } from "../../support/corpus/material.js";
import { faultsOfAsync } from "../../support/faults.js";
import { temporaryFolder } from "../../support/folder.js";
import { Repository } from "../../support/guardRepository.js";
import { ageIdentity, type AgeIdentity } from "../../support/identities.js";
import { useTools } from "../../support/tools.js";

const ROOT = join(__dirname, "../../..");
const SHARED = "secrets/shared.sops.yaml";

describe("the guard of a range", () => {
  const folder = temporaryFolder();
  let ada: AgeIdentity;
  let gha: AgeIdentity;
  let repo: Repository;
  let base: string;
  const values = {
    smtp_password: `it's "${signs(12)}" $5 & <b>%2B+/\\ é`,
    pin: `x${signs(9)}`,
    pem: `-----BEGIN X-----\n${signs(64)}\n${signs(64)}\n-----END X-----\n`,
    smtp_host: "smtp.provider.net",
  };

  function encrypt(path: string, content: object): void {
    const args = [
      "encrypt",
      "--filename-override",
      path,
      "--input-type",
      "json",
      "--output-type",
      "yaml",
      "--output",
      path,
    ];
    const { status, stderr } = spawnSync("sops", args, {
      cwd: repo.root,
      env: repo.env,
      input: JSON.stringify(content),
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
  }

  before(async function () {
    this.timeout(300_000);
    await useTools();
    await ensureToolchain({ only: ["gitleaks"], quiet: true });
    ada = await ageIdentity();
    gha = await ageIdentity();
    repo = new Repository(join(folder(), "range"));
    repo.env["PATH"] = process.env["PATH"];
    repo.env["SOPS_AGE_KEY"] = ada.identity;
    if (process.env["XDG_CACHE_HOME"] === undefined) {
      repo.env["XDG_CACHE_HOME"] = join(process.env["HOME"] ?? "", ".cache");
    }
    repo.write(
      ".sops.yaml",
      `keys:\n  - &dev_ada ${ada.recipient}\n  - &gha ${gha.recipient}\ncreation_rules:\n  - path_regex: ^secrets/\n    key_groups:\n      - age: [*dev_ada, *gha]\n`,
    );
    repo.write(LOG_FILE, "| Date | Secret | Reason | Rotator | Confirmed in sync |\n| - | - | - | - | - |\n");
    repo.write("secrets/README.md", "");
    encrypt(SHARED, values);
    base = repo.commitUnseen("base");
  });
  beforeEach(() => {
    repo.must("reset", "-q", "--hard", base);
  });

  const check = (range: Parameters<typeof checkRange>[1] = { head: "HEAD", base }) =>
    checkRange(repo.root, range, repo.env);
  const rules = ({ findings }: Verdict) =>
    findings.map(({ rule, path, line }) => `${rule} ${path}:${String(line ?? "")}`);
  const said = ({ checks }: Verdict, name: string) =>
    checks.filter((one) => one.name === name).map(({ state, says }) => `${state}: ${says}`);

  it("finds nothing in clean commits, and says what it looked at", async () => {
    repo.write("a.txt", "clean");
    repo.commitUnseen("clean");
    const verdict = await check();
    assert.deepEqual(rules(verdict), []);
    assert.match(said(verdict, "rules")[0] ?? "", /^made: 1 commits, 1 contents/);
    assert.match(
      said(verdict, "the team's values")[0] ?? "",
      /^made: 3 values in \d\d+ forms; not searched, .*shared\/smtp_host \(a host's name\)/,
    );
    assert.match(said(verdict, "gitleaks")[0] ?? "", /^made: version 8\./);
    assert.deepEqual(said(verdict, "rotation log"), ["made: every value that was changed has a row"]);
    assert.equal(verdict.checks.length, 5);
  });

  it("finds every value in every form, by file, line and name, and shows none", async () => {
    const expected: string[] = [];
    for (const [key, value] of Object.entries(values).filter(([name]) => name !== "smtp_host")) {
      formsOf(Buffer.from(value), 8).forEach(({ bytes }, at) => {
        repo.write(`${key}/${String(at)}.txt`, Buffer.concat([Buffer.from("one\n two "), bytes, Buffer.from(" \n")]));
        expected.push(`value:shared/${key} ${key}/${String(at)}.txt:2`);
      });
    }
    repo.commitUnseen("leaks");
    const verdict = await check();
    const found = new Set(rules(verdict));
    assert.deepEqual(
      expected.filter((one) => !found.has(one)),
      [],
    );
    assert.ok(expected.length > 40, String(expected.length));
    const text = verdict.findings.map(renderFinding).join("\n");
    for (const value of Object.values(values)) {
      assert.equal(text.includes(value.trim()), false);
    }
  });

  it("finds a value in a message, in a name, and in what a later commit took out again", async () => {
    repo.write(`dir/${values.pin}.txt`, "x");
    repo.commitUnseen(`with ${values.pin}`);
    repo.must("rm", "-q", "-r", "dir");
    repo.commitUnseen("gone");
    const verdict = await check();
    const found = rules(verdict).filter((one) => one.startsWith("value:"));
    assert.equal(found.length, 2, found.join("\n"));
    assert.ok(found.some((one) => one.includes("(message of the commit):1")));
  });

  it("finds what gitleaks knows, and takes no file or comment of the range for its list", async () => {
    const value = joined("hf", "_", signs(34, "abcdefghijklmnopqrstuvwxyz"));
    repo.write("a.py", `client = "${value}" # gitleaks:allow\n`);
    repo.write(".gitleaks.toml", `[allowlist]\npaths = ['''.*''']\n`);
    repo.write(".gitleaksignore", "a.py:huggingface-access-token:1\n");
    repo.commitUnseen("x");
    const verdict = await check();
    assert.ok(
      rules(verdict).some((one) => /^gitleaks:\S+ a\.py:1$/.test(one)),
      rules(verdict).join("\n"),
    );
    const finding = verdict.findings.find(({ rule }) => rule.startsWith("gitleaks:"));
    assert.equal(finding?.blob, repo.must("rev-parse", "HEAD:a.py"));
    assert.equal(JSON.stringify(verdict).includes(value), false);
  });

  it("lets gitleaks's git have what the environment tells git", async () => {
    repo.write("a.py", `client = "${joined("hf", "_", signs(34, "abcdefghijklmnopqrstuvwxyz"))}"\n`);
    repo.commitUnseen("x");
    // git's own way to test a folder of somebody else's, which it reads only when it is told to.
    const told = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*" };
    const env = { ...repo.env, ...told, GIT_TEST_ASSUME_DIFFERENT_OWNER: "1" };
    const verdict = await checkRange(repo.root, { head: "HEAD", base }, env);
    assert.match(said(verdict, "gitleaks")[0] ?? "", /^made: /);
    assert.ok(rules(verdict).some((one) => one.startsWith("gitleaks:")));
  });

  it("does not take it for a check when gitleaks's git fails", async () => {
    const verdict = await runGitleaks(repo.root, ["no-such-revision"], repo.env);
    assert.equal("why" in verdict && verdict.why, "gitleaks could not read all");
  });

  it("finds rules and recipients that are wrong at the head, whoever changed them", async () => {
    const text = repo.must("show", "HEAD:.sops.yaml");
    repo.write(".sops.yaml", text.replace("[*dev_ada, *gha]", "[*gha]"));
    repo.commitUnseen("bad rules");
    const bad = repo.must("rev-parse", "HEAD");
    repo.write("a.txt", "x");
    repo.commitUnseen("innocent");
    const verdict = await check({ head: "HEAD", base: bad });
    assert.deepEqual(rules(verdict).sort(), [
      "lock-out .sops.yaml:5",
      "lock-out .sops.yaml:5",
      `source-recipients ${SHARED}:`,
    ]);
  });

  it("finds a root of trust among the keys of a source", async () => {
    encrypt("secrets/stack.sops.yaml", { age_key_gha: "x".repeat(20) });
    repo.commitUnseen("root");
    assert.ok(rules(await check()).includes("root-of-trust secrets/stack.sops.yaml:1"));
  });

  it("warns of a changed value without a row, and lets it pass", async () => {
    const args = ["set", "--value-stdin", SHARED, '["pin"]'];
    assert.equal(spawnSync("sops", args, { cwd: repo.root, env: repo.env, input: '"another value"' }).status, 0);
    repo.commitUnseen("rotate");
    const verdict = await check();
    assert.deepEqual(rules(verdict), []);
    assert.match(
      said(verdict, "rotation log")[0] ?? "",
      /^warning: secrets\/shared\.sops\.yaml: pin was changed without a row/,
    );
  });

  it("still finds the value that the base had", async () => {
    const args = ["set", "--value-stdin", SHARED, '["pin"]'];
    assert.equal(spawnSync("sops", args, { cwd: repo.root, env: repo.env, input: '"another value"' }).status, 0);
    repo.write("a.txt", values.pin);
    repo.commitUnseen("rotate");
    assert.ok(rules(await check()).includes("value:shared/pin a.txt:1"));
  });

  it("says without an identity which check it could not make", async () => {
    repo.write("a.txt", `${values.pin} ghp_${signs(36)}`);
    repo.commitUnseen("x");
    const env = { ...repo.env, SOPS_AGE_KEY: "" };
    const verdict = await checkRange(repo.root, { head: "HEAD", base }, env);
    assert.ok(rules(verdict).includes("github a.txt:1"));
    assert.match(
      said(verdict, "the team's values")[0] ?? "",
      /^not made: no age identity was found on this machine; set SOPS_AGE_KEY_FILE/,
    );
    const other = await checkRange(
      repo.root,
      { head: "HEAD", base },
      { ...env, SOPS_AGE_KEY: (await ageIdentity()).identity },
    );
    assert.match(said(other, "the team's values")[0] ?? "", /^not made: no identity of this machine opens a source/);
  });

  it("leaves out what is allowed by content, with the reason", async () => {
    repo.write("a.txt", `ghp_${signs(36)}`);
    repo.commitUnseen("x");
    repo.write("guard/allow.txt", `${repo.must("rev-parse", "HEAD:a.txt")} github revoked on 2026-11-26\n`);
    repo.commitUnseen("allow");
    const verdict = await check();
    assert.deepEqual(
      rules(verdict).filter((one) => one.startsWith("github ")),
      [],
    );
    assert.deepEqual(
      verdict.allowed.map(({ rule, reason }) => `${rule}: ${reason}`),
      ["github: revoked on 2026-11-26"],
    );
  });

  it("takes a base of zeros for a new branch, and refuses one that it does not know", async () => {
    assert.deepEqual(await revsOf(repo.root, { head: "HEAD", base: "0".repeat(40) }), [base]);
    assert.deepEqual(await revsOf(repo.root, { head: "HEAD", base, remote: "origin" }), [
      base,
      `^${base}`,
      "--not",
      "--remotes=origin",
    ]);
    const [fault = ""] = await faultsOfAsync(revsOf(repo.root, { head: "HEAD", base: "1".repeat(40) }));
    assert.match(fault, /--base: names no commit that this clone knows. Repair: git fetch/);
  });

  describe("as a verb and in the pre-push hook", () => {
    before(() => {
      repo.must("reset", "-q", "--hard", base);
      for (const name of ["cli", "core", "guard", "toolchain", "node_modules", "package.json"]) {
        if (name !== "guard") {
          symlinkSync(join(ROOT, name), join(repo.root, name));
        }
      }
      symlinkSync(join(ROOT, "scripts"), join(repo.root, "scripts"));
      repo.write("Pulumi.yaml", "name: p24-infra\n");
      repo.write(".gitignore", "/cli\n/core\n/toolchain\n/node_modules\n/package.json\n/scripts\n");
      base = repo.commitUnseen("program");
    });

    const p24 = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, ["cli/p24.mjs", ...args], {
        cwd: repo.root,
        env: repo.env,
        encoding: "utf8",
      });
      return { code: status, said: stdout + stderr };
    };

    it("ends with 0, 3 and, when told to be strict, 5", () => {
      repo.write("a.txt", "x");
      repo.commitUnseen("x");
      assert.equal(p24("guard", "--base", base, "--strict").code, 0);
      const closed = { ...repo.env };
      delete closed["SOPS_AGE_KEY"];
      const { status } = spawnSync(process.execPath, ["cli/p24.mjs", "guard", "--base", base, "--strict"], {
        cwd: repo.root,
        env: closed,
      });
      assert.equal(status, 5);
      repo.write("a.txt", values.pin);
      repo.commitUnseen("y");
      const { code, said: text } = p24("guard", "--base", base);
      assert.equal(code, 3);
      assert.match(
        text,
        /a\.txt:1 \(commit [0-9a-f]{12}\): value:shared\/pin: holds the value of shared\/pin \(plain\)\. Repair: .*rotate pin/,
      );
      const json = JSON.parse(p24("guard", "--base", base, "--json").said) as Verdict;
      assert.equal(json.findings.length, 1);
    });

    it("keeps a value that no rule knows from being pushed", () => {
      const remote = join(folder(), "remote");
      repo.must("init", "-q", "--bare", remote);
      repo.must("remote", "add", "origin", remote);
      repo.must("push", "-q", "--no-verify", "origin", `${base}:refs/heads/main`);
      repo.write("notes.md", `the pin is ${values.pin}\n`);
      repo.commitUnseen("note");
      const { code, said: text } = repo.git("push", "-q", "origin", "main");
      assert.notEqual(code, 0);
      assert.match(text, /value:shared\/pin/);
      repo.must("reset", "-q", "--hard", base);
      repo.write("notes.md", "clean\n");
      repo.commitUnseen("note");
      repo.must("push", "-q", "origin", "main");
    });
  });
});
