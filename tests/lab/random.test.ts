/**
 * 60 operations in random order against the whole program on machines with real sshd and Docker: git's values are rotated;
 * files and GitHub's secrets are edited and deleted by hand; daemons are restarted; hosts go and come back; runs whose host
 * program is killed at a random call; runs that are left alone. After each the files are what a model says; every run
 * converges exactly the places that are there and names the others; no name is ever lost; at the end all is equal to git.
 * P24_SEED repeats the operations. What a machine does while it is cut off in other ways: tests/lab/interrupted.test.ts.
 */
import assert from "node:assert/strict";

import { preview, rotate, up } from "../../sandbox/world/engine.js";
import { OWNER } from "../../sandbox/world/github.js";
import { HOST_NAMES, type HostName } from "../../sandbox/world/hosts.js";
import { canary } from "../support/canary.js";
import type { Interrupter } from "../support/interrupter.js";
import { REPOSITORY } from "../support/program.js";
import { generator, SEED } from "../support/random.js";
import { interruptLab } from "./support/interrupted.js";
import { findsNothing, useTeam } from "./support/team.js";

const OPERATIONS = 60;
/** More than the calls of a run: some kills come too late. */
const CALLS = 130;

describe("random operations against a model", () => {
  const team = useTeam();
  const random = generator(SEED);
  const one = <T>(of: readonly T[]): T => of[random(of.length)] as T;
  /** What git says of the secrets that are rotated: every host has the first, vps-i1 the second, GitHub the third. */
  const git = new Map<string, string>();
  /** What stands in each host's file; `undefined` when there is none. */
  const files = new Map<HostName, string | undefined>();
  const away = new Set<HostName>();
  let interrupter: Interrupter<number>;
  let count = 0;

  const ROTATED = [
    ["shared", "smtp_user"],
    ["vps-i1", "loki_tenant_secret"],
    ["github-actions", "name_01"],
  ] as const;

  async function rotates([source, key]: readonly [string, string]): Promise<void> {
    const value = canary();
    git.set(key.toUpperCase(), value);
    await rotate(team.world, source, key, value);
  }

  /** What the file of a host would be after an apply: all names, and git's values. */
  function isGits(name: HostName, text: string | undefined): boolean {
    const values = ["SMTP_USER", ...(name === "vps-i1" ? ["LOKI_TENANT_SECRET"] : [])];
    return (
      text?.match(/^[A-Z0-9_]+=/gm)?.length === 26 &&
      text.includes("\nTZ=Europe/Warsaw\n") &&
      values.every((value) => text.includes(`${value}=${git.get(value) ?? ""}\n`))
    );
  }

  /** A run: it converges whom it can reach, and names the others. */
  async function runs(): Promise<void> {
    const { code, stdout } = await up(team.world);
    for (const name of HOST_NAMES.filter((one) => !away.has(one))) {
      const text = team.host(name).readEnv();
      assert.ok(isGits(name, text), `${name} has git's values`);
      files.set(name, text);
      await team.answersLikeTheFile(name);
    }
    const [secret] = team.world.github.secretsOf(OWNER, REPOSITORY);
    assert.equal(secret?.value, git.get("NAME_01"));
    const open = [...away].sort().map((name) => `host:${name}`);
    assert.equal(code === 0, open.length === 0, stdout);
    assert.match(stdout, open.length === 0 ? /\nEvery place is equal to git at / : /\nNot equal to git: /);
    assert.ok(open.length === 0 || stdout.endsWith(`\nNot equal to git: ${open.join(", ")}.\n`), stdout);
  }

  /** A run whose host program on vps-i1 dies at some call, in a look or in an apply. */
  async function isKilled(): Promise<void> {
    const former = files.get("vps-i1");
    await interrupter.apply("", 1 + random(CALLS), one(["program", "everything"]));
    const text = team.host().readEnv();
    assert.ok(text === former || isGits("vps-i1", text), "the old file or the new one, whole");
    files.set("vps-i1", text);
    files.set("vps-h1", team.host("vps-h1").readEnv());
    assert.ok(away.has("vps-h1") || isGits("vps-h1", files.get("vps-h1")), "the other host does not mind");
    assert.ok((await team.answers("vps-i1")).size === 5, "the services answer");
  }

  function edits(): void {
    const name = one([...HOST_NAMES, "github"] as const);
    const value = `by-hand-${String((count += 1))}`;
    if (name === "github") {
      team.world.github.setSecret(OWNER, REPOSITORY, "NAME_01", value);
    } else {
      const text = files.get(name)?.replace(/^TZ=.*$/m, `TZ=${value}`) ?? `TZ=${value}\n`;
      team.host(name).writeEnv(text);
      files.set(name, text);
    }
  }

  function deletes(): void {
    const name = one([...HOST_NAMES, "github"] as const);
    if (name === "github") {
      for (const secret of team.world.github.secretsOf(OWNER, REPOSITORY)) {
        team.world.github.deleteSecret(OWNER, REPOSITORY, secret.name);
      }
    } else {
      team.host(name).writeEnv(undefined);
      files.set(name, undefined);
    }
  }

  async function restartsDaemon(): Promise<void> {
    const name = one(HOST_NAMES);
    await team.host(name).setDaemon(false);
    await team.host(name).setDaemon(true);
    assert.ok((await team.answers(name)).size >= 4, "the services answer");
  }

  async function goesOrComesBack(): Promise<void> {
    const name = one(HOST_NAMES);
    await (away.delete(name)
      ? team.host(name).up()
      : team
          .host(name)
          .down()
          .then(() => away.add(name)));
  }

  const operations: readonly (readonly [often: number, name: string, run: () => Promise<void> | void])[] = [
    [4, "rotate", () => rotates(one(ROTATED))],
    [4, "edit", edits],
    [2, "delete", deletes],
    [3, "down or up", goesOrComesBack],
    [1, "restart the daemon", restartsDaemon],
    [1, "kill", isKilled],
    [1, "up", runs],
  ];
  const drawn = operations.flatMap(([often, name, run]) => Array.from({ length: often }, () => [name, run] as const));

  before(async () => {
    interrupter = await interruptLab(team.host(), async () => (await up(team.world)).code);
    for (const secret of ROTATED) {
      await rotates(secret);
    }
    await runs();
  });

  it(`${String(OPERATIONS)} operations, P24_SEED=${String(SEED)}`, async function () {
    this.timeout(300_000);
    const story: string[] = [];
    try {
      for (let step = 0; step < OPERATIONS; step += 1) {
        const [name, run] = one(drawn);
        story.push(name);
        await run();
        for (const [host, text] of files) {
          assert.equal(team.host(host).readEnv(), text);
        }
      }
    } catch (error) {
      assert.ok(error instanceof Error);
      error.message += `\nP24_SEED=${String(SEED)}: ${story.join(", ")}`;
      throw error;
    }
  });

  it("at the end all places are there again, and one run makes them equal to git", async () => {
    for (const name of [...away]) {
      await team.host(name).up();
      away.delete(name);
    }
    await runs();
    assert.deepEqual((await preview(team.world)).changes, []);
  });

  findsNothing(team);
});
