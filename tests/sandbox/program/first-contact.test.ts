/**
 * The first run against places that somebody has filled by hand: what is adopted, what is refused with its repair, and
 * that each of the three repairs works (`p24 import`, `plain`, `prune`). Then the checkouts from which `up` does not start.
 * Real engine, provider and host program.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { commit, inWorktree, p24, preview, up } from "../../../sandbox/world/engine.js";
import { OWNER } from "../../../sandbox/world/github.js";
import { useWorld } from "../../support/world.js";
import {
  converge,
  convergedOutput,
  head,
  numbered,
  openAt,
  REPOSITORY,
  teamWith,
  writes,
} from "../../support/program.js";

const BY_HAND = "SMTP_HOST=by-hand\nLEGACY_URL='https://x.test/$1?a=#b'\nOLD_PORT=8080 # http\nLEFT_OVER=1\n";
const FOREIGN =
  "host vps-i1: the .env file of monitoring has names that git does not know: LEFT_OVER, LEGACY_URL, OLD_PORT; it is not " +
  "replaced. Repair: for each: p24 import vps-i1 FILE --only NAME takes it over from a copy of that file, or list it in " +
  "hosts.vps-i1.plain (no secret) or hosts.vps-i1.prune (drop it)";

describe("first contact, and the checkout", () => {
  const world = useWorld({ secrets: teamWith(numbered(2)) });
  const host = () => world().hosts.get("vps-i1");
  const work = (...path: string[]) => join(world().paths.work, ...path);
  const setting = async (...args: string[]) => {
    const set = await inWorktree(world(), "pulumi", ["config", "set", "--path", ...args]);
    assert.equal(set.code, 0, set.stderr);
  };
  const git = async (...args: string[]) => {
    const { code, stderr } = await inWorktree(world(), "git", args);
    assert.equal(code, 0, stderr);
  };

  before(() => {
    world().github.addSecret(OWNER, REPOSITORY, "NAME_01", "by hand");
    host()?.writeEnv(BY_HAND);
  });

  it("a preview says what is adopted, and lists the names that git does not know with the repair", async () => {
    const { report } = await preview(world());
    assert.deepEqual(openAt(report, `github:${OWNER}/${REPOSITORY}`), ["NAME_01 adopted", "NAME_02 missing"]);
    assert.match(report, /NAME_01 +adopted .* was there before us; up writes git's value\n/);
    assert.match(report, /SMTP_HOST +adopted .* was there before us; up writes git's value\n/);
    assert.ok(report.includes(`\n    ! ${FOREIGN}\n`), report);
  });

  it("up takes over GitHub and the other host; the host refuses, keeps its file, and the run ends red", async () => {
    const done = await up(world());
    assert.notEqual(done.code, 0);
    assert.match(done.stdout, /p24-host: refused foreign-names\n/);
    assert.ok(done.stdout.includes(`error: ${FOREIGN}\n`));
    assert.match(done.stdout, /\nNot equal to git: host:vps-i1\.\n$/);
    assert.equal(host()?.readEnv(), BY_HAND);
    assert.deepEqual(
      world()
        .github.secretsOf(OWNER, REPOSITORY)
        .map(({ value }) => value),
      ["value of 01", "value of 02"],
    );
    assert.ok(world().hosts.get("vps-h1")?.readEnv()?.includes("SMTP_HOST="));
    assert.equal(await convergedOutput(world()), "");
  });

  it("import checks everything before it writes anything", async () => {
    const before = readFileSync(work("secrets/vps-i1.sops.yaml"), "utf8");
    const run = (input: string, ...args: string[]) =>
      inWorktree(world(), process.execPath, ["cli/p24.mjs", "import", ...args], { input });
    const cases: readonly [input: string, args: string[], said: string][] = [
      [
        `${BY_HAND}no assignment\n`,
        ["vps-i1"],
        "standard input:5: is no assignment. Repair: correct the line, or name what to take with --only\n" +
          "standard input: SMTP_HOST: stands in secrets/shared.sops.yaml already: one secret has one source. Repair: name the others with --only\n",
      ],
      [
        'AGE_KEY_GHA=x\nPATH=/x\nlower=x\nEMPTY=\nOPEN="$HOME"\nSOPS=x\nOLD_UNENCRYPTED=x\n',
        ["vps-i1"],
        "standard input: AGE_KEY_GHA: is a root of trust: sops is opened with it, so it cannot live in sops. Repair: name the others with --only\n" +
          "standard input: PATH: is a reserved name. Repair: name the others with --only\n" +
          "standard input: lower: is no upper-case variable name, and the sources make all names upper-case. Repair: name the others with --only\n" +
          "standard input: EMPTY: is empty, and the sources hold no empty value. Repair: name the others with --only\n" +
          "standard input: SOPS: is where sops keeps its metadata. Repair: name the others with --only\n" +
          "standard input: OLD_UNENCRYPTED: would not be encrypted: sops leaves such a key's value in clear. Repair: name the others with --only\n" +
          "standard input: OPEN: is interpolated. Repair: write the value in single quotes, or set it with sops edit\n",
      ],
      [
        "GRAFANA_ADMIN_PASSWORD=x\n",
        ["vps-i1"],
        "secrets/vps-i1.sops.yaml: grafana_admin_password: is there with another value. Repair: leave it out with --only, or overwrite git's value with --replace\n",
      ],
      [
        BY_HAND,
        ["vps-i1", "--only", "LEGACY_URL,LEGACY_URI"],
        "standard input: LEGACY_URI: is not in the file. Repair: correct --only: names are separated by commas, as the file writes them\n",
      ],
      [
        BY_HAND,
        ["vps-x9"],
        "secrets/vps-x9.sops.yaml: is not there. Repair: name one of these sources: github-actions, shared, vps-h1, vps-i1\n",
      ],
    ];
    const ended = await Promise.all(cases.map(([input, args]) => run(input, ...args)));
    assert.deepEqual(
      ended.map(({ code, stdout, stderr }) => [code, stdout, stderr]),
      cases.map(([, , said]) => [3, "", said]),
    );
    assert.equal(readFileSync(work("secrets/vps-i1.sops.yaml"), "utf8"), before);
  });

  it("each repair works: import, plain, prune", async () => {
    const args = ["cli/p24.mjs", "import", "vps-i1", "--only", "LEGACY_URL"];
    const imported = await inWorktree(world(), process.execPath, args, { input: BY_HAND });
    assert.deepEqual(
      [imported.code, imported.stdout, imported.stderr],
      [
        0,
        "secrets/vps-i1.sops.yaml: 1 added (LEGACY_URL), none replaced, none unchanged\n" +
          "Next: git commit secrets/vps-i1.sops.yaml, then npm run preview.\n",
        "",
      ],
    );
    assert.ok(!readdirSync(work("secrets")).some((name) => !name.endsWith(".sops.yaml")));
    assert.ok(!readFileSync(work("secrets/vps-i1.sops.yaml"), "utf8").includes("x.test"));
    await setting("p24-infra:hosts.vps-i1.plain.OLD_PORT", "8080");
    const { code, stderr } = await p24(world(), "status");
    const repair = "pulumi config set --type string --path p24-infra:hosts.vps-i1.plain.OLD_PORT VALUE";
    const what = "Invalid input: expected string, received number";
    assert.deepEqual(
      [code, stderr],
      [3, `Pulumi.sandbox.yaml: hosts.vps-i1.plain.OLD_PORT: ${what}. Repair: ${repair}\n`],
    );
    await setting("--type", "string", "p24-infra:hosts.vps-i1.plain.OLD_PORT", "8080");
    await setting("p24-infra:hosts.vps-i1.prune[0]", "LEFT_OVER");
    await commit(world(), "fix(secrets): take vps-i1's file over");
    await converge(world());
    const env = host()?.readEnv() ?? "";
    assert.match(env, /^LEGACY_URL='https:\/\/x\.test\/\$1\?a=#b'$/m);
    assert.match(env, /^OLD_PORT=8080$/m);
    assert.doesNotMatch(env, /LEFT_OVER|by-hand/);
    assert.deepEqual(writes(world()), { NAME_01: 1, NAME_02: 1 });
    assert.equal(await convergedOutput(world()), await head(world()));
  });

  const DIRTY =
    "git: files differ from the last commit: inventory.yaml. Repair: git commit, or git stash; to apply them all the same: P24_OVERRIDE=dirty";
  const STALE =
    "git: this checkout does not contain the last converged commit. Repair: git pull; to go back on purpose: git revert, or P24_OVERRIDE=stale";
  const SHALLOW =
    "git: the clone is shallow, so it cannot be told whether it contains the last converged commit. Repair: git fetch --unshallow; in a workflow: actions/checkout with fetch-depth: 0";
  const REWRITTEN =
    "git: the last converged commit is not in this clone: history was rewritten, or not fetched. Repair: git fetch --all; after a rewritten history: P24_OVERRIDE=stale once";

  const refused = async (...faults: string[]) => {
    world().github.clearRequests();
    const done = await inWorktree(world(), "pulumi", ["up", "--yes", "--skip-preview", "--non-interactive"]);
    assert.notEqual(done.code, 0);
    for (const fault of faults) {
      assert.ok(done.stdout.includes(fault), done.stdout);
    }
    assert.ok(world().github.requests.every(({ method, path }) => method === "GET" || path === "/graphql"));
    assert.match(done.stdout, /\nResources:\n {4}\d+ unchanged\n|\n {4}error: /);
  };

  it("up does not start from a stale or a dirty checkout; a preview warns of both", async () => {
    await git("checkout", "--quiet", "HEAD~1");
    writeFileSync(work("inventory.yaml"), "# edited\n", { flag: "a" });
    await refused(DIRTY, STALE);
    const { diagnostics, code } = await preview(world());
    const warnings = diagnostics.flatMap(({ severity, message }) => (severity === "warning" ? [message.trim()] : []));
    assert.deepEqual([code, warnings], [0, [`warning: ${DIRTY}`, `warning: ${STALE}`]]);
    await git("checkout", "--quiet", "--force", "main");
  });

  it("up does not start from a shallow clone", async () => {
    writeFileSync(work(".git/shallow"), `${await head(world())}\n`);
    await refused(SHALLOW);
    writeFileSync(work(".git/shallow"), "");
  });

  it("after a rewritten history up starts only with the override, and says so", async () => {
    await git("checkout", "--quiet", "--orphan", "rewritten");
    await commit(world(), "chore: all of history in one commit");
    await git("branch", "--quiet", "--delete", "--force", "main");
    await git("reflog", "expire", "--expire=now", "--all");
    await git("gc", "--quiet", "--prune=now");
    await refused(REWRITTEN);
    writeFileSync(work("inventory.yaml"), "# edited\n", { flag: "a" });
    await converge({ ...world(), env: { ...world().env, P24_OVERRIDE: "stale,dirty" } });
    assert.equal(await convergedOutput(world()), await head(world()));
    assert.deepEqual([world().github.unhandled, world().fence.refused], [[], []]);
  });
});
