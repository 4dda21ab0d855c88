/**
 * Proves which requests a repository costs, how its answers are read, and the exact sentence for each way in which it
 * cannot be asked. The door is a table here; the real door is proved in http.test.ts, the answers' form in tests/sandbox.
 */
import assert from "node:assert/strict";

import { renderFault } from "../../../core/fault.js";
import { observeRepository } from "../../../core/observe/github.js";
import type { Answer } from "../../../core/observe/http.js";
import { canary, leaked } from "../../support/canary.js";

const BASE = "https://api.github.com/repos/radieu/p24-infra/actions/secrets";
const BOX: Answer = { ok: true, status: 200, body: { key_id: "568", key: "cHVibGlj" }, link: undefined };
const TOKEN = canary();

function list(names: readonly string[], link?: string): Answer {
  const secrets = names.map((name) => ({ name, created_at: "x", updated_at: `time of ${name}` }));
  return { ok: true, status: 200, body: { total_count: 1, secrets }, link };
}

/** Observes with a door that knows some addresses, and gives the requests too. */
async function observe(answers: Readonly<Record<string, Answer>>, env: NodeJS.ProcessEnv = { GITHUB_TOKEN: TOKEN }) {
  const requests: { url: string; headers: Record<string, string> }[] = [];
  const get = (url: string, headers: Record<string, string>): Promise<Answer> => {
    requests.push({ url, headers });
    const answer = answers[url.slice(BASE.length)];
    return answer === undefined ? Promise.reject(new Error(`not expected: ${url}`)) : Promise.resolve(answer);
  };
  return { observed: await observeRepository(get, "radieu", "p24-infra", env), requests };
}

const PAGE = (page: number) => `?per_page=100&page=${String(page)}`;

describe("observing a repository", () => {
  it("takes two requests: the list and what to seal with", async () => {
    const { observed, requests } = await observe({ [PAGE(1)]: list(["A", "b_c"]), "/public-key": BOX });
    assert.deepEqual(observed, {
      seen: {
        secrets: new Map([
          ["A", "time of A"],
          ["B_C", "time of b_c"],
        ]),
        box: { keyId: "568", publicKey: "cHVibGlj" },
      },
    });
    assert.equal(requests.length, 2);
    for (const { headers } of requests) {
      assert.deepEqual(headers, {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${TOKEN}`,
        "user-agent": "p24-infra",
        "x-github-api-version": "2022-11-28",
      });
    }
  });

  it("follows the pages as long as there is a next one", async () => {
    const { observed, requests } = await observe({
      [PAGE(1)]: list(["A"], '<https://x?page=2>; rel="next", <https://x?page=3>; rel="last"'),
      [PAGE(2)]: list(["B"], '<https://x?page=3>; rel="next", <https://x?page=1>; rel="first"'),
      [PAGE(3)]: list(["C"], '<https://x?page=1>; rel="first", <https://x?page=2>; rel="prev"'),
      "/public-key": BOX,
    });
    assert.ok("seen" in observed);
    assert.deepEqual([...observed.seen.secrets.keys()], ["A", "B", "C"]);
    assert.equal(requests.length, 4);
  });

  const failed = (status: number | undefined, retryAfter?: string): Answer => ({ ok: false, status, retryAfter });
  const unusable = "api.github.com gave no usable answer. Repair: check the network and run again";
  const cases: readonly [string, Answer, string][] = [
    ["401", failed(401), "GitHub does not accept the token (401). Repair: renew GITHUB_TOKEN: gh auth login"],
    [
      "403",
      failed(403),
      "the token may not read or write the repository's Actions secrets (403). Repair: give the App the permission " +
        "Secrets: read and write, and accept it in the installation",
    ],
    [
      "403 with a time to wait",
      failed(403, "60"),
      "GitHub limits the rate of requests (403). Repair: wait a few minutes and run again",
    ],
    [
      "404",
      failed(404),
      "the repository does not exist or the token cannot see it (404). Repair: correct github.repositories in the " +
        "settings, or install the App on the repository",
    ],
    ["422", failed(422), "GitHub answered 422. Repair: see githubstatus.com and run again"],
    ["429", failed(429, "60"), "GitHub limits the rate of requests (429). Repair: wait a few minutes and run again"],
    ["500", failed(500), "GitHub answered 500. Repair: see githubstatus.com and run again"],
    ["503", failed(503, "1"), "GitHub answered 503. Repair: see githubstatus.com and run again"],
    ["no answer", failed(undefined), unusable],
    ["an answer of another form", { ok: true, status: 200, body: { message: "hello" }, link: undefined }, unusable],
    ["an answer that is null", { ok: true, status: 200, body: null, link: undefined }, unusable],
  ];
  for (const [title, answer, message] of cases) {
    for (const [where, answers] of [
      ["list", { [PAGE(1)]: answer, "/public-key": BOX }],
      ["public part", { [PAGE(1)]: list(["A"]), "/public-key": answer }],
    ] as const) {
      it(`says what to do when GitHub answers the ${where} with ${title}`, async () => {
        const { observed } = await observe(answers);
        assert.ok("unreachable" in observed);
        assert.equal(renderFault(observed.unreachable), `GitHub radieu/p24-infra: ${message}`);
        assert.deepEqual(leaked(JSON.stringify(observed), [TOKEN]), []);
      });
    }
  }

  it("is not seen at all when a later page fails: half a list would look like deleted secrets", async () => {
    const answers = { [PAGE(1)]: list(["A"], '<x>; rel="next"'), [PAGE(2)]: failed(502), "/public-key": BOX };
    assert.ok("unreachable" in (await observe(answers)).observed);
  });

  for (const env of [{}, { GITHUB_TOKEN: "" }]) {
    it(`asks nobody without a token: ${JSON.stringify(env)}`, async () => {
      const { observed, requests } = await observe({}, env);
      assert.ok("unreachable" in observed);
      assert.equal(
        renderFault(observed.unreachable),
        "GitHub radieu/p24-infra: GITHUB_TOKEN is not set. Repair: export GITHUB_TOKEN=$(gh auth token), or in a " +
          "workflow the App's installation token",
      );
      assert.deepEqual(requests, []);
    });
  }
});
