import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { inWorktree, p24, preview, rotate, up } from "../world/engine.js";
import { OWNER } from "../world/github.js";
import type { HostName } from "../world/hosts.js";
import type { World } from "../world/world.js";

/** One step of the demonstration: it acts, prints what a person sees, and fails when the world is not as it says. */
export interface Step {
  readonly title: string;
  readonly run: (world: World, print: (text: string) => void) => Promise<void>;
}

const REPOSITORY = "p24-infra";
const MANY = 40;

/** The main job from nothing to the back-out, in order. */
export const STORY: readonly Step[] = [
  {
    title: "preview: everything is to be created",
    async run(world, print) {
      const planned = await preview(world);
      print(planned.report);
      assert.equal(planned.code, 0, planned.stdout + planned.stderr);
      const wanted = Object.values(world.secrets).flatMap((source) => Object.keys(source)).length;
      assert.ok(wanted >= MANY, `the team has ${String(wanted)} secrets`);
      const secrets = Object.keys(world.secrets["github-actions"]);
      const creates = planned.changes.filter((change) => change.startsWith("create github:"));
      assert.equal(creates.length, secrets.length);
      assert.equal(planned.changes.filter((change) => change.startsWith("create command:remote:")).length, 2);
    },
  },
  {
    title: "up: every place converges",
    async run(world, print) {
      const done = await up(world);
      print(tail(done.stdout, "The world after this run"));
      assert.equal(done.code, 0, done.stdout + done.stderr);
      await assertConverged(world);
    },
  },
  {
    title: "preview: nothing to do",
    async run(world, print) {
      const planned = await preview(world, "--expect-no-changes");
      print(planned.report);
      assert.deepEqual([planned.code, planned.changes], [0, []], planned.stdout);
    },
  },
  {
    title:
      "somebody edits a variable, overwrites a secret, deletes one and adds one by hand; preview shows exactly these",
    async run(world, print) {
      editByHand(world);
      world.github.setSecret(OWNER, REPOSITORY, "NPM_PUBLISH_CREDENTIAL", "pasted by hand");
      world.github.deleteSecret(OWNER, REPOSITORY, "SNYK_CREDENTIAL");
      world.github.addSecret(OWNER, REPOSITORY, "SOMEBODYS_EXPERIMENT", "not ours");
      const planned = await preview(world);
      print(planned.report);
      assert.deepEqual(planned.changes, [
        "update command:remote:Command vps-i1",
        `update github:index/actionsSecret:ActionsSecret ${REPOSITORY}/NPM_PUBLISH_CREDENTIAL`,
        `update github:index/actionsSecret:ActionsSecret ${REPOSITORY}/SNYK_CREDENTIAL`,
      ]);
      assert.deepEqual(await driftedNames(world), {
        "github:radieu/p24-infra": {
          NPM_PUBLISH_CREDENTIAL: "differs",
          SNYK_CREDENTIAL: "missing",
          SOMEBODYS_EXPERIMENT: "foreign",
        },
        "host:vps-i1": { SMTP_HOST: "differs" },
      });
    },
  },
  {
    title: "up: repairs the three and leaves the foreign secret alone",
    async run(world, print) {
      const done = await up(world);
      print(tail(done.stdout, "The world after this run"));
      assert.equal(done.code, 0, done.stdout + done.stderr);
      await assertConverged(world);
      const foreign = world.github.secretsOf(OWNER, REPOSITORY).find(({ name }) => name === "SOMEBODYS_EXPERIMENT");
      assert.equal(foreign?.value, "not ours");
    },
  },
  {
    title: "rotation: sops set, commit, up; both hosts' services run with the new value",
    async run(world, print) {
      const value = `rotated ${randomBytes(8).toString("hex")} $HOME # "it's"`;
      await rotate(world, "shared", "smtp_password", value);
      const done = await up(world);
      print(tail(done.stdout, "The world after this run"));
      assert.equal(done.code, 0, done.stdout + done.stderr);
      for (const [name, host] of world.hosts) {
        const running = (await host.services()).filter(({ env }) => env["SMTP_PASSWORD"] !== undefined);
        assert.ok(running.length > 0, `${name} has a service with SMTP_PASSWORD`);
        assert.ok(
          running.every(({ env }) => env["SMTP_PASSWORD"] === value),
          `${name}'s services run with the new value`,
        );
      }
    },
  },
  {
    title: "destroy: the sync is gone, services and secrets are still there",
    async run(world, print) {
      const files = envFiles(world);
      const services = await runningServices(world);
      const secrets = world.github.secretsOf(OWNER, REPOSITORY);
      const done = await inWorktree(world, "pulumi", ["destroy", "--yes", "--skip-preview", "--non-interactive"]);
      print(tail(done.stdout, "Resources:"));
      assert.equal(done.code, 0, done.stdout + done.stderr);
      assert.deepEqual(envFiles(world), files);
      assert.deepEqual(await runningServices(world), services);
      assert.deepEqual(world.github.secretsOf(OWNER, REPOSITORY), secrets);
      assert.deepEqual(world.github.unhandled, []);
      assert.deepEqual(world.fence.refused, []);
    },
  },
];

function editByHand(world: World): void {
  const host = world.hosts.get("vps-i1");
  const text = host?.readEnv() ?? "";
  assert.match(text, /^SMTP_HOST=/m);
  host?.writeEnv(text.replace(/^SMTP_HOST=.*$/m, "SMTP_HOST=localhost"));
}

/** Git's values are at GitHub and on both hosts, compared by the test itself and not by the program. */
async function assertConverged(world: World): Promise<void> {
  const at = new Map(world.github.secretsOf(OWNER, REPOSITORY).map(({ name, value }) => [name, value]));
  for (const [key, value] of Object.entries(world.secrets["github-actions"])) {
    assert.ok(at.get(key.toUpperCase()) === value, `${key} is at GitHub with git's value`);
  }
  for (const [name, host] of world.hosts) {
    const wanted = { ...world.secrets.shared, ...world.secrets[name as HostName] };
    const services = await host.services();
    for (const [key, value] of Object.entries(wanted)) {
      for (const { env, name: service } of services) {
        const there = env[key.toUpperCase()];
        assert.ok(there === undefined || there === value, `${name}: ${service} runs with git's ${key}`);
      }
      assert.ok(
        services.some(({ env }) => env[key.toUpperCase()] === value),
        `${name}: a service has ${key}`,
      );
    }
  }
  const { code, stdout } = await p24(world, "status");
  assert.equal(code, 0, stdout);
}

async function driftedNames(world: World): Promise<Record<string, Record<string, string>>> {
  const { stdout } = await p24(world, "status", "--json");
  const { places } = JSON.parse(stdout) as { places: { place: string; names: { name: string; status: string }[] }[] };
  return Object.fromEntries(
    places
      .filter(({ names }) => names.length > 0)
      .map(({ place, names }) => [place, Object.fromEntries(names.map(({ name, status }) => [name, status]))]),
  );
}

function envFiles(world: World): (string | undefined)[] {
  return [...world.hosts.values()].map((host) => host.readEnv());
}

async function runningServices(world: World) {
  const services = await Promise.all([...world.hosts.values()].map((host) => host.services()));
  return services.flat().map(({ name, pid }) => ({ name, pid }));
}

function tail(text: string, from: string): string {
  const at = text.indexOf(from);
  return at === -1 ? text : text.slice(at).trimEnd();
}
