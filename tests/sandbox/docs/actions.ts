/** What happens in the world between the commands of a document: other people, machines, and time. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { appendRows, LOG_FILE } from "../../../core/rotation/log.mjs";
import { commit, inWorktree } from "../../../sandbox/world/engine.js";
import { OWNER } from "../../../sandbox/world/github.js";
import { makeIdentity } from "../../../sandbox/world/identities.js";
import type { World } from "../../../sandbox/world/world.js";

/** The world, and variables for the commands that follow. */
export interface Stage {
  readonly world: World;
  readonly env: Record<string, string>;
  /** A value that must not come out. */
  readonly value: () => string;
}

type Action = (stage: Stage, ...words: (string | undefined)[]) => Promise<void> | void;

const RULES = ".sops.yaml";
const IDENTITY = "root/.age/secrets.key";

export const ACTIONS: Readonly<Record<string, Action>> = {
  /** The next `sops edit` gives a key another value, or with no key only looks. */
  editor: async ({ world, env, value }, key) => {
    const script = join(world.paths.dir, "editor.cjs");
    const body = `const { readFileSync, writeFileSync } = require("node:fs");
const [file] = process.argv.slice(2);
const text = readFileSync(file, "utf8");
if (process.env.P24_TEST_KEY) {
  writeFileSync(file, text.replace(new RegExp("^" + process.env.P24_TEST_KEY + ": .*$", "m"), process.env.P24_TEST_KEY + ": " + process.env.P24_TEST_VALUE));
}
`;
    await writeFile(script, body);
    Object.assign(env, {
      EDITOR: `${process.execPath} ${script}`,
      P24_TEST_KEY: key ?? "",
      P24_TEST_VALUE: value(),
    });
  },
  "github-secret": ({ world, value }, name = "") => {
    world.github.addSecret(OWNER, "p24-infra", name, value());
  },
  /** What the log says of a secret was said 25 hours ago. */
  "a-day-later": async ({ world }, secret) => {
    const before = new Date(Date.now() - 25 * 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");
    const row = new RegExp(`^(\\|[^|]*\\| ${secret ?? ""} .*yes, )[^ |]+`, "gm");
    await edit(world, LOG_FILE, (text) => text.replace(row, `$1${before}`));
    await commit(world, "test: a day later");
  },
  /** The last rotation of a secret was long ago. */
  overdue: async ({ world }, secret = "") => {
    const row = { date: "2026-01-02", secret, reason: "scheduled", rotator: "radieu", confirmed: "yes" };
    await edit(world, LOG_FILE, (text) => appendRows(text, [row]));
    await commit(world, "test: long ago");
  },
  /** Somebody sends the public part of an identity; the commands that follow have it where the document says `age1…`. */
  identity: async ({ world, env }, name = "") => {
    env["P24_TEST_RECIPIENT"] = await makeIdentity(join(world.paths.dir, "made"), name);
  },
  "host-down": ({ world }, name) => hostOf(world, name).down(),
  "host-up": ({ world }, name) => hostOf(world, name).up(),
  "host-edit": ({ world }, name, variable = "") => {
    const host = hostOf(world, name);
    host.writeEnv((host.readEnv() ?? "").replace(new RegExp(`^${variable}=.*$`, "m"), `${variable}=by-hand`));
  },
  /** The operator has a copy of a host's .env, outside of the clone. */
  "host-env": ({ world }, name, path = "") =>
    writeFile(join(world.paths.work, path), hostOf(world, name).readEnv() ?? ""),
  "host-identity-lost": ({ world }, name) => {
    const file = join(hostOf(world, name).root, IDENTITY);
    return rename(file, `${file}.safe`);
  },
  "host-identity-back": ({ world }, name) => {
    const file = join(hostOf(world, name).root, IDENTITY);
    return rename(`${file}.safe`, file);
  },
  "host-identity-new": async ({ world, env }, name = "") => {
    env["P24_TEST_RECIPIENT"] = await makeIdentity(join(world.paths.dir, "made"), "host");
    await writeFile(join(hostOf(world, name).root, IDENTITY), await readFile(join(world.paths.dir, "made/host.txt")));
  },
  "rule-without-developer": ({ world }) => edit(world, RULES, (text) => text.replace("[*dev_radieu, ", "[")),
  "rule-restored": async ({ world }) => {
    const { code, stderr } = await inWorktree(world, "git", ["restore", RULES]);
    if (code !== 0) {
      throw new Error(stderr);
    }
  },
};

function hostOf(world: World, name = "") {
  const host = world.hosts.get(name);
  if (host === undefined) {
    throw new Error(`no such host: ${name}`);
  }
  return host;
}

/** Changes a file of the clone; it must change. */
async function edit({ paths }: World, path: string, change: (text: string) => string): Promise<void> {
  const file = join(paths.work, path);
  const text = await readFile(file, "utf8");
  const changed = change(text);
  if (changed === text) {
    throw new Error(`${path} is as it was`);
  }
  await writeFile(file, changed);
}
