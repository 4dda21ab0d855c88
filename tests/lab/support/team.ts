/** The team's world with machines as hosts: what the fault tables share. */
import assert from "node:assert/strict";
import { lstatSync } from "node:fs";

import { type LabHost, startLabHost } from "../../../lab/host.js";
import { canariesOf, teamValues } from "../../../sandbox/sweep/canaries.js";
import { valuesInHistory } from "../../../sandbox/sweep/history.js";
import { type Watch, watchProcesses } from "../../../sandbox/sweep/processes.js";
import { Searcher } from "../../../core/search/searcher.js";
import { publicTexts } from "../../../sandbox/sweep/sweep.js";
import { type CommandResult, rotate, up } from "../../../sandbox/world/engine.js";
import type { HostName } from "../../../sandbox/world/hosts.js";
import type { World, WorldOptions } from "../../../sandbox/world/world.js";
import { canary } from "../../support/canary.js";
import { converge, teamWith } from "../../support/program.js";
import { useWorld } from "../../support/world.js";
import { findingsOn } from "./search.js";

/** Only vps-i1 has this one, and one of its services. */
const CHANGING = { source: "vps-i1", key: "loki_tenant_secret", name: "LOKI_TENANT_SECRET" };

/** Seldom, because it costs: what lives shorter is looked at by the sweep of `npm run prove`. */
const EVERY_MS = 20;

/** A converged team, whose every printed word and every process is watched. */
export class Team {
  /** Git's value of what {@link change} changes. */
  #value = "";
  #watch: Watch | undefined;
  readonly #printed: string[] = [];

  constructor(private readonly current: () => World) {}

  get world(): World {
    return this.current();
  }

  host(name: HostName = "vps-i1"): LabHost {
    return this.world.hosts.get(name) as LabHost;
  }

  /** Git gets a new value for vps-i1. */
  async change(): Promise<void> {
    this.#value = canary();
    await rotate(this.world, CHANGING.source, CHANGING.key, this.#value);
  }

  /** `up` that must fail, say all this, and name vps-i1 as the only place that is not equal to git. */
  async fails(...said: readonly string[]): Promise<CommandResult> {
    const done = await up(this.world);
    assert.notEqual(done.code, 0, done.stdout);
    for (const words of said) {
      assert.ok(done.stdout.includes(words), `${words}\n\n${done.stdout}`);
    }
    assert.match(done.stdout, /\nNot equal to git: host:vps-i1\.\n$/);
    return done;
  }

  /** `up` that must converge: the file has git's value, and the services run with it. */
  async converges(): Promise<void> {
    await converge(this.world);
    assert.equal(valueIn(this.host().readEnv()), this.#value);
    await this.answersLikeTheFile();
  }

  /** The file is whole, root's alone, and what every service really runs with. */
  async answersLikeTheFile(name: HostName = "vps-i1"): Promise<void> {
    const host = this.host(name);
    const { mode, uid } = lstatSync(host.path(`${host.directory}/.env`));
    assert.deepEqual([(mode & 0o777).toString(8), uid], ["600", 0]);
    const text = host.readEnv() ?? "";
    assert.equal(text.match(/^[A-Z0-9_]+=/gm)?.length, 26, "every name is there");
    const answers = await this.answers(name);
    assert.equal(answers.size, (await host.services()).length);
    const withAll = answers.get(name === "vps-i1" ? "mailer" : "n8n") ?? "";
    assert.equal(valueIn(withAll.replaceAll("\0", "\n")), valueIn(text));
  }

  /** Service to what its first process says that it runs with. Whoever does not answer is not in it. */
  async answers(name: HostName): Promise<Map<string, string>> {
    const host = this.host(name);
    const answers = await Promise.all(
      (await host.services()).map(async ({ name: service, id }) => {
        const { code, stdout } = await host.machine.run(["docker", "exec", id, "cat", "/proc/1/environ"]);
        return code === 0 ? [[service, stdout] as const] : [];
      }),
    );
    return new Map(answers.flat());
  }

  /** From now on every word that a command prints and the arguments of every process are kept. */
  async listen(): Promise<void> {
    this.world.heard = ({ stdout, stderr }) => this.#printed.push(stdout, stderr);
    this.#watch = await watchProcesses(`PULUMI_HOME=${this.world.paths.pulumiHome}`, [], EVERY_MS);
  }

  async close(): Promise<void> {
    await this.#watch?.stop();
  }

  /** Every value that git ever held, wherever it came out. */
  async leaks(): Promise<string[]> {
    const { samples = [], started = 0 } = (await this.#watch?.stop()) ?? {};
    assert.ok(this.#printed.length > 4 && started > 100, "it was listened and looked");
    const values = [...teamValues(this.world.secrets), ...(await valuesInHistory(this.world))];
    const searcher = new Searcher(canariesOf(values, await publicTexts(this.world)));
    const find = (where: string, content: Buffer) => searcher.find(content).map(({ secret }) => `${where}: ${secret}`);
    return [
      ...this.#printed.flatMap((text) => find("printed", Buffer.from(text))),
      ...samples.flatMap(({ place, where, content }) => (place === "arguments" ? find(where, content) : [])),
      ...(await findingsOn(this.host("vps-i1"), searcher)),
      ...(await findingsOn(this.host("vps-h1"), searcher)),
    ];
  }
}

/** Call it inside `describe`, use the team inside tests, and end the suite with {@link findsNothing}. */
export function useTeam(options: Partial<WorldOptions> = {}): Team {
  const world = useWorld({ secrets: teamWith({ name_01: canary() }), ...options, startHost: startLabHost });
  const team = new Team(world);
  before("every place is equal to git", async function () {
    this.timeout(120_000);
    await team.listen();
    await team.change();
    await team.converges();
  });
  after(() => team.close());
  return team;
}

/** The last test of a suite: no value in all that was printed, in any process's arguments, or on the machines. */
export function findsNothing(team: Team): void {
  it("no value was printed, stood in an argument or lies about", async () => {
    assert.deepEqual(await team.leaks(), []);
  });
}

function valueIn(text = ""): string | undefined {
  return new RegExp(`^${CHANGING.name}=(.*)$`, "m").exec(text)?.[1];
}
