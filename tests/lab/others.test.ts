/**
 * One bad place does not stop the others, through the whole program on machines: with one host down at the preview, or
 * between the preview and the `up`, GitHub and the other host converge, the run ends red and names the one, and the next run
 * repairs it. All of it with a GitHub whose clock is a day ahead, at last with a program whose clock is a day behind as well:
 * GitHub's times are compared with its own only, and a payload's serial goes on above the last one when the clock is behind. Not shown: another clock of the engine
 * or of a host, which have this machine's; certificates of the real GitHub, which have a time; a GitHub whose clock goes back
 * (writes are then not taken for confirmed, and the run ends red).
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { inWorktree, p24, preview, rotate, up } from "../../sandbox/world/engine.js";
import { OWNER } from "../../sandbox/world/github.js";
import { canary } from "../support/canary.js";
import { openAt, REPOSITORY } from "../support/program.js";
import { findsNothing, useTeam } from "./support/team.js";

const DAY_MS = 86_400_000;
const PLACE = `github:${OWNER}/${REPOSITORY}`;
const [I1, H1, NAME_01] = [
  "update command:remote:Command vps-i1",
  "update command:remote:Command vps-h1",
  `update github:index/actionsSecret:ActionsSecret ${REPOSITORY}/NAME_01`,
];

describe("one host is down, and clocks are a day off", () => {
  const team = useTeam({ github: { now: () => new Date(Date.now() + DAY_MS) } });
  const atGitHub = () => team.world.github.secretsOf(OWNER, REPOSITORY).map(({ name, value }) => [name, value]);
  const down = () =>
    `host vps-i1: cannot be reached at 127.0.0.1 port ${String(team.host().port)}. Repair: start the host or correct its address in the settings`;

  /** New values for all three places. */
  async function changeEverywhere(): Promise<{ readonly user: string; readonly atGitHub: string }> {
    const values = { user: canary(), atGitHub: canary() };
    await rotate(team.world, "shared", "smtp_user", values.user);
    await rotate(team.world, "github-actions", "name_01", values.atGitHub);
    await team.change();
    return values;
  }

  /** `up` with vps-i1 down, then the run that repairs it. */
  async function othersConverge(values: { readonly user: string; readonly atGitHub: string }): Promise<void> {
    const before = team.host().readEnv();
    await team.fails(`\n    ! ${down()}\n`, `\n${PLACE}  in sync (recorded)  1 in sync\n`);
    assert.deepEqual(atGitHub(), [["NAME_01", values.atGitHub]]);
    assert.ok(team.host("vps-h1").readEnv()?.includes(`SMTP_USER=${values.user}\n`));
    await team.answersLikeTheFile("vps-h1");
    assert.equal(team.host().readEnv(), before);
    await team.answersLikeTheFile();
    const started = await team.host("vps-h1").services();
    await team.host().up();
    await team.converges();
    assert.ok(team.host().readEnv()?.includes(`SMTP_USER=${values.user}\n`));
    assert.deepEqual(await team.host("vps-h1").services(), started, "nothing is started anew where all was well");
  }

  it("at the preview: it says so and plans the others, which converge", async () => {
    const values = await changeEverywhere();
    await team.host().down();
    const planned = await preview(team.world);
    assert.equal(planned.code, 0);
    assert.ok(
      planned.report.includes(`host:vps-i1              unreachable (unreachable)  26 unreachable\n    ! ${down()}`),
    );
    assert.deepEqual(planned.changes, [H1, I1, NAME_01]);
    const { code } = await p24(team.world, "status");
    assert.equal(code, 5);
    await othersConverge(values);
  });

  it("between the preview and the up, with the program's clock a day behind", async () => {
    await turnBackTheProgramsClock();
    const values = await changeEverywhere();
    const planned = await preview(team.world);
    assert.deepEqual(planned.changes, [H1, I1, NAME_01]);
    await team.host().down();
    await othersConverge(values);
  });

  async function turnBackTheProgramsClock(): Promise<void> {
    team.world.env["NODE_OPTIONS"] = `--require=${join(__dirname, "support/shifted-clock.cjs")}`;
    team.world.env["CLOCK_OFF_BY_MS"] = String(-DAY_MS);
    const { stdout } = await inWorktree(team.world, process.execPath, ["--print", "Math.max(Date.now(), new Date())"]);
    assert.ok(Math.abs(Number(stdout) + DAY_MS - Date.now()) < 60_000, stdout);
  }

  it("a write behind the program's back is seen with clocks two days apart, and nothing else is", async () => {
    assert.deepEqual((await preview(team.world)).changes, []);
    team.world.github.setSecret(OWNER, REPOSITORY, "NAME_01", "by hand");
    const planned = await preview(team.world);
    assert.deepEqual(openAt(planned.report, PLACE), ["NAME_01 differs"]);
    assert.deepEqual(planned.changes, [NAME_01]);
    assert.equal((await up(team.world)).code, 0);
    assert.deepEqual((await preview(team.world)).changes, []);
  });

  findsNothing(team);
});
