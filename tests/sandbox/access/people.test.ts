/**
 * Somebody comes and goes, and identities are replaced, with the real sops, git, engine and host program against emulated
 * services: who can open what after each step, what has to be rotated, and that the next `up` converges.
 */
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { generateX25519Identity, identityToRecipient } from "age-encryption";

import { LOG_FILE, parseLog } from "../../../core/rotation/log.mjs";
import { inWorktree } from "../../../sandbox/world/engine.js";
import { makeIdentity } from "../../../sandbox/world/identities.js";
import { converge, numbered, teamWith } from "../../support/program.js";
import { useWorld } from "../../support/world.js";

const SOURCES = ["github-actions", "shared", "stack", "vps-h1", "vps-i1"];
const RULES = ".sops.yaml";

describe("people who come and go", () => {
  const world = useWorld({ secrets: teamWith(numbered(2)) });
  let anna = "";
  const work = (...path: string[]) => join(world().paths.work, ...path);
  const text = (path: string) => readFileSync(work(path), "utf8");
  const run = (args: readonly string[], env: Record<string, string> = {}, input = "") =>
    inWorktree(world(), process.execPath, ["cli/p24.mjs", ...args], { env, input });
  const git = async (...args: string[]) => (await inWorktree(world(), "git", args)).stdout.trim();
  const identity = (name: string) => join(world().paths.dir, "people", `${name}.txt`);
  const as = (name: string) => ({ SOPS_AGE_KEY_FILE: identity(name), SOPS_AGE_KEY: "" });
  const made = (name: string) => makeIdentity(join(world().paths.dir, "people"), name);
  /** The sources that plain sops opens with this identity and no other. */
  const opens = async (name: string) => {
    const ended = await Promise.all(
      SOURCES.map((source) =>
        inWorktree(world(), "sops", ["decrypt", `secrets/${source}.sops.yaml`], { env: as(name) }),
      ),
    );
    return SOURCES.filter((_, index) => ended[index]?.code === 0);
  };
  const done = async (args: readonly string[], env: Record<string, string> = {}) => {
    const result = await run(args, env);
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result.stdout;
  };
  const refused = async (args: readonly string[], said: RegExp, env: Record<string, string> = {}) => {
    const before = [text(RULES), await git("rev-parse", "HEAD"), await git("status", "--porcelain")];
    const { code, stdout, stderr } = await run(args, env);
    assert.equal(code, 3, stdout + stderr);
    assert.match(stderr, said);
    assert.deepEqual([text(RULES), await git("rev-parse", "HEAD"), await git("status", "--porcelain")], before);
    return stdout + stderr;
  };

  before(async function () {
    this.timeout(300_000);
    await converge(world());
    anna = await made("anna");
  });

  it("onboard lets the new identity open everything that developers open, in one commit", async () => {
    assert.deepEqual(await opens("anna"), []);
    const stdout = await done(["onboard", "dev_anna", anna]);
    assert.match(
      stdout,
      /^dev_anna can open what the developers can, commit [0-9a-f]{12} \(chore\(secrets\): onboard dev_anna\)\./,
    );
    assert.match(
      stdout,
      /\n {2}npm run p24 -- host install vps-i1\n {2}npm run p24 -- host install vps-h1\n {2}git push\n$/,
    );
    assert.deepEqual(await opens("anna"), SOURCES);
    assert.equal(await git("log", "-1", "--format=%s"), "chore(secrets): onboard dev_anna");
    assert.deepEqual((await git("show", "--name-only", "--format=", "HEAD")).split("\n"), [
      RULES,
      ...SOURCES.map((source) => `secrets/${source}.sops.yaml`),
    ]);
    assert.equal(await git("status", "--porcelain"), "");
    assert.match(text(RULES), /\n {2}- &dev_radieu age1\S+\n {2}- &dev_anna age1\S+\n {2}- &gha_runner /);
    await converge(world());
  });

  it("onboard again changes nothing", async () => {
    const head = await git("rev-parse", "HEAD");
    assert.equal(
      await done(["onboard", "dev_anna", anna]),
      "dev_anna is there already, with this recipient; nothing was changed.\n",
    );
    assert.equal(await git("rev-parse", "HEAD"), head);
  });

  it("onboard refuses what is taken, malformed or private, and repeats nothing of it", async () => {
    const secret = await generateX25519Identity();
    const other = await identityToRecipient(secret);
    await made("carla");
    await refused(
      ["onboard", "dev_anna", other],
      /dev_anna: is there already, with another recipient\. Repair: p24 rekey dev_anna RECIPIENT/,
    );
    await refused(["onboard", "dev_bert", anna], /dev_bert: would have the recipient that dev_anna has already/);
    await refused(["onboard", "bert", other], /^NAME: is no name of a developer/);
    assert.ok(!(await refused(["onboard", "dev_bert", secret], /private part/)).includes(secret));
    assert.ok(!(await refused(["onboard", secret, other], /private part/)).includes(secret));
    await refused(["onboard", "dev_bert", other], /is not encrypted to any of your age identities/, as("carla"));
  });

  it("onboard leaves other people's changes alone, and with --no-commit the commit to them", async () => {
    const other = await made("bert");
    const { stdout, code } = await inWorktree(
      world(),
      "sops",
      ["set", "--value-stdin", "secrets/shared.sops.yaml", '["smtp_user"]'],
      { input: '"x"' },
    );
    assert.equal(code, 0, stdout);
    await refused(["onboard", "dev_bert", other], /shared\.sops\.yaml: has changes that are not committed/);
    await git("restore", ".");
    assert.match(
      await done(["onboard", "dev_bert", other, "--no-commit"]),
      /\n {2}git commit -m "chore\(secrets\): onboard dev_bert" -- \.sops\.yaml secrets/,
    );
    assert.deepEqual(await opens("bert"), SOURCES);
    await git("restore", ".");
  });

  const allKeys = async () => {
    const listed = await Promise.all(
      SOURCES.map(async (source) => {
        const { stdout } = await inWorktree(world(), "sops", [
          "decrypt",
          "--output-type",
          "json",
          `secrets/${source}.sops.yaml`,
        ]);
        return Object.keys(JSON.parse(stdout)).map((key) => `secrets/${source}.sops.yaml ${key}`);
      }),
    );
    return listed.flat().sort();
  };
  interface Listed {
    readonly toRotate: readonly { secret: string; path: string; certain: boolean; steps: readonly string[] }[];
    readonly gone: readonly unknown[];
    readonly byHand: readonly { secret: string }[];
  }
  const listed = (stdout: string) => JSON.parse(stdout) as Listed;
  const namesOf = ({ toRotate }: Listed) =>
    toRotate.map(({ secret, path }) => `${path} ${secret.slice(secret.indexOf("/") + 1)}`).sort();

  it("offboard --dry-run lists what they still know, the sharpest first, and changes nothing", async () => {
    const head = await git("rev-parse", "HEAD");
    const list = listed(await done(["offboard", "dev_anna", "--dry-run", "--json"]));
    assert.deepEqual(namesOf(list), await allKeys());
    assert.deepEqual(
      list.toRotate.slice(0, 2).map(({ secret, steps }) => [secret, steps]),
      [
        ["payload_signing_key", ["npm run p24 -- rekey payload_signing_key"]],
        ["sync_ssh_key", ["npm run p24 -- rekey sync_ssh_key"]],
      ],
    );
    assert.equal(list.toRotate.at(-1)?.secret, "n8n_encryption_key");
    assert.ok(list.toRotate.every(({ certain }) => certain));
    assert.deepEqual(list.byHand.map(({ secret }) => secret).sort(), [
      "AGE_KEY_GHA",
      "P24_BOT_PRIVATE_KEY",
      "VPS_ROOT_SSH_KEY",
      "VPS_SSH_PRIVATE_KEY",
    ]);
    assert.deepEqual(
      [await git("rev-parse", "HEAD"), await git("status", "--porcelain"), await opens("anna")],
      [head, "", SOURCES],
    );
  });

  it("offboard takes a log that somebody deleted for their change", async () => {
    rmSync(join(world().paths.work, LOG_FILE));
    const { code, stderr } = await run(["offboard", "dev_anna", "--yes"]);
    assert.equal(code, 3, stderr);
    assert.match(
      stderr,
      /^docs\/secrets-rotation-log\.md: has changes that are not committed\. Repair: git commit or /m,
    );
    await git("restore", ".");
  });

  it("offboard refuses whoever runs it, the last developer, a stranger, a machine, and to go on without a yes", async () => {
    const own = { SOPS_AGE_KEY_FILE: join(world().paths.identities, "dev_radieu.txt") };
    await refused(
      ["offboard", "dev_radieu", "--yes"],
      /is an identity of this machine: you would lock yourself out/,
      own,
    );
    await refused(
      ["offboard", "dev_nobody", "--yes"],
      /never had the name that was given\. Repair: name one of: dev_radieu, dev_anna/,
    );
    await refused(["offboard", "vps_h1", "--yes"], /^NAME: is no name of a developer/);
    await refused(["offboard", "dev_anna"], /no terminal to ask on; nothing was changed\. Repair: --yes, or --dry-run/);
    await refused(["offboard", "dev_anna", "--yes", "--within", "soon"], /^--within: is no number of days/);
  });

  it("offboard leaves them nothing of the new commit, and a row for every value; the next up converges", async () => {
    const before = await allKeys();
    const list = listed(await done(["offboard", "dev_anna", "--yes", "--json", "--within", "3"]));
    assert.deepEqual(namesOf(list), before);
    assert.deepEqual(await opens("anna"), []);
    assert.doesNotMatch(text(RULES), /anna/);
    assert.equal(await git("log", "-1", "--format=%s"), "chore(secrets): offboard dev_anna");
    assert.equal(await git("status", "--porcelain"), "");
    const rows = parseLog(text(LOG_FILE)).filter(({ reason }) => reason === "offboard dev_anna");
    assert.deepEqual(
      rows.map(({ secret }) => secret),
      list.toRotate.map(({ secret }) => secret),
    );
    const inDays = rows.map(({ state, due }) => [state, Math.round((Date.parse(due ?? "") - Date.now()) / 86_400_000)]);
    assert.ok(inDays.every(([state, days]) => state === "to rotate" && days === 3));
    assert.deepEqual(await allKeys(), before);
    await converge(world());
  });

  it("neither an older data key nor the former list of recipients helps them", async () => {
    const { stdout } = await inWorktree(world(), "git", ["show", "HEAD~1:secrets/shared.sops.yaml"]);
    const former = join(world().paths.dir, "former.sops.yaml");
    writeFileSync(former, stdout);
    const { code } = await inWorktree(world(), "sops", ["decrypt", former], { env: as("anna") });
    assert.equal(code, 0, "history stays readable to them");
    // Their own copy of the data key, put into the new file.
    const entries = (source: string) => source.split(/(?=^ *- (?:enc|recipient):)/m);
    const own = entries(stdout).find((entry) => entry.includes(anna)) ?? "";
    const [head = "", , ...rest] = entries(text("secrets/shared.sops.yaml"));
    const forged = [head, own, ...rest].join("");
    writeFileSync(former, forged);
    const opened = await inWorktree(world(), "sops", ["decrypt", "--ignore-mac", former], { env: as("anna") });
    assert.notEqual(opened.code, 0);
    assert.notEqual(opened.code, 128, "the data key was opened; it opens no value");
  });

  it("offboard again lists what is left to rotate, and writes nothing twice", async () => {
    await done(["rotate", "smtp_password", "--generate", "password"]);
    const head = await git("rev-parse", "HEAD");
    const list = listed(await done(["offboard", "dev_anna", "--yes", "--json"]));
    assert.deepEqual(
      namesOf(list),
      (await allKeys()).filter((name) => !name.endsWith(" smtp_password")),
    );
    assert.equal(await git("rev-parse", "HEAD"), head);
    await converge(world());
    const { stdout } = await run(["confirm"]);
    const ofPassword = parseLog(text(LOG_FILE)).filter(({ secret }) => secret === "smtp_password");
    assert.deepEqual(
      ofPassword.map(({ reason, state }) => [reason, state]),
      [
        ["offboard dev_anna", "confirmed"],
        ["offboard dev_anna", "confirmed"],
      ],
      stdout,
    );
  });
});
