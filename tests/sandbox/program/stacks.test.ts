/**
 * Two stacks of one repository, each with hosts of its own, as docs/scale.md divides them: by group for a matrix of runners, or
 * by region. What it does not prove: runners; both run here, side by side in one checkout.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { commit, inWorktree, p24, preview, rotate } from "../../../sandbox/world/engine.js";
import { OWNER } from "../../../sandbox/world/github.js";
import { numbered, REPOSITORY, teamWith } from "../../support/program.js";
import { useWorld } from "../../support/world.js";

interface StackFile {
  readonly config: Readonly<Record<string, unknown>>;
}

describe("two stacks with hosts of their own", () => {
  const world = useWorld({ secrets: teamWith(numbered(3)) });
  const file = (stack: string) => join(world().paths.work, `Pulumi.${stack}.yaml`);
  const read = async (stack: string) => parse(await readFile(file(stack), "utf8")) as StackFile;
  const write = async (stack: string, changed: Readonly<Record<string, unknown>>) => {
    const { config, ...rest } = await read(stack).catch(() => read("sandbox"));
    await writeFile(file(stack), stringify({ ...rest, config: { ...config, ...changed } }));
  };
  /** As the matrix's jobs name their stack. */
  const up = (stack: string) =>
    inWorktree(
      world(),
      process.execPath,
      ["cli/p24.mjs", "pulumi", "--", "up", "--yes", "--skip-preview", "--non-interactive"],
      { env: { PULUMI_STACK: stack } },
    );
  const upBoth = async () => {
    for (const done of await Promise.all(["sandbox", "west"].map(up))) {
      assert.equal(done.code, 0, done.stdout + done.stderr);
    }
  };
  const env = (name: "vps-i1" | "vps-h1") => world().hosts.get(name)?.readEnv() ?? "";
  const writesAtGithub = () => world().github.requests.filter(({ method }) => method === "PUT").length;

  before(async function () {
    this.timeout(300_000);
    const done = await up("sandbox");
    assert.equal(done.code, 0, done.stdout + done.stderr);
  });

  it("lets one take over a host of the other: no file and no service is touched", async () => {
    const { config } = await read("sandbox");
    const hosts = config["p24-infra:hosts"] as Record<string, unknown>;
    await write("west", {
      "p24-infra:github": { owner: OWNER, repositories: [] },
      "p24-infra:hosts": { "vps-h1": hosts["vps-h1"] },
    });
    const made = await p24(world(), "pulumi", "--", "stack", "init", "west", "--non-interactive");
    assert.equal(made.code, 0, made.stderr);
    await write("sandbox", { "p24-infra:hosts": { "vps-i1": hosts["vps-i1"] } });
    await commit(world(), "feat: a stack for the west");
    const services = async () => (await world().hosts.get("vps-h1")?.services())?.map(({ id }) => id);
    const [text, running] = [env("vps-h1"), await services()];
    await upBoth();
    assert.deepEqual([env("vps-h1"), await services()], [text, running]);
  });

  it("brings a rotated shared value to the hosts of both, run side by side", async () => {
    await rotate(world(), "shared", "smtp_user", "both@example.test");
    const before = writesAtGithub();
    await upBoth();
    for (const name of ["vps-i1", "vps-h1"] as const) {
      assert.match(env(name), /^SMTP_USER=both@example\.test$/m, name);
    }
    for (const stack of ["sandbox", "west"]) {
      const planned = await preview(world(), "--stack", stack);
      assert.deepEqual([planned.code, planned.changes], [0, []], planned.stdout);
    }
    assert.equal(writesAtGithub(), before, "GitHub's secrets are none of the second's business");
  });

  /** Whose plugins the stack's runs start; the engine's own is none. */
  const plugins = async (stack: string) => {
    const { stdout } = await inWorktree(world(), "pulumi", ["stack", "export", "--stack", stack]);
    return [...new Set(stdout.match(/pulumi:providers:(?!pulumi\b)\w+/g))].sort();
  };

  it("starts no plugin that the second has no place for", async () => {
    assert.deepEqual(await plugins("west"), ["pulumi:providers:command"]);
  });

  it("lets the last host and the last repository go with their plugins, and touches nothing there", async () => {
    const before = writesAtGithub();
    const text = env("vps-h1");
    await write("west", { "p24-infra:hosts": {} });
    await commit(world(), "feat: nothing is left in the west");
    const done = await up("west");
    assert.equal(done.code, 0, done.stdout + done.stderr);
    await write("sandbox", { "p24-infra:github": { owner: OWNER, repositories: [] } });
    await commit(world(), "feat: no repository");
    const gone = await up("sandbox");
    assert.equal(gone.code, 0, gone.stdout + gone.stderr);
    assert.deepEqual([await plugins("west"), await plugins("sandbox")], [[], ["pulumi:providers:command"]]);
    assert.equal(env("vps-h1"), text);
    assert.equal(writesAtGithub(), before);
    assert.equal(world().github.secretsOf(OWNER, REPOSITORY).length, 3);
    await inWorktree(world(), "git", ["revert", "--no-edit", "HEAD", "HEAD~1"]);
    await upBoth();
    assert.deepEqual(await plugins("sandbox"), ["pulumi:providers:command", "pulumi:providers:github"]);
  });

  it("would have the second write GitHub's secrets anew if both had the repository", async () => {
    await write("west", { "p24-infra:github": { owner: OWNER, repositories: [REPOSITORY] } });
    const planned = await preview(world(), "--stack", "west");
    const created = planned.changes.filter((change) => change.startsWith("create github:index/actionsSecret"));
    assert.equal(created.length, 3, planned.changes.join("\n"));
    await inWorktree(world(), "git", ["restore", "."]);
  });

  it("refuses an inventory that sends a secret to a host of the other stack by name", async () => {
    const inventory = join(world().paths.work, "inventory.yaml");
    const text = await readFile(inventory, "utf8");
    await writeFile(inventory, text.replace(/^ {2}smtp_user:\n/m, "$&    to: [vps-h1]\n"));
    const seen = await p24(world(), "status", "--stack", "sandbox");
    assert.equal(seen.code, 3, seen.stdout);
    assert.match(seen.stderr, /inventory\.yaml: secrets\.smtp_user\.to: names the unknown place "vps-h1"/);
    await inWorktree(world(), "git", ["restore", "."]);
  });
});
