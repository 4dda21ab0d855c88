/**
 * Proves that a preview asks GitHub, sops and git as often for many secrets as for a few, and that a host adds one login and its
 * own source, however many there are; and that an `up` after a rotation asks for no login more. Calls
 * are counted, not seconds.
 */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { HostServer } from "../../../sandbox/hosts/server.js";
import { inWorktree, rotate } from "../../../sandbox/world/engine.js";
import { startTeamHost, type StartTeamHost } from "../../../sandbox/world/hosts.js";
import { makeStackSecrets, type TeamSecrets } from "../../../sandbox/world/team.js";
import type { World } from "../../../sandbox/world/world.js";
import { converge, numbered, teamWith } from "../../support/program.js";
import { useWorld } from "../../support/world.js";

const COUNTED = ["sops", "git"];
const LOGIN = "login";

/** Requests to GitHub by method, runs of programs, and logins, in one run of the engine. */
async function callsOf(world: World, command: string, ...args: readonly string[]): Promise<Record<string, number>> {
  const [folder, log] = [join(world.paths.dir, "counted"), join(world.paths.dir, "calls")];
  mkdirSync(folder, { recursive: true });
  writeFileSync(log, "");
  const path = world.env["PATH"] ?? "";
  writeFileSync(loginsOf(world.paths.hosts), "");
  for (const tool of COUNTED) {
    const script = `#!/bin/sh\necho ${tool} >>'${log}'\nPATH='${path}' exec ${tool} "$@"\n`;
    writeFileSync(join(folder, tool), script);
    chmodSync(join(folder, tool), 0o755);
  }
  const before = world.github.requests.length;
  const env = { PATH: `${folder}${delimiter}${path}` };
  const { code, stdout } = await inWorktree(world, command, [...args, "--non-interactive"], { env });
  assert.equal(code, 0, stdout);
  const calls = [
    ...world.github.requests.slice(before).map(({ method }) => method),
    ...readFileSync(log, "utf8").trimEnd().split("\n"),
    ...readFileSync(loginsOf(world.paths.hosts), "utf8").split("\n").filter(Boolean),
  ];
  return calls.reduce<Record<string, number>>((sum, call) => ({ ...sum, [call]: (sum[call] ?? 0) + 1 }), {});
}

const loginsOf = (hosts: string) => join(hosts, "logins");

/** A host that tells of every login in one file for all. */
const counting: StartTeamHost = (name, target, options) =>
  startTeamHost(name, target, {
    ...options,
    startServer: (wanted) => {
      const tell = `echo ${LOGIN} >>'${loginsOf(dirname(options.dir))}'; exec "$0" "$@"`;
      return new HostServer({ ...wanted, command: ["/bin/sh", "-c", tell, ...wanted.command] });
    },
  });

/** One service that runs with its whole .env. */
const ONE_SERVICE = { name: "app", composeFile: join(__dirname, "../../../bench/compare/compose.yaml") };

/** A team with so many hosts, each with a source of its own. */
function fleet(count: number) {
  const names = Array.from({ length: count }, (_, at) => `h${String(at)}`);
  const own = Object.fromEntries(names.map((name) => [name, { own_value: `of ${name}` }]));
  const team = { shared: { for_all: "hosts" }, "github-actions": numbered(3), stack: makeStackSecrets(), ...own };
  return {
    hosts: new Map(names.map((name) => [name, ONE_SERVICE])),
    secrets: team as unknown as TeamSecrets,
    startHost: counting,
  };
}

describe("what a preview asks", () => {
  const sizes = {
    few: { secrets: teamWith(numbered(5)) },
    many: { secrets: teamWith(numbered(90)) },
    "two hosts": fleet(2),
    "nine hosts": fleet(9),
  };
  const counts = new Map<string, Record<string, number>>();
  for (const [title, options] of Object.entries(sizes)) {
    describe(`with ${title}`, () => {
      const world = useWorld(options);
      it("is counted", async () => {
        counts.set(title, await callsOf(world(), "pulumi", "preview"));
      });
    });
  }

  describe("compared", () => {
    it("is the same for many secrets as for a few", () => {
      const few = counts.get("few") ?? {};
      assert.ok((few["GET"] ?? 0) > 0 && (few["sops"] ?? 0) > 0 && (few["git"] ?? 0) > 0, JSON.stringify(few));
      assert.deepEqual(counts.get("many"), few);
    });

    it("is one login and one source more for each host more, and nothing else", () => {
      const two = counts.get("two hosts") ?? {};
      assert.equal(two[LOGIN], 2, JSON.stringify(two));
      const more = { [LOGIN]: 9, sops: (two["sops"] ?? 0) + 7 };
      assert.deepEqual(counts.get("nine hosts"), { ...two, ...more });
    });
  });
});

describe("what an up asks after a rotation", () => {
  const world = useWorld(fleet(3));

  it("each host once, to write, and each source once, beside the one that starts the engine", async () => {
    await converge(world());
    await rotate(world(), "shared", "for_all", "rotated");
    const preview = await callsOf(world(), "pulumi", "preview");
    const calls = await callsOf(
      world(),
      process.execPath,
      "cli/p24.mjs",
      "pulumi",
      "--",
      "up",
      "--yes",
      "--skip-preview",
    );
    assert.deepEqual(calls, { ...preview, [LOGIN]: 3, sops: 1 + (preview["sops"] ?? 0) });
  });
});
