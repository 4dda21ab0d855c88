/**
 * Proves what is asked about the App with which token, how the answers are read, and what is said when there is none. The
 * door is a table here; which token GitHub shows what is emulated in sandbox/github and documented in
 * docs/decisions/0006-github-app-is-verified.md.
 */
import assert from "node:assert/strict";

import { renderFault } from "../../../core/fault.js";
import type { GitHubAppSettings } from "../../../core/model/githubApp.js";
import { type AppObservation, credentialForm, observeApp } from "../../../core/observe/githubApp.js";
import type { Answer } from "../../../core/observe/http.js";
import { canary, leaked } from "../../support/canary.js";

const APP: GitHubAppSettings = { slug: "p24-infra-bot", permissions: { issues: "write", secrets: "write" } };
const GITHUB = { owner: "radieu", repositories: ["p24-infra", "Other"] };

function json(body: unknown, link?: string): Answer {
  return { ok: true, status: 200, body, link };
}
const failed = (status?: number, retryAfter?: string): Answer => ({ ok: false, status, retryAfter });
const viewer = (login: string) => json({ data: { viewer: { login } } });
const registered = (permissions: object, type = "User") => json({ slug: APP.slug, owner: { type }, permissions });
const covers = (...names: string[]) => json({ repositories: names.map((name) => ({ full_name: name })) });

async function observe(answers: Readonly<Record<string, Answer>>, credential?: string, app = APP) {
  const requests: string[] = [];
  const get = (url: string, headers: Record<string, string>, query?: object): Promise<Answer> => {
    const path = url.slice("https://api.github.com/".length);
    requests.push(query === undefined ? path : `${path} ${JSON.stringify(query)}`);
    assert.equal(headers["authorization"], `Bearer ${credential ?? ""}`);
    const answer = answers[path];
    return answer === undefined ? Promise.reject(new Error(`not expected: ${url}`)) : Promise.resolve(answer);
  };
  const env = credential === undefined ? {} : { GITHUB_TOKEN: credential };
  return { observed: await observeApp(get, GITHUB, app, env), requests };
}

const OWN = `ghs_${canary()}${canary()}`;
const PAGE = (path: string, page = 1) => `${path}?per_page=100&page=${String(page)}`;

describe("observing the GitHub App", () => {
  it("with its own token asks who it is, what it asks for, what it covers, and whether each is granted", async () => {
    const { observed, requests } = await observe(
      {
        graphql: viewer("p24-infra-bot[bot]"),
        "apps/p24-infra-bot": registered({ issues: "write", contents: "read", secrets: "write" }),
        [PAGE("installation/repositories")]: json(
          { repositories: [{ full_name: "radieu/P24-Infra" }] },
          '<x>; rel="next"',
        ),
        [PAGE("installation/repositories", 2)]: covers("radieu/elsewhere"),
        "repos/radieu/p24-infra/issues?per_page=1": failed(403),
        "repos/radieu/p24-infra/branches?per_page=1": json([]),
      },
      OWN,
    );
    assert.deepEqual(observed, {
      seen: {
        form: "installation",
        login: "p24-infra-bot[bot]",
        asked: { issues: "write", contents: "read", secrets: "write" },
        ofOrganization: false,
        covered: new Set(["radieu/p24-infra", "radieu/elsewhere"]),
        refused: new Map([["radieu/p24-infra", ["issues"]]]),
      } satisfies AppObservation,
    });
    assert.equal(requests[0], 'graphql {"query":"{ viewer { login } }"}');
    assert.equal(requests.length, 6);
  });

  for (const [title, answer] of [
    ["a limit of requests", failed(403, "60")],
    ["a server's mistake", failed(502)],
    ["issues that are switched off", failed(410)],
  ] as const) {
    it(`takes ${title} for no refusal of a permission`, async () => {
      const { observed } = await observe(
        {
          graphql: viewer("p24-infra-bot[bot]"),
          "apps/p24-infra-bot": registered({ issues: "write" }),
          [PAGE("installation/repositories")]: covers("radieu/p24-infra"),
          "repos/radieu/p24-infra/issues?per_page=1": answer,
        },
        OWN,
      );
      assert.ok("seen" in observed);
      assert.deepEqual(observed.seen.refused, new Map());
    });
  }

  it("with a person's token sees what the App asks for, and what it covers when told the installation", async () => {
    const answers = {
      graphql: viewer("radieu"),
      "apps/p24-infra-bot": registered({ issues: "write" }, "Organization"),
      [PAGE("user/installations/7/repositories")]: covers("radieu/p24-infra"),
    };
    const classic = `ghp_${"a".repeat(36)}`;
    const without = await observe(answers, classic);
    assert.ok("seen" in without.observed);
    assert.deepEqual([without.observed.seen.covered, without.requests.length], [undefined, 2]);
    const told = await observe(answers, classic, { ...APP, installation: 7 });
    assert.deepEqual(told.observed, {
      seen: {
        form: "classic",
        login: "radieu",
        asked: { issues: "write" },
        ofOrganization: true,
        covered: new Set(["radieu/p24-infra"]),
        refused: new Map(),
      } satisfies AppObservation,
    });
  });

  it("goes on when the token sees no such App, or not where it is installed", async () => {
    for (const hidden of [failed(404), failed(403)]) {
      const answers = {
        graphql: viewer("radieu"),
        "apps/p24-infra-bot": hidden,
        [PAGE("user/installations/7/repositories")]: failed(403),
      };
      const { observed } = await observe(answers, "x", { ...APP, installation: 7 });
      assert.ok("seen" in observed);
      assert.deepEqual(
        [observed.seen.asked, observed.seen.covered, observed.seen.form],
        [undefined, undefined, "unknown"],
      );
    }
  });

  const cases: readonly [string, Readonly<Record<string, Answer>>, string][] = [
    [
      "does not know the token",
      { graphql: failed(401), "apps/p24-infra-bot": failed(401) },
      "GitHub does not accept the token (401). Repair: renew GITHUB_TOKEN: gh auth login",
    ],
    [
      "does not say who it is",
      { graphql: json({ errors: [{ type: "X" }] }), "apps/p24-infra-bot": registered({}) },
      "api.github.com gave no usable answer. Repair: check the network and run again",
    ],
    [
      "is broken",
      { graphql: viewer("radieu"), "apps/p24-infra-bot": failed(500) },
      "GitHub answered 500. Repair: see githubstatus.com and run again",
    ],
  ];
  for (const [title, answers, message] of cases) {
    it(`says what to do when GitHub ${title}`, async () => {
      const { observed } = await observe(answers, OWN);
      assert.ok("unreachable" in observed);
      assert.equal(renderFault(observed.unreachable), `GitHub App p24-infra-bot: ${message}`);
      assert.deepEqual(leaked(JSON.stringify(observed), [OWN]), []);
    });
  }

  it("asks nobody without a token", async () => {
    const { observed, requests } = await observe({});
    assert.ok("unreachable" in observed);
    assert.match(renderFault(observed.unreachable), /^GitHub App p24-infra-bot: GITHUB_TOKEN is not set\. Repair: /);
    assert.deepEqual(requests, []);
  });
});

describe("the form of a token", () => {
  const jwt = `${"e".repeat(60)}.${"y".repeat(100)}.${"J".repeat(340)}`;
  const cases: readonly [string, ReturnType<typeof credentialForm>][] = [
    [`ghs_${"a".repeat(36)}`, "installation"],
    [`ghs_1234567_${jwt}`, "installation"],
    [`ghs_${"a".repeat(35)}`, "unknown"],
    [`ghs_${"a".repeat(36)} `, "unknown"],
    [`ghp_${"a".repeat(36)}`, "classic"],
    [`github_pat_${"a".repeat(22)}_${"b".repeat(59)}`, "fine-grained"],
    [`gho_${"a".repeat(36)}`, "user"],
    [`ghu_${"a".repeat(36)}`, "user"],
    ["", "unknown"],
    [`xghs_${"a".repeat(36)}`, "unknown"],
  ];
  for (const [value, form] of cases) {
    it(`${value.slice(0, 12)}… of ${String(value.length)} characters is ${form}`, () => {
      assert.equal(credentialForm(value), form);
    });
  }
});
