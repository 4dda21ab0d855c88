/**
 * Proves that a bootstrap which is killed at everything that it does goes on where the world is: each run is ended by SIGKILL at
 * the first point of its kind, before the call, in the midst of sops's writing, and after it; the next one resumes. At the end
 * nothing of what was typed or generated stands in clear anywhere in the folder, HOME, TMPDIR, git or a command line, and `up`
 * is green.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { Searcher } from "../../core/search/searcher.js";
import { canariesOf, type Named } from "../../sandbox/sweep/canaries.js";
import { filesBelow, gitObjects, type Sample } from "../../sandbox/sweep/places.js";
import { publicTextsOf } from "../../sandbox/sweep/sweep.js";
import { inWorktree } from "../../sandbox/world/engine.js";
import { useBareWorld } from "../support/bareWorld.js";
import { asLines, FLAGS, leftBeside, p24, stepsOf, templateValues } from "../support/bootstrap.js";
import { type KillPoints, layKillPoints } from "../support/killPoints.js";

const MOST_RUNS = 80;
const twice = (...points: string[]) => points.flatMap((point) => [`${point} after`, `${point} before`]);
const sources = (call: string) => [`${call}_other`, `${call}_stack`];

/** Everything at which it must have been killed. */
const EXPECTED = [
  ...twice(
    "git_add",
    "git_commit",
    "git_init",
    "pulumi_stack",
    "sops_unset_stack",
    ...sources("sops_encrypt"),
    ...sources("sops_set"),
  ),
  ...sources("sops_set").map((point) => `${point} torn`),
  ...twice(
    "rename__sops_yaml",
    "rename_Pulumi_sandbox_yaml",
    "rename_gha_key",
    "rename_keys_txt",
    "rename_other_sops_yaml",
    "rename_stack_sops_yaml",
  ),
].sort();

describe("a bootstrap that is killed at every step", () => {
  const world = useBareWorld();
  const values = templateValues();
  const outputs: Sample[] = [];
  let points: KillPoints;
  let env: Record<string, string>;

  before(async () => {
    const temporary = join(world().paths.dir, "tmp");
    await mkdir(temporary);
    const which = (name: string) =>
      execFileSync("sh", ["-c", `command -v ${name}`], { env: world().env, encoding: "utf8" }).trim();
    const originals = Object.fromEntries(["git", "sops", "pulumi", "ssh"].map((name) => [name, which(name)]));
    points = await layKillPoints(join(world().paths.dir, "points"), originals, world().env["PATH"] ?? "");
    env = { ...points.env, TMPDIR: temporary };
  });

  async function init() {
    const result = await p24(world(), ["init", "--json", ...FLAGS], asLines(values), env);
    outputs.push({ place: "output", where: "init", content: Buffer.from(result.stdout + result.stderr) });
    return result;
  }

  it("goes on each time, to its end", async function () {
    this.timeout(1_200_000);
    let runs = 0;
    let killed = 0;
    for (;;) {
      const { code, stdout, stderr } = await init();
      runs += 1;
      assert.ok(runs < MOST_RUNS, `still being killed: ${(await points.killed()).join(", ")}`);
      if (code !== -1) {
        assert.equal(code, 5, stdout + stderr);
        const { "GitHub secrets": github, "1Password": safe, "first up": up, ...others } = stepsOf({ stdout });
        assert.deepEqual(
          [github, safe, up, [...new Set(Object.values(others))]],
          ["human", "yours", "needs", ["done"]],
        );
        break;
      }
      killed += 1;
      assert.equal((await points.killed()).length, killed, "each run is killed once, at a new point");
    }
    const all = (await points.killed()).sort();
    const [hosts, others] = [/^ssh/, /^(?!ssh)/].map((form) => all.filter((point) => form.test(point)));
    assert.deepEqual(others, EXPECTED);
    assert.equal(hosts?.length, 2 * 2, "both hosts' installations");
  });

  it("leaves nothing half-written, and every value as it was typed", async () => {
    assert.deepEqual(
      leftBeside(world().paths.work).filter((name) => !name.startsWith("node_modules")),
      [],
    );
    for (const { secret, value } of values) {
      const [source = "", key = ""] = secret.split("/");
      const args = ["decrypt", "--extract", `["${key}"]`, `secrets/${source}.sops.yaml`];
      assert.equal((await inWorktree(world(), "sops", args)).stdout, value, secret);
    }
  });

  it("leaves no value in clear anywhere, neither typed nor generated", async () => {
    const searcher = new Searcher(
      canariesOf([...values, ...(await generated())], await publicTextsOf(world().hosts.values())),
    );
    const found: string[] = [];
    const look = ({ place, where, content }: Sample) => {
      found.push(...searcher.find(content).map(({ secret, form }) => `${secret} (${form}) in ${place}: ${where}`));
    };
    const { paths } = world();
    const folders = [paths.home, paths.work, paths.backend, paths.pulumiHome, join(paths.dir, "tmp"), paths.hosts];
    for (const sample of folders.flatMap((folder) => [...filesBelow("sandbox", folder, paths.dir)])) {
      // Where the identities are made is where they belong.
      if (!/(?:sops\/age\/(?:keys\.txt|gha\.key)|\.age\/secrets\.key)$/.test(sample.where)) {
        look(sample);
      }
    }
    for await (const sample of gitObjects(paths.work, world().env)) {
      look(sample);
    }
    outputs.forEach(look);
    look({ place: "arguments", where: "of all programs", content: Buffer.from(await points.calls()) });
    assert.deepEqual([...new Set(found)], []);
    assert.ok(searcher.searched > 1_000_000);
  });

  it("then is green", async function () {
    this.timeout(300_000);
    const up = await p24(world(), ["pulumi", "--", "up", "--yes", "--skip-preview", "--non-interactive"]);
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.match(up.stdout, /\nEvery place is equal to git at [0-9a-f]{12}\.\n$/);
  });

  /** What init made itself, and the private parts of the identities. */
  async function generated(): Promise<Named[]> {
    const { stdout } = await inWorktree(world(), "sops", [
      "decrypt",
      "--output-type",
      "json",
      "secrets/stack.sops.yaml",
    ]);
    const own = Object.entries(JSON.parse(stdout) as Record<string, string>);
    const folder = join(world().paths.home, ".config/sops/age");
    const identities = await Promise.all(
      ["keys.txt", "gha.key"].map(async (name) => {
        const text = await readFile(join(folder, name), "utf8");
        return { secret: `identity/${name}`, value: /AGE-SECRET-KEY-1[0-9A-Z]+/.exec(text)?.[0] ?? "" };
      }),
    );
    return [...own.map(([key, value]) => ({ secret: `stack/${key}`, value })), ...identities];
  }
});
