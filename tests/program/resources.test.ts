/**
 * The golden list: every resource that the program declares for a small team, by type and name, and what must hold for
 * each of them. Previewed by the real engine; nothing is written.
 */
import assert from "node:assert/strict";

import { inWorktree, preview } from "../../sandbox/world/engine.js";
import { makeStackSecrets } from "../../sandbox/world/team.js";
import { useWorld } from "../support/world.js";

const GOLDEN = [
  "create command:remote:Command vps-h1",
  "create command:remote:Command vps-i1",
  "create github:index/actionsSecret:ActionsSecret et-operational-platform/DEPLOY_WEBHOOK_URL",
  "create github:index/actionsSecret:ActionsSecret et-operational-platform/SUPABASE_ACCESS_TOKEN",
  "create github:index/actionsSecret:ActionsSecret p24-infra/DEPLOY_WEBHOOK_URL",
  "create github:index/actionsSecret:ActionsSecret p24-infra/SUPABASE_ACCESS_TOKEN",
  "create p24:git:History history",
  "create p24:github:ActionsSecret et-operational-platform/DEPLOY_WEBHOOK_URL",
  "create p24:github:ActionsSecret et-operational-platform/SUPABASE_ACCESS_TOKEN",
  "create p24:github:ActionsSecret p24-infra/DEPLOY_WEBHOOK_URL",
  "create p24:github:ActionsSecret p24-infra/SUPABASE_ACCESS_TOKEN",
  "create p24:github:ActionsSecrets et-operational-platform",
  "create p24:github:ActionsSecrets p24-infra",
  "create p24:github:App p24-infra-bot",
  "create p24:vercel:IntegrationCheck vercel",
  "create p24:vps:EnvFile vps-h1",
  "create p24:vps:EnvFile vps-i1",
  "create pulumi:providers:command command",
  "create pulumi:providers:github github",
  "create pulumi:pulumi:Stack p24-infra-sandbox",
];

interface Step {
  readonly newState: { readonly type: string; readonly custom: boolean; readonly inputs?: Record<string, unknown> };
}

describe("the program's resources", () => {
  const world = useWorld({
    repositories: ["p24-infra", "et-operational-platform"],
    secrets: {
      shared: { smtp_password: "one" },
      "vps-i1": { grafana_admin_password: "two" },
      "vps-h1": { waha_api_key: "three" },
      "github-actions": { supabase_access_token: "four", deploy_webhook_url: "five" },
      stack: makeStackSecrets(),
    },
  });
  let steps: readonly Step[] = [];

  it("are these and no others", async () => {
    const planned = await preview(world());
    assert.deepEqual(planned.changes, GOLDEN, planned.stdout);
    steps = (JSON.parse(planned.stdout) as { steps: Step[] }).steps;
  });

  it("have a custom resource only for what a provider manages", () => {
    const managed = steps.filter(({ newState }) => newState.custom).map(({ newState }) => newState.type);
    assert.deepEqual([...new Set(managed)].sort(), [
      "command:remote:Command",
      "github:index/actionsSecret:ActionsSecret",
      "pulumi:providers:command",
      "pulumi:providers:github",
    ]);
  });

  it("take sealed values only, and of a connection nothing that logs in", () => {
    const inputs = (type: string) =>
      steps
        .filter(({ newState }) => newState.type === type)
        .map(({ newState }) => Object.keys(newState.inputs ?? {}).sort());
    for (const names of inputs("github:index/actionsSecret:ActionsSecret")) {
      assert.deepEqual(
        names.filter((name) => !name.startsWith("__")),
        ["keyId", "repository", "secretName", "valueEncrypted"],
      );
    }
    // The SDK's own class of this provider would copy GITHUB_TOKEN into the state.
    assert.deepEqual(inputs("pulumi:providers:github"), [["__internal", "owner", "version"]]);
    assert.deepEqual(inputs("pulumi:providers:command"), [["__internal", "version"]]);
    for (const names of inputs("command:remote:Command")) {
      assert.deepEqual(
        names.filter((name) => !name.startsWith("__")),
        ["addPreviousOutputInEnv", "connection", "create", "logging", "stdin", "update"],
      );
    }
  });

  it("give components no inputs: the engine would keep them in its state", () => {
    for (const { newState } of steps.filter((step) => !step.newState.custom)) {
      assert.deepEqual(newState.inputs ?? {}, {}, newState.type);
    }
  });

  it("are planned without a change to the world", async () => {
    assert.deepEqual(world().github.secretsOf("radieu", "p24-infra"), []);
    assert.equal((await inWorktree(world(), "git", ["status", "--porcelain"])).stdout, "");
  });
});
