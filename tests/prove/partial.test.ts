/**
 * What is left after a run that went wrong in part: one secret refused, one host that refuses, a run killed after its tenth
 * write, an answer that was lost, a secret that was gone already. Each time the next look shows exactly what is open, and
 * the next `up` does only that. Real engine and provider.
 */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { p24, preview, removeSecret, rotate, up } from "../../sandbox/world/engine.js";
import { OWNER } from "../../sandbox/world/github.js";
import type { World } from "../../sandbox/world/world.js";
import { until } from "../support/until.js";
import { useWorld } from "../support/world.js";
import {
  converge,
  convergedOutput,
  head,
  killedUp,
  ledgerOf,
  numbered,
  LOCKED,
  openAt,
  REPOSITORY,
  teamWith,
  writes,
} from "../support/program.js";

const PLACE = `github:${OWNER}/${REPOSITORY}`;
const secretStep = (op: string, name: string) => `${op} github:index/actionsSecret:ActionsSecret ${REPOSITORY}/${name}`;

const open = (names: readonly string[], status: string) => names.map((name) => `${name} ${status}`);

describe("a run that is killed after its tenth write of thirty", () => {
  const world = useWorld({ secrets: teamWith(numbered(30)) });
  let unconfirmed: string[] = [];
  let finished = "";

  before(async function () {
    this.timeout(120_000);
    await killedUp(world(), 10);
  });

  it("leaves open what was not written, and what was written and not confirmed", async () => {
    const there = world()
      .github.secretsOf(OWNER, REPOSITORY)
      .map(({ name }) => name);
    const all = Object.keys(world().secrets["github-actions"]).map((key) => key.toUpperCase());
    const missing = all.filter((name) => !there.includes(name));
    assert.equal(missing.length, 20);
    const planned = await preview(world());
    const found = openAt(planned.report, PLACE);
    unconfirmed = there.filter((name) => found.includes(`${name} adopted`));
    const { interrupted } = await ledgerOf(world());
    const writes = planned.changes.filter((change) => change.includes("github:index"));
    // A write whose resource was saved and whose ledger entry was not is an update; all others are created.
    const saved = writes.filter((change) => change.startsWith("update ")).length;
    assert.ok(
      unconfirmed.length >= 1 && unconfirmed.length <= interrupted + saved,
      `${String(unconfirmed.length)} writes are open, the engine lists ${String(interrupted)} as interrupted and saved ${String(saved)}`,
    );
    assert.deepEqual(found, [...open(missing, "missing"), ...open(unconfirmed, "adopted")].sort());
    assert.deepEqual(
      writes.map((change) => change.replace(/^update /, "create ")).sort(),
      [...missing, ...unconfirmed].sort().map((name) => secretStep("create", name)),
    );
  });

  it("is known as attempted and not as converged", async () => {
    const { attempted, converged } = await ledgerOf(world());
    assert.deepEqual([attempted, converged], [await head(world()), undefined]);
    assert.equal(await convergedOutput(world()), "");
  });

  it("leaves a lock; the next up says whose it may be and how to take it away, and changes nothing", async () => {
    const before = writes(world());
    const refused = await up(world());
    assert.notEqual(refused.code, 0);
    assert.ok(refused.stderr.endsWith(LOCKED), refused.stderr);
    assert.deepEqual(writes(world()), before);
    const cancelled = await p24(world(), "pulumi", "--", "cancel", "--yes");
    assert.equal(cancelled.code, 0, cancelled.stderr);
  });

  it("is finished by the next up, which writes nothing twice but what was not confirmed", async () => {
    await appliesEnded(world());
    const started = await runningServices(world());
    finished = await converge(world());
    const twice = Object.entries(writes(world())).filter(([, count]) => count !== 1);
    assert.deepEqual(twice.sort(), unconfirmed.map((name) => [name, 2]).sort());
    assert.equal(await convergedOutput(world()), await head(world()));
    assert.deepEqual(await runningServices(world()), started, "no service was started anew");
  });

  it("leaves a list of interrupted operations that hinders nobody, until the command that up names", async () => {
    assert.match(
      finished,
      /A killed run left \d+ unfinished operations in the state\. What they did is compared above; /,
    );
    const [, command = ""] = /\n {2}npm run p24 -- (.*)\n/.exec(finished) ?? [];
    assert.equal((await p24(world(), ...command.split(" "))).code, 0);
    assert.equal((await ledgerOf(world())).interrupted, 0);
    const planned = await preview(world(), "--expect-no-changes");
    assert.deepEqual([planned.code, planned.changes], [0, []], planned.stdout);
  });
});

describe("a run in which one secret of thirty and one host fail", () => {
  const values = numbered(30);
  const names = Object.keys(values).map((key) => key.toUpperCase());
  const world = useWorld({ secrets: teamWith(values) });
  const atGitHub = () =>
    Object.fromEntries(
      world()
        .github.secretsOf(OWNER, REPOSITORY)
        .map(({ name, value }) => [name, value]),
    );

  it("converges everything else, ends red and names the two", async () => {
    const fault = world().github.inject({ method: "PUT", path: /NAME_02$/, status: 422, times: Infinity });
    const signer = join(world().hosts.get("vps-h1")?.root ?? "", "etc/p24-host/signer.pem");
    const good = readFileSync(signer, "utf8");
    writeFileSync(signer, generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }));
    const done = await up(world());
    assert.notEqual(done.code, 0);
    assert.match(done.stdout, /actions\/secrets\/NAME_02: 422 /);
    assert.match(done.stdout, /p24-host: refused signature/);
    assert.match(done.stdout, /\nNot equal to git: github:radieu\/p24-infra, host:vps-h1\.\n$/);
    assert.equal(world().hosts.get("vps-h1")?.readEnv(), undefined);
    const { github, serials, attempted, converged } = await ledgerOf(world());
    assert.deepEqual(
      [...(github.get(`${OWNER}/${REPOSITORY}`)?.keys() ?? [])].sort(),
      names.filter((name) => name !== "NAME_02"),
    );
    assert.deepEqual([[...serials.keys()], attempted, converged], [["vps-i1"], await head(world()), undefined]);
    fault.remove();
    writeFileSync(signer, good);
  });

  it("is followed by a preview of exactly these two, and an up that writes only them", async () => {
    const planned = await preview(world());
    assert.deepEqual(planned.changes, ["create command:remote:Command vps-h1", secretStep("create", "NAME_02")]);
    assert.deepEqual(openAt(planned.report, PLACE), ["NAME_02 missing"]);
    await converge(world());
    assert.deepEqual(writes(world()), Object.fromEntries(names.map((name) => [name, 1])));
    const { serials, converged } = await ledgerOf(world());
    assert.deepEqual([...serials.keys()].sort(), ["vps-h1", "vps-i1"]);
    assert.equal(converged, await head(world()));
  });

  it("a secret that left git and is gone at GitHub already needs nothing; lost answers are tried again", async () => {
    world().github.deleteSecret(OWNER, REPOSITORY, "NAME_03");
    await removeSecret(world(), "github-actions", "name_03");
    await removeSecret(world(), "github-actions", "name_01");
    await rotate(world(), "github-actions", "name_04", "a second value");
    await rotate(world(), "github-actions", "name_31", "a new name");
    for (const [method, name] of [
      ["PUT", "NAME_04"],
      ["PUT", "NAME_31"],
      ["DELETE", "NAME_01"],
    ] as const) {
      world().github.inject({ method, path: new RegExp(`${name}$`), dropConnection: true, applied: true });
    }
    const planned = await preview(world());
    assert.deepEqual(
      planned.changes.filter((change) => change.includes("github:index")),
      [secretStep("create", "NAME_31"), secretStep("delete", "NAME_01"), secretStep("update", "NAME_04")],
    );
    const done = await up(world());
    const kept = Object.entries(values).map(([key, value]) => [key.toUpperCase(), value] as const);
    assert.deepEqual(atGitHub(), {
      ...Object.fromEntries(kept.filter(([name]) => !["NAME_01", "NAME_03"].includes(name))),
      NAME_04: "a second value",
      NAME_31: "a new name",
    });
    // The provider asks again: a second PUT is harmless, a second DELETE is answered with 404.
    assert.notEqual(done.code, 0);
    assert.match(done.stdout, /DELETE .*NAME_01: 404 Not Found/);
    assert.doesNotMatch(done.stdout, /NAME_03/);
  });

  it("a deletion of which the answer was lost heals by itself; a name that somebody makes anew is left alone", async () => {
    world().github.addSecret(OWNER, REPOSITORY, "NAME_03", "not ours");
    const planned = await preview(world());
    assert.deepEqual(openAt(planned.report, PLACE), ["NAME_03 foreign"]);
    const forgets = [secretStep("delete", "NAME_03"), `delete p24:github:ActionsSecret ${REPOSITORY}/NAME_03`];
    assert.deepEqual(planned.changes, forgets);
    world().github.clearRequests();
    await converge(world());
    assert.ok(
      world().github.requests.every(({ method, path }) => method === "GET" || path === "/graphql"),
      "nothing was written or deleted",
    );
    assert.equal(atGitHub()["NAME_03"], "not ours");
    assert.equal(await convergedOutput(world()), await head(world()));
    assert.deepEqual([world().github.unhandled, world().fence.refused], [[], []]);
  });
});

/** A host finishes an apply whose caller was killed: waits until each has, which is when nothing is pending there. */
async function appliesEnded(world: World): Promise<void> {
  const pending = [...world.hosts.values()].map(({ root, target }) =>
    join(root, "var/lib/p24-host", target, "pending"),
  );
  await until("every apply ends", () => !pending.some((record) => existsSync(record)));
}

/** Ids of the processes of every service. */
async function runningServices(world: World) {
  const services = await Promise.all([...world.hosts.values()].map((host) => host.services()));
  return services.flat().map(({ name, pid }) => ({ name, pid }));
}
