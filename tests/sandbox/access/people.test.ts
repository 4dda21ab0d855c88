/**
 * Somebody comes and goes, and identities are replaced, with the real sops, git, engine and host program against emulated
 * services: who can open what after each step, what has to be rotated, and that the next `up` converges.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { generateX25519Identity, identityToRecipient } from "age-encryption";

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
});
