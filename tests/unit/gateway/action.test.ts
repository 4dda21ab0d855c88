/**
 * Proves what the composite action does, by running the very command that stands in action.yml. GitHub's runner and its
 * service are stand-ins; that GitHub reads action.yml as we do is not shown.
 */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { createIssuer } from "../../../sandbox/oidc/issuer.js";
import { RunnerService } from "../../../sandbox/oidc/runner.js";
import { type ActionRun, runAction } from "../../support/action.js";
import { temporaryFolder } from "../../support/folder.js";

const ACTION = join(__dirname, "../../../.github/actions/cloudflare-dns");
const GATEWAY = "https://dns-gateway.example.com";
const JOB = { repository: "radieu/p24-infra", repositoryId: 700_001, ownerId: 9001 };

describe("the action cloudflare-dns", () => {
  const folder = temporaryFolder();
  const issuer = createIssuer();
  let server: Server;
  let service: RunnerService;
  let job: Readonly<Record<string, string>>;
  before(async () => {
    server = createServer((request, response) => {
      service.handle(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  beforeEach(() => {
    service = new RunnerService(issuer, `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
    job = { ...service.start(JOB) };
  });
  after(() => new Promise((resolve) => server.close(resolve)));

  const act = (inputs: Readonly<Record<string, string>> = {}, env = job): Promise<ActionRun> =>
    runAction(ACTION, folder(), { gateway: GATEWAY, ...inputs }, { PATH: process.env["PATH"] ?? "", ...env });

  it("asks for a token with the gateway as audience and hands it to later steps", async () => {
    const { code, env, outputs } = await act();
    assert.equal(code, 0);
    assert.deepEqual(service.audiences, [GATEWAY]);
    const value = env["CLOUDFLARE_API_TOKEN"] ?? "";
    assert.equal(JSON.parse(Buffer.from(value.split(".")[1] ?? "", "base64url").toString()).aud, GATEWAY);
    assert.deepEqual(env, { CLOUDFLARE_API_TOKEN: value, CLOUDFLARE_BASE_URL: `${GATEWAY}/client/v4/` });
    assert.deepEqual(outputs, {
      "api-token": value,
      "base-url": `${GATEWAY}/client/v4/`,
      "expires-at": outputs["expires-at"],
    });
    const minutes = (Date.parse(outputs["expires-at"] ?? "") - Date.now()) / 60_000;
    assert.ok(minutes > 4 && minutes < 6);
  });

  it("masks it before anything else, and names it nowhere else in the log", async () => {
    const { log, env } = await act();
    const value = env["CLOUDFLARE_API_TOKEN"] ?? "";
    assert.ok(log.startsWith(`::add-mask::${value}\n`));
    assert.equal(log.split(value).length, 2);
    assert.ok(!log.includes(job["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? "?"));
  });

  it("leaves the environment alone when it is told to", async () => {
    const { env, outputs } = await act({ export: "false" });
    assert.deepEqual(env, {});
    assert.match(outputs["api-token"] ?? "", /^[^.]+\.[^.]+\.[^.]+$/);
  });

  it("gives another token each time it is called", async () => {
    const runs = [await act(), await act()];
    assert.equal(new Set(runs.map(({ outputs }) => outputs["api-token"])).size, 2);
  });

  it("asks again when the service fails for a moment", async () => {
    service.faults.push(503);
    assert.equal((await act()).code, 0);
    assert.deepEqual(service.audiences, [GATEWAY]);
  });

  const bad: readonly (readonly [title: string, said: RegExp, run: () => Promise<ActionRun>])[] = [
    ["without the permission", /permissions: \{ id-token: write/, () => act({}, {})],
    ["for a gateway without TLS", /input `gateway`/, () => act({ gateway: "http://dns-gateway.example.com" })],
    ["for a gateway with a path", /input `gateway`/, () => act({ gateway: `${GATEWAY}/client/v4` })],
    ["for a gateway with a line's end", /input `gateway`/, () => act({ gateway: `${GATEWAY}\nX=1` })],
    ["for no gateway", /input `gateway`/, () => act({ gateway: "" })],
    ["with an export that is neither", /input `export`/, () => act({ export: "yes" })],
    [
      "when the service refuses",
      /no OIDC token \(status 403\)/,
      () => {
        service.faults.push(403);
        return act();
      },
    ],
    [
      "when the service answers something else",
      /no OIDC token/,
      () => {
        service.faults.push('{"value":"canary\\nGITHUB_ENV=evil"}');
        return act();
      },
    ],
    [
      "when the service answers no JSON",
      /no OIDC token/,
      () => {
        service.faults.push("<html>canary");
        return act();
      },
    ],
  ];
  for (const [title, said, run] of bad) {
    it(`fails ${title}: says so and how to repair it, hands nothing over, and repeats no value`, async () => {
      const { code, log, env } = await run();
      assert.equal(code, 1);
      assert.match(log, /^::error title=Cloudflare DNS::[^\n]+\n$/);
      assert.match(log, said);
      assert.doesNotMatch(log, /canary/);
      assert.deepEqual(env, {});
    });
  }
});
