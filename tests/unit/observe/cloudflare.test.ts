/**
 * Proves which requests a look at the gateway costs, how its answers are read, and the exact sentence for each way in which
 * Cloudflare cannot be asked. The door is a table here; the answers' form is the emulated API's in tests/sandbox.
 */
import assert from "node:assert/strict";

import { renderFault } from "../../../core/fault.js";
import { observeGateway } from "../../../core/observe/cloudflare.js";
import type { Answer } from "../../../core/observe/http.js";
import { canary, leaked } from "../../support/canary.js";
import { ACCOUNT, LATER, sampleGateway, VERSION, WORKER, ZONE_ID } from "../../support/gateway.js";

const BASE = `https://api.cloudflare.com/client/v4/accounts/${ACCOUNT}/workers`;
const CREDENTIAL = canary();
const PATHS = ["settings", "content/v2", "subdomain", "deployments"].map((path) => `/scripts/${WORKER}/${path}`);
const DOMAINS = `/domains?zone_id=${ZONE_ID}`;

const json = (result: unknown): Answer => ({ ok: true, status: 200, body: { success: true, result }, link: undefined });
const text = (body: string): Answer => ({ ok: true, status: 200, body, link: undefined });
const refused = (status: number | undefined): Answer => ({ ok: false, status, retryAfter: undefined });
const form = (content: string) =>
  text(
    `--b1\r\nContent-Disposition: form-data; name="gateway.mjs"; filename="gateway.mjs"\r\n` +
      `Content-Type: application/javascript+module\r\n\r\n${content}\r\n--b1--\r\n`,
  );

const ANSWERS: Readonly<Record<string, Answer>> = {
  [`/scripts/${WORKER}/settings`]: json({
    bindings: [
      { name: "POLICY", type: "plain_text", text: "{}" },
      { name: "ZONE_CREDENTIAL", type: "secret_text" },
      { name: "KV", type: "kv_namespace", namespace_id: "1" },
    ],
    compatibility_date: "2026-04-01",
    compatibility_flags: ["a"],
    usage_model: "standard",
  }),
  [`/scripts/${WORKER}/content/v2`]: form("export default {};\n"),
  [`/scripts/${WORKER}/subdomain`]: json({ enabled: false, previews_enabled: true }),
  [`/scripts/${WORKER}/deployments`]: json({
    deployments: [
      {
        id: "1",
        versions: [{ version_id: LATER, percentage: 100 }],
        annotations: { "workers/triggered_by": "upload" },
      },
      {
        id: "2",
        versions: [
          { version_id: VERSION, percentage: 90 },
          { version_id: LATER, percentage: 10 },
        ],
      },
    ],
  }),
  [DOMAINS]: json([{ hostname: "dns.p24.example", service: WORKER, zone_id: ZONE_ID }]),
};

async function observe(
  answers: Readonly<Record<string, Answer>>,
  env: NodeJS.ProcessEnv = { CLOUDFLARE_API_TOKEN: CREDENTIAL },
) {
  const requests: { url: string; headers: Record<string, string> }[] = [];
  const get = (url: string, headers: Record<string, string>): Promise<Answer> => {
    requests.push({ url: url.slice(BASE.length), headers });
    const answer = answers[url.slice(BASE.length)];
    return answer === undefined ? Promise.reject(new Error(`not expected: ${url}`)) : Promise.resolve(answer);
  };
  return { observed: await observeGateway(get, sampleGateway(), env), requests };
}

describe("observing the gateway", () => {
  it("takes five requests", async () => {
    const { observed, requests } = await observe(ANSWERS);
    assert.deepEqual(requests.map(({ url }) => url).sort(), [...PATHS, DOMAINS].sort());
    for (const { headers } of requests) {
      assert.deepEqual(headers, {
        accept: "application/json",
        authorization: `Bearer ${CREDENTIAL}`,
        "user-agent": "p24-infra",
      });
    }
    assert.deepEqual(observed, {
      seen: {
        worker: {
          script: "export default {};\n",
          mainModule: "gateway.mjs",
          compatibilityDate: "2026-04-01",
          compatibilityFlags: ["a"],
          bindings: new Map<string, object>([
            ["POLICY", { type: "plain_text", text: "{}" }],
            ["ZONE_CREDENTIAL", { type: "secret_text" }],
            ["KV", { type: "kv_namespace" }],
          ]),
          onWorkersDev: true,
          deployments: [
            { version: LATER, triggeredBy: "upload" },
            { version: `${VERSION}+${LATER}`, triggeredBy: undefined },
          ],
        },
        domains: new Map([["dns.p24.example", WORKER]]),
      },
    });
  });

  const contents: readonly [title: string, answer: Answer, script: string, module: string | undefined][] = [
    ["a script without modules", text("addEventListener()"), "addEventListener()", undefined],
    [
      "a module with blank lines and what looks like the end of a part",
      form("a\r\n\r\n--b2\r\nc"),
      "a\r\n\r\n--b2\r\nc",
      "gateway.mjs",
    ],
    ["an empty module", form(""), "", "gateway.mjs"],
  ];
  for (const [title, answer, script, mainModule] of contents) {
    it(`reads ${title}`, async () => {
      const { observed } = await observe({ ...ANSWERS, [`/scripts/${WORKER}/content/v2`]: answer });
      assert.ok("seen" in observed && observed.seen.worker !== undefined);
      assert.deepEqual([observed.seen.worker.script, observed.seen.worker.mainModule], [script, mainModule]);
    });
  }

  it("tells a Worker that is not there from one that cannot be seen", async () => {
    const gone = Object.fromEntries(PATHS.map((path) => [path, refused(404)]));
    const { observed } = await observe({ ...ANSWERS, ...gone });
    assert.deepEqual(observed, { seen: { worker: undefined, domains: new Map([["dns.p24.example", WORKER]]) } });
  });

  const all = (status: number | undefined) =>
    Object.fromEntries([...PATHS, DOMAINS].map((path) => [path, refused(status)]));
  const DEPLOY = "secrets/stack.sops.yaml: cloudflare_deploy_token";
  const refusals: readonly [title: string, answers: Record<string, Answer>, fault: string][] = [
    [
      "a value that is no token",
      all(400),
      `Cloudflare does not accept the credential (400). Repair: sops edit ${DEPLOY}, a token of the account`,
    ],
    [
      "a token without the permission, or one that was deleted",
      all(403),
      "the credential is not valid, or may not read and write the account's Workers (403). Repair: give cloudflare_deploy_token the permission Workers Scripts: Edit on the account in the settings",
    ],
    [
      "another account",
      all(404),
      "the account does not exist (404). Repair: correct cloudflare.account in the settings: the dashboard shows the id of the account",
    ],
    [
      "too many requests",
      all(429),
      "Cloudflare limits the rate of requests (429). Repair: wait five minutes and run again",
    ],
    ["a failure of Cloudflare", all(503), "Cloudflare answered 503. Repair: see cloudflarestatus.com and run again"],
    ["no network", all(undefined), "api.cloudflare.com gave no usable answer. Repair: check the network and run again"],
    [
      "answers of another form",
      Object.fromEntries([...PATHS, DOMAINS].map((path) => [path, json("?")])),
      "api.cloudflare.com gave no usable answer. Repair: check the network and run again",
    ],
    [
      "a script that cannot be read",
      { ...ANSWERS, [`/scripts/${WORKER}/content/v2`]: refused(500) },
      "Cloudflare answered 500. Repair: see cloudflarestatus.com and run again",
    ],
    [
      "half a form",
      { ...ANSWERS, [`/scripts/${WORKER}/content/v2`]: text("--b1\r\nContent-Type: x\r\n\r\nhalf") },
      "api.cloudflare.com gave no usable answer. Repair: check the network and run again",
    ],
  ];
  for (const [title, answers, fault] of refusals) {
    it(`says what is wrong: ${title}`, async () => {
      const { observed } = await observe(answers);
      assert.ok("unreachable" in observed);
      assert.equal(renderFault(observed.unreachable), `Cloudflare Worker ${WORKER}: ${fault}`);
      assert.deepEqual(leaked(renderFault(observed.unreachable), [CREDENTIAL]), []);
    });
  }

  it("asks nobody without a credential", async () => {
    for (const env of [{}, { CLOUDFLARE_API_TOKEN: "" }]) {
      const { observed, requests } = await observe(ANSWERS, env);
      assert.deepEqual(requests, []);
      assert.ok("unreachable" in observed);
      assert.match(
        renderFault(observed.unreachable),
        /CLOUDFLARE_API_TOKEN is not set\. Repair: sops edit .*cloudflare_deploy_token/,
      );
    }
  });
});
