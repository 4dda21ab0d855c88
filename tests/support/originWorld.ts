/** A world whose operator's clone has an origin: git over HTTP at the emulated github.com, with the App's tokens. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createOrigin, type Origin } from "../../sandbox/git/origin.js";
import { inWorktree } from "../../sandbox/world/engine.js";
import { OWNER } from "../../sandbox/world/github.js";
import type { World, WorldOptions } from "../../sandbox/world/world.js";
import { useWorld } from "./world.js";

/** What Pulumi.prod.yaml gives the App; the sandbox's own has deployments as well, for a check that is off here. */
const PERMISSIONS = {
  actions: "read",
  contents: "write",
  issues: "write",
  metadata: "read",
  pull_requests: "write",
  secrets: "write",
} as const;

type HostOf = NonNullable<ReturnType<World["hosts"]["get"]>>;

export interface OriginWorld {
  readonly world: () => World;
  readonly origin: Origin;
  /** Variables for git: whom it trusts. */
  readonly env: () => Record<string, string>;
  /** Pushes the operator's clone. */
  readonly push: (...refspecs: string[]) => Promise<void>;
  /** What runs have told: at commits, in issues and pull requests, in the channel. */
  readonly comments: () => ReturnType<World["github"]["commitCommentsOf"]>;
  readonly issues: () => ReturnType<World["github"]["issuesOf"]>;
  readonly messages: () => World["discord"]["messages"];
  readonly host: (name: "vps-i1" | "vps-h1") => HostOf;
}

/** Call it inside `describe`. */
export function useOriginWorld(options: Partial<WorldOptions> = {}): OriginWorld {
  const folder = mkdtempSync(join(tmpdir(), "p24-origin-"));
  const started: { world?: () => World } = {};
  const may = (permission: "contents", level: "read" | "write") => (credential: string) =>
    started.world?.().github.may(credential, OWNER, "p24-infra", permission, level) === true;
  const origin = createOrigin(
    `${OWNER}/p24-infra`,
    join(folder, "p24-infra.git"),
    may("contents", "read"),
    may("contents", "write"),
  );
  const ready = useWorld({
    alerts: true,
    ...options,
    settings: {
      github: {
        owner: OWNER,
        repositories: ["p24-infra"],
        home: "p24-infra",
        app: { slug: "p24-infra-bot", permissions: PERMISSIONS },
      },
      ...options.settings,
    },
    routes: { "github.com": origin.handle },
  });
  started.world = ready;
  const env = () => ({ GIT_SSL_CAINFO: ready().fence.bundleFile, GIT_CONFIG_NOSYSTEM: "1" });
  const push = async (...refspecs: string[]) => {
    const token = ready().env["GITHUB_TOKEN"] ?? "";
    const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
    const { code, stderr } = await inWorktree(ready(), "git", ["push", "--quiet", "origin", ...refspecs], {
      env: {
        ...env(),
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "http.https://github.com/.extraheader",
        GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${basic}`,
      },
    });
    assert.equal(code, 0, stderr);
  };
  before(async () => {
    const { github, installation } = ready();
    github.changeApp("p24-infra-bot", PERMISSIONS);
    github.changeInstallation(installation, { permissions: PERMISSIONS });
    for (const name of [
      "VPS_SSH_PRIVATE_KEY",
      "VPS_ROOT_SSH_KEY",
      "AGE_KEY_GHA",
      "P24_BOT_APP_ID",
      "P24_BOT_PRIVATE_KEY",
    ]) {
      github.setSecret(OWNER, "p24-infra", name, "set by hand");
    }
    await origin.start();
    await inWorktree(ready(), "git", ["remote", "add", "origin", origin.url]);
    await push("main");
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    world: ready,
    origin,
    env,
    push,
    comments: () => ready().github.commitCommentsOf(OWNER, "p24-infra"),
    issues: () => ready().github.issuesOf(OWNER, "p24-infra"),
    messages: () => ready().discord.messages,
    host: (name) => {
      const found = ready().hosts.get(name);
      assert.ok(found !== undefined);
      return found;
    },
  };
}
