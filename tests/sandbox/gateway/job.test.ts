/**
 * Proves the whole way of a job: the program deploys the gateway to an emulated Cloudflare; the very script and bindings that
 * stand there run in workerd; a job gets its OIDC token by the composite action and changes DNS records with the official
 * client, npm `cloudflare`; and GitHub holds no credential of Cloudflare. Proof limit: GitHub's issuer and Cloudflare's API are
 * stand-ins, answering under the real names through the fence.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { run } from "../../../core/process.js";
import type { Policy } from "../../../gateway/policy.js";
import { throughFence } from "../../../sandbox/gateway/outbound.js";
import { type Runtime, startRuntime } from "../../../sandbox/gateway/runtime.js";
import { createIssuer, ISSUER_HOST, type Job } from "../../../sandbox/oidc/issuer.js";
import { RUNNER_HOST, RunnerService } from "../../../sandbox/oidc/runner.js";
import { GATEWAY_HOST, WORKER, ZONE } from "../../../sandbox/world/cloudflare.js";
import { up } from "../../../sandbox/world/engine.js";
import { OWNER } from "../../../sandbox/world/github.js";
import { runAction } from "../../support/action.js";
import { temporaryFolder } from "../../support/folder.js";
import { useWorld } from "../../support/world.js";

const ROOT = join(__dirname, "../../..");
const REPOSITORIES = ["p24-infra", "et-operational-platform"];

describe("a job with an OIDC token", () => {
  let clock = () => new Date();
  const issuer = createIssuer(() => clock());
  const service = new RunnerService(issuer);
  const folder = temporaryFolder();
  const lines: Record<string, unknown>[] = [];
  let runtime: Runtime | undefined;
  const world = useWorld({
    gateway: true,
    repositories: REPOSITORIES,
    settings: { hosts: {} },
    routes: {
      [ISSUER_HOST]: issuer.handle,
      [RUNNER_HOST]: service.handle,
      [GATEWAY_HOST]: (request, response) => runtime?.handle(request, response),
    },
  });
  let job: Job;

  before(async () => {
    const { code, stdout, stderr } = await up(world());
    assert.equal(code, 0, stdout + stderr);
    const worker = world().cloudflare.workerOf(WORKER);
    assert.ok(worker, "the gateway is deployed");
    const binding = (name: string) => worker.bindings.find((one) => one.name === name)?.text ?? "";
    runtime = await startRuntime({
      script: worker.content,
      policy: binding("POLICY"),
      credential: binding("ZONE_CREDENTIAL"),
      outbound: await throughFence(world().fence),
      log: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
    });
    const { ownerId, callers } = JSON.parse(binding("POLICY")) as Policy;
    const repositoryId = Number(callers[0]?.repositoryId);
    job = { repository: `${OWNER}/p24-infra`, repositoryId, ownerId: Number(ownerId), actor: "radieu" };
    for (const name of ["old", "mail"]) {
      world().cloudflare.addRecord(ZONE, { type: "A", name, content: "192.0.2.9" });
    }
  });
  beforeEach(() => {
    clock = () => new Date();
    lines.length = 0;
    world().cloudflare.clearRequests();
  });
  after(() => runtime?.close());

  /** Steps of one job: the action, then what a workflow runs behind it. */
  function start(of: Job) {
    const env = {
      PATH: process.env["PATH"] ?? "",
      HTTPS_PROXY: world().fence.url,
      NODE_EXTRA_CA_CERTS: world().fence.caFile,
      NODE_OPTIONS: `--require ${join(ROOT, "sandbox/gateway/proxied.cjs")}`,
      ...service.start(of),
    };
    return {
      env,
      act: () =>
        runAction(join(ROOT, ".github/actions/cloudflare-dns"), folder(), { gateway: `https://${GATEWAY_HOST}` }, env),
      change: async (handed: Readonly<Record<string, string>>, ...args: string[]) => {
        const step = join(ROOT, "sandbox/gateway/step.mjs");
        const { code, stdout } = await run(process.execPath, [step, ZONE, ...args], { env: { ...env, ...handed } });
        return { code, said: JSON.parse(stdout) as { names?: string[]; error?: string; status?: number } };
      },
    };
  }

  const records = () =>
    world()
      .cloudflare.recordsOf(ZONE)
      .map(({ type, name, content }) => `${type} ${name} ${String(content)}`);

  it("changes DNS records with the official client, and the log says who", async () => {
    const { act, change, env } = start(job);
    const acted = await act();
    assert.equal(acted.code, 0, acted.log);
    const { code, said } = await change(acted.env, `www.${ZONE}`, `old.${ZONE}`);
    assert.equal(code, 0, JSON.stringify([said, lines]));
    assert.deepEqual(said.names, [`A mail.${ZONE} 192.0.2.9`, `A www.${ZONE} 192.0.2.2`]);
    assert.deepEqual(records(), said.names);

    const changes = lines.filter(({ method }) => method !== "GET");
    assert.deepEqual(
      changes.map(({ event, method, actor, repository, run_id }) => ({ event, method, actor, repository, run_id })),
      ["POST", "PATCH", "DELETE"].map((method) => ({
        event: "forwarded",
        method,
        actor: "radieu",
        repository: `${OWNER}/p24-infra`,
        run_id: "16823001234",
      })),
    );
    assert.deepEqual(new Set(world().cloudflare.requests.map(({ caller }) => caller)), new Set(["token:zone"]));
    const credential = world().secrets.stack["cloudflare_zone_token"] ?? "?";
    assert.ok(!JSON.stringify([env, acted, lines]).includes(credential), "the job never had the zone's credential");
  });

  it("finds no credential of Cloudflare at GitHub, because none is there", () => {
    const { stack } = world().secrets;
    const credentials = [stack["cloudflare_zone_token"], stack["cloudflare_deploy_token"]];
    const held = REPOSITORIES.flatMap((name) => world().github.secretsOf(OWNER, name));
    assert.ok(held.length > 5, "the sync has written the others");
    assert.deepEqual(
      held.filter(({ name }) => /cloudflare/i.test(name)),
      [],
    );
    assert.ok(held.every(({ value }) => !credentials.some((credential) => value.includes(credential ?? "?"))));
  });

  it("that takes longer than its token is refused, and goes on when it calls the action again", async () => {
    const { act, change } = start(job);
    clock = () => new Date(Date.now() - 400_000);
    const old = await act();
    const refused = await change(old.env, `late.${ZONE}`, `none.${ZONE}`);
    assert.deepEqual([refused.code, refused.said], [1, { error: "PermissionDeniedError", status: 403 }]);
    assert.deepEqual(
      lines.map(({ reason }) => reason),
      ["claim.exp"],
    );
    clock = () => new Date();
    assert.equal((await change((await act()).env, `late.${ZONE}`, `late.${ZONE}`)).code, 0);
  });

  const strangers: readonly (readonly [title: string, reason: string, changes: Partial<Job>])[] = [
    [
      "of another repository of the team",
      "claim.repository_id",
      { repository: `${OWNER}/et-operational-platform`, repositoryId: 1 },
    ],
    ["of another branch", "claim.ref", { ref: "refs/heads/feature" }],
    ["of another workflow", "claim.workflow_ref", { workflow: "ci.yml" }],
    ["of a pull request from a fork", "claim.event_name", { event: "pull_request_target" }],
  ];
  for (const [title, reason, changes] of strangers) {
    it(`${title} is refused, and changes nothing`, async () => {
      const before = records();
      const { act, change } = start({ ...job, ...changes });
      const { code, said } = await change((await act()).env, `evil.${ZONE}`, `mail.${ZONE}`);
      assert.deepEqual([code, said], [1, { error: "PermissionDeniedError", status: 403 }]);
      assert.deepEqual(
        lines.map((line) => line["reason"]),
        [reason],
      );
      assert.deepEqual([records(), world().cloudflare.requests], [before, []]);
    });
  }
});
