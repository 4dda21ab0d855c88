/**
 * Identities and pairs that are replaced, with the real sops, git, engine and host program against emulated services: the
 * former one opens and may do nothing more, the hosts are told by `p24 host install` (over a stand-in for an admin's ssh), and
 * the next `up` converges.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

import { LOG_FILE, parseLog } from "../../../core/rotation/log.mjs";
import { installAdminSsh } from "../../../sandbox/hosts/admin.js";
import { inWorktree, up } from "../../../sandbox/world/engine.js";
import { makeIdentity } from "../../../sandbox/world/identities.js";
import { converge, numbered, teamWith } from "../../support/program.js";
import { useWorld } from "../../support/world.js";

const RULES = ".sops.yaml";

describe("identities that are replaced", () => {
  const world = useWorld({ secrets: teamWith(numbered(2)) });
  let path = "";
  const text = (file: string) => readFileSync(join(world().paths.work, file), "utf8");
  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    inWorktree(world(), process.execPath, ["cli/p24.mjs", ...args], { env: { PATH: path, ...env } });
  const git = async (...args: string[]) => (await inWorktree(world(), "git", args)).stdout.trim();
  const done = async (...args: string[]) => {
    const result = await run(args);
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result.stdout;
  };
  const made = (name: string) => makeIdentity(join(world().paths.dir, "made"), name);
  const opens = async (file: string, source: string) =>
    (
      await inWorktree(world(), "sops", ["decrypt", `secrets/${source}.sops.yaml`], {
        env: { SOPS_AGE_KEY_FILE: file },
      })
    ).code === 0;
  const rowsOf = (reason: string) => parseLog(text(LOG_FILE)).filter((row) => row.reason === reason);
  const installAll = async () => {
    for (const host of ["vps-i1", "vps-h1"]) {
      await done("host", "install", host, "--yes");
    }
  };

  before(async function () {
    this.timeout(300_000);
    const bin = join(world().paths.dir, "admin");
    await installAdminSsh(bin, [...world().hosts.values()]);
    path = [bin, world().env["PATH"] ?? ""].join(delimiter);
    await converge(world());
  });

  it("a host's: its new recipient opens its files, the former one none, and up converges", async () => {
    const host = world().hosts.get("vps-h1");
    const file = join(host?.root ?? "", "root/.age/secrets.key");
    const former = join(world().paths.dir, "former-host.txt");
    await copyFile(file, former);
    const recipient = await made("host");
    await writeFile(file, await readFile(join(world().paths.dir, "made/host.txt")));
    assert.equal((await run(["status"])).code, 5);
    const stdout = await done("rekey", "vps_h1", recipient);
    assert.match(stdout, /^The former identity of vps_h1 could open these \d+, and they were not changed since\./);
    assert.match(
      stdout,
      /\nvps_h1 has its new recipient, commit [0-9a-f]{12} \(chore\(secrets\): rekey vps_h1\); .*\nNext, in this order:\n {2}git push\n$/,
    );
    for (const source of ["shared", "vps-h1"]) {
      assert.deepEqual(
        [await opens(former, source), await opens(join(world().paths.dir, "made/host.txt"), source)],
        [false, true],
      );
    }
    const secrets = rowsOf("rekey vps_h1").map(({ secret }) => secret);
    assert.equal(secrets.length, Object.keys({ ...world().secrets.shared, ...world().secrets["vps-h1"] }).length);
    assert.ok(!secrets.includes("sync_ssh_key"), "a host opens no file of the program's own");
    await converge(world());
    assert.equal(await done("rekey", "vps_h1", recipient), "vps_h1 has this recipient already; nothing was changed.\n");
  });

  it("the runner's: made here, told to GitHub by hand before the push, and listed on the hosts", async () => {
    const file = join(world().paths.dir, "runner.txt");
    const former = join(world().paths.identities, "gha_runner.txt");
    const stdout = await done("rekey", "gha_runner", "--identity", file, "--destroyed");
    assert.match(
      stdout,
      /\nNext, in this order:\n {2}npm run p24 -- host install vps-i1\n {2}npm run p24 -- host install vps-h1\n {2}gh secret set AGE_KEY_GHA --repo radieu\/p24-infra < \S+\n {2}the same into .*\n {2}git push\n$/,
    );
    assert.deepEqual([await opens(former, "stack"), await opens(file, "stack")], [false, true]);
    assert.deepEqual(rowsOf("rekey gha_runner"), [], "--destroyed");
    assert.ok(!stdout.includes("AGE-SECRET-KEY"));
    await installAll();
    const { code, stdout: seen, stderr } = await run(["status"], { SOPS_AGE_KEY_FILE: file });
    assert.equal(code, 0, seen + stderr);
    assert.equal(
      (await run(["rekey", "gha_runner", "--identity", file])).code,
      3,
      "the present one is not replaced by itself",
    );
  });

  for (const name of ["sync_ssh_key", "payload_signing_key"]) {
    it(`${name}: the hosts refuse the new one until host install, and up converges then`, async () => {
      const stdout = await done("rekey", name);
      assert.match(
        stdout,
        new RegExp(`^${name} is a new pair, commit [0-9a-f]{12} \\(fix\\(secrets\\): rekey ${name}\\)\\.`),
      );
      assert.match(
        stdout,
        /\nNext, in this order:\n {2}npm run p24 -- host install vps-i1\n {2}npm run p24 -- host install vps-h1\n {2}git push/,
      );
      assert.deepEqual(
        rowsOf(`rekey ${name}`).map(({ secret, state }) => [secret, state]),
        [[name, "pending"]],
      );
      assert.ok(!stdout.includes("PRIVATE KEY"));
      const before = world().hosts.get("vps-i1")?.readEnv();
      await done("rotate", "smtp_password", "--generate", "password");
      assert.notEqual((await up(world())).code, 0, "the hosts do not know it yet");
      assert.equal(world().hosts.get("vps-i1")?.readEnv(), before);
      await installAll();
      await converge(world());
      await run(["confirm"]);
      assert.deepEqual(
        rowsOf(`rekey ${name}`).map(({ state }) => state),
        ["confirmed"],
      );
    });
  }

  it("refuses a name that is none, a recipient that is another's, and a host's without its recipient", async () => {
    const head = await git("rev-parse", "HEAD");
    const privatePart =
      /AGE-SECRET-KEY-\S+/.exec(readFileSync(join(world().paths.dir, "made/host.txt"), "utf8"))?.[0] ?? "";
    const cases: readonly (readonly [words: readonly string[], said: RegExp])[] = [
      [
        ["hunter2-canary"],
        /^NAME: is no anchor of \.sops\.yaml\. Repair: name one of: dev_radieu, .*, sync_ssh_key, payload_signing_key\n$/,
      ],
      [["vps_i1"], /^RECIPIENT: vps_i1: is missing\. Repair: npm run p24 -- host install vps-i1 makes it/],
      [["dev_radieu", await made("other")], /would be closed to you, who makes the change/],
      [
        ["vps_i1", /&vps_h1 (\S+)/.exec(text(RULES))?.[1] ?? ""],
        /vps_i1: would have the recipient that vps_h1 has already/,
      ],
      [["sync_ssh_key", "age1x"], /^RECIPIENT: is not needed/],
      [["gha_runner", "--identity", privatePart], /^--identity: is an identity's private part, [^\n]*\n$/],
    ];
    for (const [words, said] of cases) {
      const { code, stderr } = await run(["rekey", ...words]);
      assert.equal(code, 3, stderr);
      assert.match(stderr, said);
      assert.ok(!stderr.includes(privatePart));
    }
    assert.deepEqual(
      [
        await git("rev-parse", "HEAD"),
        await git("status", "--porcelain"),
        existsSync(join(world().paths.work, `${RULES}.new`)),
      ],
      [head, "", false],
    );
  });
});
