/**
 * The story once more with the state in an S3-compatible store that only `p24 pulumi` knows how to reach: the address is
 * in the settings, the credentials are in secrets/stack.sops.yaml, and the environment holds neither. The store is moto, a
 * stand-in that checks no credentials: what it does not prove is how a real store refuses wrong ones.
 */
import assert from "node:assert/strict";

import { commit, inWorktree, p24, rotate, up } from "../../sandbox/world/engine.js";
import { OWNER } from "../../sandbox/world/github.js";
import { makeTeamSecrets } from "../../sandbox/world/team.js";
import type { World } from "../../sandbox/world/world.js";
import { type S3Server, startS3 } from "../support/moto.js";
import { useWorld } from "../support/world.js";
import {
  converge,
  haltedUp,
  head,
  killedUp,
  LOCKED,
  numbered,
  openAt,
  REPOSITORY,
  writes,
} from "../support/program.js";

const team = makeTeamSecrets();
const backendSecrets = {
  backend_access_key_id: "an id of the store",
  backend_secret_access_key: "a secret of the store",
};
const OF_P24 = ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "SSH_AUTH_SOCK"];

describe("a stack whose state is in an S3-compatible store", () => {
  const sandbox = useWorld({
    secrets: { ...team, "github-actions": numbered(3), stack: { ...team.stack, ...backendSecrets } },
  });
  let store: S3Server | undefined;
  let world: World;

  before(async function () {
    this.timeout(300_000);
    store = await startS3("p24-state");
    const url = `s3://p24-state?endpoint=${store.url}&s3ForcePathStyle=true&region=us-east-1`;
    const set = await inWorktree(sandbox(), "pulumi", ["config", "set", "p24-infra:backend", url]);
    assert.equal(set.code, 0, set.stderr);
    await commit(sandbox(), "chore: the state moves to the store");
    const env = Object.entries(sandbox().env).filter(([name]) => !OF_P24.includes(name) && !name.startsWith("AWS_"));
    world = { ...sandbox(), env: Object.fromEntries(env) };
    const made = await pulumi("stack", "init", "sandbox", "--non-interactive");
    assert.equal(made.code, 0, made.stdout + made.stderr);
  });
  after(() => store?.close());

  const pulumi = (...args: string[]) => p24(world, "pulumi", "--", ...args);
  const converged = async () => (await pulumi("stack", "output", "converged")).stdout.trim();

  it("has a preview in which everything is to be created", async () => {
    const planned = await pulumi("preview", "--non-interactive");
    assert.equal(planned.code, 0, planned.stdout + planned.stderr);
    assert.match(planned.stdout, /\nResources:\n {4}\+ \d+ to create\n/);
    assert.deepEqual(openAt(planned.stdout.replaceAll("\n    ", "\n"), `github:${OWNER}/${REPOSITORY}`), [
      "NAME_01 missing",
      "NAME_02 missing",
      "NAME_03 missing",
    ]);
  });

  it("takes the first of two runs at once; the second changes nothing and says why", async () => {
    const first = await haltedUp(world, 1);
    const second = await up(world);
    const code = await first.resume(); // before anything can fail: a halted run would stay
    assert.equal(code, 0);
    assert.notEqual(second.code, 0);
    assert.ok(second.stderr.endsWith(LOCKED), second.stderr);
    assert.doesNotMatch(second.stdout, /creat|updat/);
    assert.deepEqual(writes(world), { NAME_01: 1, NAME_02: 1, NAME_03: 1 });
    assert.equal(await converged(), await head(world));
  });

  it("after a killed run is locked until the lock is taken away; then nothing is lost", async () => {
    await rotate(world, "github-actions", "name_02", "a second value");
    await killedUp(world, 1);
    const refused = await up(world);
    assert.notEqual(refused.code, 0);
    assert.ok(refused.stderr.endsWith(LOCKED), refused.stderr);
    assert.equal((await pulumi("cancel", "--yes")).code, 0);
    await converge(world);
    assert.equal(await converged(), await head(world));
    const there = world.github.secretsOf(OWNER, REPOSITORY).find(({ name }) => name === "NAME_02");
    assert.equal(there?.value, "a second value");
    const planned = await pulumi("preview", "--expect-no-changes", "--non-interactive");
    assert.equal(planned.code, 0, planned.stdout + planned.stderr);
  });

  it("keeps no state anywhere else, and is left as it is by destroy", async () => {
    const elsewhere = await inWorktree(sandbox(), "pulumi", ["stack", "export"]);
    assert.doesNotMatch(elsewhere.stdout, /ActionsSecret/);
    const done = await pulumi("destroy", "--yes", "--skip-preview", "--non-interactive");
    assert.equal(done.code, 0, done.stdout + done.stderr);
    assert.equal(world.github.secretsOf(OWNER, REPOSITORY).length, 3);
    assert.deepEqual([world.github.unhandled, world.fence.refused], [[], []]);
  });
});
