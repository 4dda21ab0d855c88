import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

import type { Verb } from "../../cli/verb.js";
import { installAdminSsh } from "../hosts/admin.js";
import type { Step } from "../story/story.js";
import { inWorktree, p24 } from "../world/engine.js";
import { makeIdentity } from "../world/identities.js";
import type { World } from "../world/world.js";

/** One call of a verb. */
export interface VerbRun {
  /** What stands behind the verb's name. */
  readonly words: readonly string[] | ((world: World) => readonly string[]);
  /** Standard input; `refused` is a value that no source has. */
  readonly input?: (world: World, refused: string) => string | Promise<string>;
  readonly env?: (world: World) => Record<string, string>;
  /** What it ends with; left out where it depends on the machine. It is never a fault of p24 itself. */
  readonly code?: number;
  readonly before?: (world: World) => Promise<unknown>;
  readonly after?: (world: World) => Promise<unknown>;
}

const git =
  (...args: string[]) =>
  (world: World) =>
    inWorktree(world, "git", args);
const asIs = git("restore", ".");
const noHooks = git("config", "--unset", "core.hooksPath");
const hostFile = (world: World) => join(world.hosts.get("vps-i1")?.root ?? "", "opt/p24-infra/monitoring/.env");
const identity = (name: string) => (world: World) => readFile(join(world.paths.identities, `${name}.txt`), "utf8");
const former = (world: World) => world.secrets.shared["smtp_password"] ?? "";
const adminBin = (world: World) => join(world.paths.dir, "admin-bin");
let anna = "";
/** Somebody whose identity opens nothing yet. */
const meetAnna = async (world: World) => {
  anna = await makeIdentity(join(world.paths.dir, "anna"), "dev_anna");
};
const NO_STACK = ["--stack", "none"];
const NO_COMMIT = "0123456789".repeat(4);
const hostOf = ({ hosts }: World) => {
  const found = hosts.get("vps-i1");
  assert.ok(found !== undefined);
  return found;
};

/**
 * What the sweep does with each verb beside the story, the operator's day and the failure paths. A verb of
 * `cli/verbs/all.ts` that is not here, or whose failure or `--json` is not, fails tests/unit/sweep/verbs.test.ts.
 */
export const RUNS: Readonly<Record<string, readonly VerbRun[]>> = {
  init: [
    { words: ["--dry-run", "--json"], code: 0 },
    { words: ["--host-key", "nowhere=ssh-ed25519 AAAA"], code: 3 },
  ],
  doctor: [{ words: ["--json"] }, { words: ["--acceptance", "--json"] }, { words: NO_STACK, code: 3 }],
  audit: [
    { words: (world) => [hostFile(world), "--json"], code: 0 },
    { words: (world) => [hostFile(world)], code: 0 },
    { words: ["../none.env"], code: 3 },
  ],
  status: [
    { words: ["--json"], code: 0 },
    { words: NO_STACK, code: 3 },
  ],
  report: [
    { words: ["--json"], code: 0 },
    { words: ["--html", "../report.html"], code: 0 },
    { words: ["--html", "none/report.html"], code: 3 },
  ],
  pulumi: [{ words: ["--", "preview", ...NO_STACK], code: 3 }],
  add: [{ words: ["path", "--to", "shared"], input: (_, refused) => refused, code: 3 }],
  set: [{ words: ["discord_webhook_alerts"], input: (_, refused) => refused, code: 3 }],
  remove: [{ words: ["smtp_password"], code: 3 }],
  rotate: [{ words: ["--due", "--json"] }, { words: ["n8n_encryption_key"], input: (_, refused) => refused, code: 3 }],
  confirm: [{ words: ["--json"] }, { words: ["--push", "main"] }, { words: ["no_such_secret"], code: 3 }],
  drill: [{ words: ["grafana_admin_password", "--generate", "hex", "--json"], code: 3 }],
  "log check": [
    { words: ["--json"], code: 0 },
    { words: ["--base", "none"], code: 3 },
  ],
  log: [
    { words: ["--json"], code: 0 },
    { words: NO_STACK, code: 3 },
  ],
  leak: [
    {
      words: ["--no-commit", "--json"],
      input: ({ secrets }) => secrets.shared["wasabi_secret_access_key"] ?? "",
      code: 0,
      after: asIs,
    },
    { words: ["--no-commit"], input: former, code: 0, after: asIs },
    { words: ["--no-commit", "--json"], input: identity("dev_radieu"), code: 0, after: asIs },
    { words: ["--no-commit"], input: ({ secrets }) => secrets.stack["sync_ssh_key"] ?? "", code: 0, after: asIs },
    { words: ["--commit", "HEAD", "--json"], code: 0, after: asIs },
    { words: ["smtp_password", "--no-commit"], code: 0, after: asIs },
    { words: [], input: (_, refused) => refused, code: 5 },
  ],
  retire: [
    { words: ["NO_SUCH_NAME"], code: 0 },
    { words: ["AGE_KEY_GHA", "--yes"], code: 3 },
  ],
  onboard: [
    { words: () => ["dev_anna", anna, "--no-commit", "--json"], before: meetAnna, code: 0, after: asIs },
    { words: ["dev_anna", "age1none"], code: 3 },
  ],
  offboard: [{ words: ["dev_radieu", "--dry-run", "--json"] }, { words: ["dev_nobody"], code: 3 }],
  rekey: [
    { words: ["sync_ssh_key", "--no-commit", "--json"], code: 0, after: asIs },
    { words: () => ["vps_i1", anna, "--no-commit"], before: meetAnna, code: 0, after: asIs },
    { words: ["dev_nobody", "age1none"], code: 3 },
  ],
  import: [
    { words: ["vps-i1", "-"], input: (_, refused) => `LEGACY_SECRET='${refused}'\n`, code: 0, after: asIs },
    { words: ["shared", "-"], input: (_, refused) => `PATH='${refused}'\n${refused}\n`, code: 3 },
  ],
  "host install": [
    {
      words: ["vps-i1", "--dry-run", "--json"],
      before: (world) => installAdminSsh(adminBin(world), [...world.hosts.values()]),
      env: (world) => ({ PATH: `${adminBin(world)}${delimiter}${world.env["PATH"] ?? ""}` }),
    },
    { words: ["nowhere"], code: 3 },
  ],
  "hook install": [
    { words: [], code: 0, after: noHooks },
    { words: [], before: git("config", "core.hooksPath", ".husky"), code: 3, after: noHooks },
  ],
  "workflows migrate": [
    { words: ["tests/fixtures/workflows/before", "--check", "--json"], code: 4 },
    { words: ["none"], code: 3 },
  ],
  guard: [{ words: ["--json"] }, { words: ["--base", "none"], code: 3 }],
  "history audit": [{ words: ["--json"] }, { words: [], env: () => ({ GIT_DIR: "none" }), code: 3 }],
  "gateway bind": [{ words: NO_STACK, code: 3 }],
  "repository guard": [{ words: [] }, { words: NO_STACK, code: 3 }],
  "catch-up": [
    { words: [], code: 0 },
    { words: NO_STACK, code: 3 },
  ],
  "announce sync": [
    { words: ["--up", "success"], code: 0 },
    { words: NO_STACK, code: 3 },
  ],
  // With a host down the channel is alerted, whose address is a value of git.
  "announce drift": [
    { words: [], before: (world) => hostOf(world).down(), code: 5, after: (world) => hostOf(world).up() },
    { words: [] },
  ],
  take: [{ words: ["--head", NO_COMMIT], code: 3 }],
  "announce preview": [
    { words: ["--pull", "1", "--head", NO_COMMIT], code: 3 },
    { words: ["--pull", "none"], code: 3 },
  ],
  exec: [
    { words: ["--", "git", "--version"], code: 0 },
    { words: ["--", "git", "no-such-command"], code: 1 },
  ],
};

/** Calls every verb of the table, one after the other. `refused`: a value that no source has. */
export function everyVerb(refused: string): Step {
  return {
    title: "every verb, its failures and --json included",
    run: async (world) => {
      for (const [name, runs] of Object.entries(RUNS)) {
        for (const [index, one] of runs.entries()) {
          await call(world, name, one, refused, index);
        }
      }
      assert.equal((await p24(world, "status")).code, 0, "every verb left a world that works");
    },
  };
}

async function call(world: World, name: string, one: VerbRun, refused: string, index: number): Promise<void> {
  await one.before?.(world);
  const words = typeof one.words === "function" ? one.words(world) : one.words;
  const input = await one.input?.(world, refused);
  const { code } = await inWorktree(world, process.execPath, ["cli/p24.mjs", ...name.split(" "), ...words], {
    input: input ?? "",
    env: one.env?.(world) ?? {},
  });
  await one.after?.(world);
  // What it printed is not repeated here: it is what the sweep searches.
  assert.ok(
    one.code === undefined ? name === "exec" || code !== 1 : code === one.code,
    `run ${index} of ${name} ended with ${code}`,
  );
}

/** What the sweep heard of one verb. */
export interface Heard {
  readonly command: string;
  readonly code: number;
}

/** What of the verbs was not run: the verb at all, a failure of it, or its `--json`. */
export function gapsIn(verbs: readonly Pick<Verb, "name" | "options">[], heard: readonly Heard[]): string[] {
  const calls = heard.flatMap(({ command, code }) => {
    const line = /(?:^|[\s/\\])p24\.mjs (.*)$/s.exec(command)?.[1];
    const verb =
      line === undefined ? undefined : verbs.find(({ name }) => line === name || line.startsWith(`${name} `));
    return verb === undefined || line === undefined ? [] : [{ verb, code, isJson: /(?:^| )--json(?: |$)/.test(line) }];
  });
  return verbs.flatMap((verb) => {
    const own = calls.filter((one) => one.verb === verb);
    if (own.length === 0) {
      return [`${verb.name}: was not run`];
    }
    return [
      ...(own.some(({ code }) => code !== 0) ? [] : [`${verb.name}: did not fail`]),
      ...(!Object.hasOwn(verb.options, "json") || own.some(({ isJson }) => isJson)
        ? []
        : [`${verb.name}: not with --json`]),
    ];
  });
}
