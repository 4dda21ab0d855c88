/**
 * A day with the program, with the real engine, GitHub's real provider and the host program against emulated services: what
 * the demo's story does not show. What it does not prove: real sshd, real Docker.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { READS_AGAIN } from "../../../core/observe/host.js";
import { commit, inWorktree, p24, preview, removeSecret, rotate, up } from "../../../sandbox/world/engine.js";
import { OWNER } from "../../../sandbox/world/github.js";
import { head, ledgerOf } from "../../support/program.js";
import { useWorld } from "../../support/world.js";

const REPOSITORY = "p24-infra";
const CONFIRMED = /\nThe world after this run, as the places that were written to confirm it:\n/;
const SEEN_AGAIN = /\nThe world after this run:\n/;

describe("a converged team", () => {
  const world = useWorld({ repositories: ["p24-infra", "et-operational-platform"] });
  const names = (repository: string) =>
    world()
      .github.secretsOf(OWNER, repository)
      .map(({ name }) => name);
  const host = (name: "vps-i1" | "vps-h1") => world().hosts.get(name);
  const converge = async () => {
    const done = await up(world());
    assert.equal(done.code, 0, done.stdout + done.stderr);
  };

  before(async function () {
    this.timeout(300_000);
    await converge();
  });

  it("has ten previews in a row without a change", async () => {
    for (let round = 0; round < 10; round += 1) {
      const planned = await preview(world(), "--expect-no-changes");
      assert.deepEqual([planned.code, planned.changes], [0, []], planned.stdout);
    }
  });

  it("remembers every write after an up that had nothing to write", async () => {
    const former = await ledgerOf(world());
    assert.ok(former.github.size === 2 && former.serials.size === 2 && former.heldHosts.size === 2);
    await converge();
    assert.deepEqual(await ledgerOf(world()), former);
  });

  it("is told as the places confirm it when only they had to be asked, and else as it is seen again", async () => {
    await rotate(world(), "shared", "smtp_user", "confirmed");
    const confirmed = await up(world());
    assert.match(confirmed.stdout, CONFIRMED);
    for (const name of ["vps-h1", "vps-i1"]) {
      assert.match(confirmed.stdout, new RegExp(`^ +host:${name} +not asked \\(recorded\\)  \\d+ not asked$`, "m"));
    }
    assert.ok(confirmed.stdout.endsWith(`\nEvery place is equal to git at ${(await head(world())).slice(0, 12)}.\n`));
    const seen = await p24(world(), "status");
    assert.equal(seen.code, 0, seen.stdout);
    assert.ok(confirmed.stdout.includes(seen.stdout), "status says the same");
    const narrowed = await up(world(), "--target", "urn:pulumi:sandbox::p24-infra::p24:git:History::history");
    assert.match(narrowed.stdout, SEEN_AGAIN);
  });

  it("is seen again where a host's program says too little about what it wrote", async () => {
    const program = join(host("vps-i1")?.root ?? "", "usr/local/sbin/p24-host");
    const present = await readFile(program, "utf8");
    const older = (version: number) =>
      present.replace(/^version=\d+$/m, `version=${String(version)}`).replaceAll(' "$before"', "");
    const ups: readonly [what: string, text: string, ended: RegExp][] = [
      ["was not asked, and does not say what it replaced", older(READS_AGAIN), SEEN_AGAIN],
      ["was asked, after a run that did not converge by itself", older(READS_AGAIN), SEEN_AGAIN],
      ["was asked, and reads its file again", older(READS_AGAIN), CONFIRMED],
      ["does not read its file again", older(READS_AGAIN - 1), SEEN_AGAIN],
      ["says all of it", present, CONFIRMED],
    ];
    for (const [what, text, ended] of ups) {
      await writeFile(program, text);
      await rotate(world(), "shared", "smtp_user", what);
      const { code, stdout, stderr } = await up(world());
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, ended, what);
    }
  });

  it("is not asked before a write that is certain, and then says that somebody had edited its file", async () => {
    const text = host("vps-i1")?.readEnv() ?? "";
    host("vps-i1")?.writeEnv(text.replace(/^SMTP_HOST=.*$/m, "SMTP_HOST=by-hand"));
    await rotate(world(), "shared", "smtp_user", "over an edit");
    const { code, stdout, stderr } = await up(world());
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, CONFIRMED);
    assert.match(
      stdout,
      /host vps-i1: had another \.env file than the last apply left there: somebody had edited it\. Repair: /,
    );
    assert.doesNotMatch(stdout, /host vps-h1: had another/);
    assert.doesNotMatch(host("vps-i1")?.readEnv() ?? "", /by-hand/);
  });

  it("takes a write that is certain although somebody else's payload came between", async () => {
    const record = join(host("vps-i1")?.root ?? "", "var/lib/p24-host/monitoring/serial");
    await writeFile(record, `${String(Math.floor(Date.now() / 1000))}\n`);
    await rotate(world(), "shared", "smtp_user", "after somebody else");
    assert.match((await up(world())).stdout, CONFIRMED);
  });

  it("keeps a host's serial when its apply is refused, reports what is there, and goes on from it", async () => {
    const { serials } = await ledgerOf(world());
    await rotate(world(), "shared", "smtp_user", "refused at first");
    const text = host("vps-i1")?.readEnv() ?? "";
    host("vps-i1")?.writeEnv(`${text}UNKNOWN=by-hand\n`);
    const refused = await up(world());
    assert.notEqual(refused.code, 0);
    assert.match(refused.stdout, /\nThe world after this run:\n[^]*\nNot equal to git: host:vps-i1\.\n$/);
    assert.match(refused.stderr, /^pulumi ended with \d+\. What it said stands above "The world after this run"\.$/m);
    const after = await ledgerOf(world());
    assert.equal(after.serials.get("vps-i1"), serials.get("vps-i1"));
    assert.ok((after.serials.get("vps-h1") ?? 0) > (serials.get("vps-h1") ?? 0));
    host("vps-i1")?.writeEnv(text);
    await converge();
    assert.match(host("vps-i1")?.readEnv() ?? "", /^SMTP_USER=['"]?refused at first/m);
  });

  it("sees the same manual edit twice", async () => {
    for (const round of ["first", "second"]) {
      const text = host("vps-i1")?.readEnv() ?? "";
      host("vps-i1")?.writeEnv(text.replace(/^SMTP_USER=.*$/m, "SMTP_USER=by-hand"));
      world().github.setSecret(OWNER, REPOSITORY, "SNYK_CREDENTIAL", "by hand");
      const planned = await preview(world());
      assert.deepEqual(
        planned.changes,
        [
          "update command:remote:Command vps-i1",
          `update github:index/actionsSecret:ActionsSecret ${REPOSITORY}/SNYK_CREDENTIAL`,
        ],
        `the ${round} time`,
      );
      await converge();
    }
  });

  it("brings a name added to shared.sops.yaml, and nothing else, to both hosts", async () => {
    await rotate(world(), "shared", "brand_new_name", "its $value #1");
    await converge();
    for (const name of ["vps-i1", "vps-h1"] as const) {
      const services = (await host(name)?.services()) ?? [];
      assert.ok(
        services.some(({ env }) => env["BRAND_NEW_NAME"] === "its $value #1"),
        name,
      );
    }
  });

  it("takes a removed name out of .env and GitHub, and leaves foreign secrets alone", async () => {
    world().github.addSecret(OWNER, REPOSITORY, "FOREIGN_ONE", "not ours");
    await removeSecret(world(), "shared", "brand_new_name");
    await removeSecret(world(), "github-actions", "codecov_upload_credential");
    await converge();
    assert.doesNotMatch(host("vps-i1")?.readEnv() ?? "", /BRAND_NEW_NAME/);
    assert.doesNotMatch(host("vps-h1")?.readEnv() ?? "", /BRAND_NEW_NAME/);
    assert.ok(!names(REPOSITORY).includes("CODECOV_UPLOAD_CREDENTIAL"));
    assert.ok(names(REPOSITORY).includes("FOREIGN_ONE"));
  });

  it("leaves every secret of a repository that leaves the settings, and lists it", async () => {
    const other = "et-operational-platform";
    world().github.addSecret(OWNER, other, "FOREIGN_TWO", "not ours");
    const before = names(other);
    const edit = await inWorktree(world(), "pulumi", [
      "config",
      "set",
      "--path",
      "p24-infra:github",
      JSON.stringify({ owner: OWNER, repositories: [REPOSITORY] }),
    ]);
    assert.equal(edit.code, 0, edit.stderr);
    await commit(world(), "chore: et-operational-platform leaves");
    await converge();
    assert.deepEqual(names(other), before);
    const { code, stdout } = await p24(world(), "status");
    assert.equal(code, 0, stdout);
    assert.match(stdout, /github:radieu\/et-operational-platform +orphan \(present\) +11 orphan/);
    assert.match(
      stdout,
      /no longer in the settings; these stay until they are retired by name: ANDROID_KEYSTORE_BASE64, /,
    );
    await converge();
    assert.match((await p24(world(), "status")).stdout, /et-operational-platform +orphan/);
  });

  it("is left as it is by destroy", async () => {
    const before = names(REPOSITORY);
    const done = await inWorktree(world(), "pulumi", ["destroy", "--yes", "--skip-preview", "--non-interactive"]);
    assert.equal(done.code, 0, done.stdout + done.stderr);
    assert.deepEqual(names(REPOSITORY), before);
    assert.deepEqual(world().fence.refused, []);
  });
});
