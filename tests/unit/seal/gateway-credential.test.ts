/**
 * Proves what is sent when the zone's credential is bound: tried on the zone first, sent to one address only, and named in no
 * fault. The door is a table here; that the credential arrives is proved with the emulated API in tests/sandbox.
 */
import assert from "node:assert/strict";

import type { Answer } from "../../../core/observe/http.js";
import { bindCredential } from "../../../core/seal/gatewayCredential.js";
import { Secret } from "../../../core/seal/secret.js";
import { canary, leaked } from "../../support/canary.js";
import { faultsOfAsync } from "../../support/faults.js";
import { ACCOUNT, VERSION, WORKER, ZONE_ID } from "../../support/gateway.js";

const API = "https://api.cloudflare.com/client/v4";
const ZONE = `${API}/zones/${ZONE_ID}/dns_records?per_page=1`;
const SCRIPT = `${API}/accounts/${ACCOUNT}/workers/scripts/${WORKER}`;
const VALUE = canary();
const DEPLOY = canary();

const good = (result: unknown): Answer => ({ ok: true, status: 200, body: { result }, link: undefined });
const refused = (status?: number): Answer => ({ ok: false, status, retryAfter: undefined });
const DEPLOYED = good({ deployments: [{ versions: [{ version_id: VERSION }] }] });
const ORDER: Readonly<Record<string, Answer>> = {
  [ZONE]: good([]),
  [`${SCRIPT}/secrets`]: good({}),
  [`${SCRIPT}/deployments`]: DEPLOYED,
};

function bind(answers: Readonly<Record<string, Answer>>) {
  const sent: { verb: string; url: string; headers: Record<string, string>; query?: object }[] = [];
  const asking = (verb: string) => (url: string, headers: Record<string, string>, query?: object) => {
    sent.push({ verb, url, headers, ...(query && { query }) });
    return Promise.resolve(answers[url] ?? refused());
  };
  const door = { get: asking("GET"), put: asking("PUT") };
  const target = { account: ACCOUNT, worker: WORKER, zoneId: ZONE_ID };
  return { sent, done: bindCredential(door, { authorization: `Bearer ${DEPLOY}` }, target, new Secret(VALUE)) };
}

describe("binding the zone's credential", () => {
  it("tries it on the zone, gives it to the Worker, and reads which version has it", async () => {
    const { sent, done } = bind(ORDER);
    assert.equal(await done, VERSION);
    assert.deepEqual(
      sent.map(({ verb, url }) => `${verb} ${url}`),
      [`GET ${ZONE}`, `PUT ${SCRIPT}/secrets`, `GET ${SCRIPT}/deployments`],
    );
    assert.deepEqual(
      sent.map(({ headers }) => headers["authorization"]),
      [`Bearer ${VALUE}`, `Bearer ${DEPLOY}`, `Bearer ${DEPLOY}`],
    );
    assert.deepEqual(sent[1]?.query, { name: "ZONE_CREDENTIAL", text: VALUE, type: "secret_text" });
  });

  const where = `Cloudflare Worker ${WORKER}`;
  const cases: readonly [title: string, answers: Record<string, Answer>, requests: number, fault: RegExp][] = [
    [
      "a credential that does not open the zone is not bound",
      { [ZONE]: refused(403) },
      1,
      /^secrets\/stack\.sops\.yaml: cloudflare_zone_token: does not open the zone of the settings \(403\); the Worker keeps the former one\. Repair: make a token with/,
    ],
    ["without a network nothing is bound", {}, 1, /^Cloudflare: api\.cloudflare\.com gave no usable answer/],
    [
      "a Worker that is gone",
      { [ZONE]: good([]), [`${SCRIPT}/secrets`]: refused(404) },
      2,
      new RegExp(`^${where}: is not there any more \\(404\\)\\. Repair: npm run up$`),
    ],
    [
      "a deploy credential that may not",
      { [ZONE]: good([]), [`${SCRIPT}/secrets`]: refused(403) },
      2,
      new RegExp(`^${where}: the credential is not valid, or may not`),
    ],
    [
      "an answer that names no version",
      { ...ORDER, [`${SCRIPT}/deployments`]: good({ deployments: [] }) },
      3,
      new RegExp(`^${where}: api\\.cloudflare\\.com gave no usable answer`),
    ],
  ];
  for (const [title, answers, requests, fault] of cases) {
    it(title, async () => {
      const { sent, done } = bind(answers);
      const faults = await faultsOfAsync(done);
      assert.equal(faults.length, 1);
      assert.match(faults[0] ?? "", fault);
      assert.equal(sent.length, requests);
      assert.deepEqual(leaked(faults.join(), [VALUE, DEPLOY]), []);
    });
  }
});
