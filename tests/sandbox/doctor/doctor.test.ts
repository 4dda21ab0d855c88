/**
 * Proves what doctor sees of the hook, the backend and the places, with the real engine, sops, git and hook, and that each of the
 * spec's acceptance criteria can be met and is then found to be. GitHub, hosts and the rotation log's rows are the sandbox's.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Criterion } from "../../../cli/doctor/acceptance.js";
import type { Diagnosis } from "../../../cli/doctor/check.js";
import { commit, inWorktree, p24 } from "../../../sandbox/world/engine.js";
import { leaked } from "../../support/canary.js";
import { converge, numbered, teamWith } from "../../support/program.js";
import { useWorld } from "../../support/world.js";

const LOG = "docs/secrets-rotation-log.md";
const WORKFLOW = "on: push\njobs:\n  check:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm run check\n";

describe("doctor in a world", () => {
  const world = useWorld({ secrets: teamWith(numbered(2)) });
  const values = () => Object.values(world().secrets).flatMap((source) => Object.values(source));

  /** Exit code, and what is not in order. */
  async function doctor(env: Record<string, string> = {}): Promise<[code: number, found: string[]]> {
    const { code, stdout, stderr } = await inWorktree(world(), process.execPath, ["cli/p24.mjs", "doctor", "--json"], {
      env,
    });
    assert.deepEqual(leaked(stdout + stderr, values()), []);
    const { findings } = JSON.parse(stdout) as { findings: Diagnosis[] };
    const open = findings.filter(({ grade, what }) => grade !== "ok" && !what.startsWith("gh is not on PATH"));
    assert.ok(open.every(({ repair }) => repair !== undefined));
    return [code, open.map(({ grade, area, what }) => `${grade} ${area}: ${what}`).sort()];
  }

  it("finds a clone without the hook, and places that wait for their first up", async () => {
    assert.deepEqual(await doctor(), [
      3,
      [
        "fault hook: git starts no hooks in this clone",
        "warn places: github:radieu/p24-infra is not equal to git: missing",
        "warn places: host:vps-h1 is not equal to git: missing",
        "warn places: host:vps-i1 is not equal to git: missing",
      ],
    ]);
  });

  it("finds nothing once the hook is there and everything converged", async function () {
    this.timeout(120_000);
    assert.equal((await p24(world(), "hook", "install")).code, 0);
    await converge(world());
    assert.deepEqual(await doctor(), [0, []]);
  });

  it("tells what could not be asked from what is wrong", async () => {
    await world().hosts.get("vps-h1")?.down();
    const [code, [down, ...others]] = await doctor();
    assert.deepEqual([code, others], [5, []]);
    assert.match(down ?? "", /^unknown places: host vps-h1: cannot be reached/);
    await world().hosts.get("vps-h1")?.up();
    const [without, [backend, ...rest]] = await doctor({ PULUMI_BACKEND_URL: `file://${world().paths.dir}/nowhere` });
    assert.equal(without, 3, [backend, ...rest].join("\n"));
    assert.ok([backend, ...rest].some((line) => /backend: .*nowhere does not answer$/.test(line ?? "")));
  });

  it("finds an identity that others can read, and a host whose identity is", async () => {
    const mine = world().env["SOPS_AGE_KEY_FILE"] ?? "";
    const its = join(world().hosts.get("vps-i1")?.root ?? "", "root/.age/secrets.key");
    await Promise.all([chmod(mine, 0o640), chmod(its, 0o640)]);
    const [code, found] = await doctor();
    assert.equal(code, 3);
    assert.ok(
      found.some((line) => line.endsWith("can be read by others (mode 640)")),
      found.join("\n"),
    );
    assert.ok(found.includes("fault places: host vps-i1 has an age identity that others can read"), found.join("\n"));
    await Promise.all([chmod(mine, 0o600), chmod(its, 0o600)]);
  });

  it("counts the acceptance criteria, each with its evidence, until all are met", async function () {
    this.timeout(120_000);
    const table = async () => {
      const { code, stdout } = await p24(world(), "doctor", "--acceptance", "--json");
      const { criteria } = JSON.parse(stdout) as { criteria: Criterion[] };
      return { code, verdicts: criteria.map(({ verdict }) => verdict), said: stdout };
    };
    // A checkout's own workflows stand in the clone through a link, and are not written to.
    const hasWorkflows = existsSync(join(world().paths.work, ".github"));
    const first = await table();
    assert.deepEqual(
      [first.code, first.verdicts],
      [3, ["not met", "met", "met", "not met", "met", "met", hasWorkflows ? "met" : "not met", "not met"]],
      first.said,
    );

    const work = world().paths.work;
    const log = await readFile(join(work, LOG), "utf8");
    const drill =
      "| 2026-11-26 | smtp_password | drill | radieu | yes, 2026-11-26T04:22:11Z, drill: 0:42 from the edit to verified |\n";
    await writeFile(
      join(work, LOG),
      log.replaceAll("PENDING - rotate during bootstrap", "yes, 2026-11-26T04:22:11Z") + drill,
    );
    if (!hasWorkflows) {
      await mkdir(join(work, ".github/workflows"), { recursive: true });
      await writeFile(join(work, ".github/workflows/ci.yml"), WORKFLOW);
    }
    await commit(world(), "test: what the criteria ask for");
    const last = await table();
    assert.deepEqual([last.code, [...new Set(last.verdicts)]], [0, ["met"]], last.said);
    const { code, stdout } = await p24(world(), "doctor", "--acceptance");
    assert.deepEqual([code, /\n8 of 8 acceptance criteria are met\.\n$/.test(stdout)], [0, true], stdout);
  });
});
