import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import type { Step } from "../story/story.js";
import { type CommandResult, inWorktree, p24 } from "../world/engine.js";
import { OWNER } from "../world/github.js";
import type { World } from "../world/world.js";

/** An operator's day with every verb that takes a value or speaks of one, failures and `--json` included. */
export function operatorsDay(refused: string): Step[] {
  return [
    {
      title: "add, set and rotate take values from standard input and make some",
      run: (world) => change(world, refused),
    },
    { title: "the log is listed, checked, and confirmed", run: confirm },
    { title: "a drill, whole and refused", run: drill },
    { title: "a secret is removed, a former copy at GitHub retired", run: takeAway },
  ];
}

async function verb(world: World, code: number, args: readonly string[], input = ""): Promise<CommandResult> {
  const done = await inWorktree(world, process.execPath, ["cli/p24.mjs", ...args], { input });
  assert.equal(done.code, code, `${args[0] ?? ""} ends with ${String(code)}`);
  return done;
}

function marker(): string {
  return `cnry${randomBytes(12).toString("hex")}`;
}

async function change(world: World, refused: string): Promise<void> {
  await verb(world, 0, ["add", "spool_password", "--to", "shared"], `"${marker()}" $x # 'y'\n`);
  await verb(world, 3, ["add", "path", "--to", "shared"], refused);
  await verb(world, 3, ["add", "smtp_password", "--to", "vps-i1"], refused);
  await verb(world, 3, ["set", "discord_webhook_alerts"], refused);
  await verb(world, 3, ["rotate", "n8n_encryption_key"], refused);
  await verb(world, 3, ["set", "smtp_user"], world.secrets.shared["smtp_user"]);
  await verb(world, 0, ["set", "smtp_user", "--reason", "typed wrongly"], marker());
  await verb(world, 0, ["rotate", "loki_tenant_secret"], `${marker()}\n${marker()}\n`);
  await verb(world, 0, ["rotate", "sentry_dsn", "--generate", "password", "--no-commit"]);
  await verb(world, 3, ["rotate", "sentry_dsn", "--generate", "password"]);
  await inWorktree(world, "git", ["commit", "--quiet", "--all", "--message", "fix(secrets): rotate sentry_dsn"]);
}

async function confirm(world: World): Promise<void> {
  await verb(world, 4, ["confirm", "--json"]);
  await p24(world, "pulumi", "--", "up", "--yes", "--skip-preview", "--non-interactive");
  await verb(world, 0, ["log", "--json"]);
  await verb(world, 0, ["log", "check", "--base", "HEAD~3", "--json"]);
  await verb(world, 0, ["confirm"]);
  await verb(world, 0, ["rotate", "--due", "--json"]);
}

async function drill(world: World): Promise<void> {
  await verb(world, 3, ["drill", "grafana_admin_password", "--generate", "hex"]);
  await verb(world, 0, ["drill", "smtp_password", "--json"], marker());
}

async function takeAway(world: World): Promise<void> {
  world.github.addSecret(OWNER, "p24-infra", "GRAFANA_ADMIN_PASSWORD", "the former copy");
  await verb(world, 3, ["retire", "GRAFANA_ADMIN_PASSWORD", "--yes"]);
  world.github.deleteSecret(OWNER, "p24-infra", "GRAFANA_ADMIN_PASSWORD");
  await verb(world, 0, ["remove", "spool_password", "--yes"]);
  await p24(world, "pulumi", "--", "up", "--yes", "--skip-preview", "--non-interactive");
}
