/**
 * Proves what is asked about a Vercel project and the places where a token could be stored, how the answers are read, and the
 * sentence for each refusal. The door is a table; that the emulated APIs answer so is proved in tests/sandbox.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { renderFault } from "../../../core/fault.js";
import type { Answer, Get } from "../../../core/observe/http.js";
import { isVercelToken, observeCheckoutUses, observeStored } from "../../../core/observe/storedCredentials.js";
import { observeDeployments, observeProject, observeVariables } from "../../../core/observe/vercel.js";
import { Secret } from "../../../core/seal/secret.js";
import { canary, leaked } from "../../support/canary.js";
import { temporaryFolder } from "../../support/folder.js";
import { put } from "../../support/sopsFiles.js";

const json = (body: unknown): Answer => ({ ok: true, status: 200, body, link: undefined });
const failed = (status?: number, retryAfter?: string): Answer => ({ ok: false, status, retryAfter });
const ENV = { GITHUB_TOKEN: "ghs_x" };

/** A door that knows some addresses; requests as `url` or `url body`. */
function door(answers: Readonly<Record<string, Answer>>) {
  const requests: { url: string; headers: Record<string, string> }[] = [];
  const get: Get = (url, headers, query) => {
    requests.push({ url: query === undefined ? url : `${url} ${JSON.stringify(query)}`, headers });
    const answer = answers[url];
    return answer === undefined ? Promise.reject(new Error(`not expected: ${url}`)) : Promise.resolve(answer);
  };
  return { get, requests };
}

describe("observing who deploys a repository", () => {
  const URL = "https://api.github.com/repos/o/r/deployments?per_page=100";

  it("takes one request; a maker who is gone is nobody", async () => {
    const { get } = door({
      [URL]: json([
        { creator: { login: "vercel[bot]" }, environment: "Production" },
        { creator: null, environment: null },
      ]),
    });
    assert.deepEqual(await observeDeployments(get, "o/r", ENV), {
      seen: [
        { by: "vercel[bot]", environment: "Production" },
        { by: "nobody", environment: "" },
      ],
    });
  });

  const cases: readonly [string, Answer, string][] = [
    [
      "may not be asked",
      failed(403),
      "the token may not list the repository's deployments, which show who deploys it (403). Repair: give the App the permission Deployments: Read-only, and list deployments: read in github.app.permissions",
    ],
    ["limits", failed(403, "60"), "GitHub limits the rate of requests (403). Repair: wait a few minutes and run again"],
    [
      "answers something else",
      json({}),
      "api.github.com gave no usable answer. Repair: check the network and run again",
    ],
  ];
  for (const [title, answer, message] of cases) {
    it(`says what to do when GitHub ${title}`, async () => {
      const observed = await observeDeployments(door({ [URL]: answer }).get, "o/r", ENV);
      assert.ok("unreachable" in observed);
      assert.equal(renderFault(observed.unreachable), `GitHub o/r: ${message}`);
    });
  }

  it("asks nobody without a token", async () => {
    assert.ok("unreachable" in (await observeDeployments(door({}).get, "o/r", {})));
  });
});

describe("observing a Vercel project", () => {
  const value = canary();
  const credential = new Secret(value);
  const URL = "https://api.vercel.com/v9/projects/web";
  const observe = (answer: Answer) => observeProject(door({ [URL]: answer }).get, "web", undefined, credential);

  const teams: readonly [string | undefined, string][] = [
    [undefined, ""],
    ["acme", "?slug=acme"],
    ["team_abc", "?teamId=team_abc"],
  ];
  for (const [team, query] of teams) {
    it(`asks ${team ?? "without a team"} once, with the token in the header alone`, async () => {
      const { get, requests } = door({ [`${URL}${query}`]: json({ link: null }) });
      await observeProject(get, "web", team, credential);
      assert.deepEqual(requests, [
        {
          url: `${URL}${query}`,
          headers: { accept: "application/json", "user-agent": "p24-infra", authorization: `Bearer ${value}` },
        },
      ]);
    });
  }

  const hook = { id: "1", ref: "main", url: `https://api.vercel.com/v1/integrations/deploy/${value}` };
  const links: readonly [string, object, object][] = [
    ["none", {}, { git: undefined, hooks: [], atGithub: true }],
    [
      "GitHub, with hooks",
      { link: { type: "github", org: "o", repo: "r", deployHooks: [{ ...hook, name: "nightly" }] } },
      { git: { type: "github", repository: "o/r" }, hooks: ["nightly"], atGithub: true },
    ],
    [
      "Bitbucket",
      { link: { type: "bitbucket", owner: "o", slug: "r", deployHooks: [] } },
      { git: { type: "bitbucket", repository: "o/r" }, hooks: [], atGithub: true },
    ],
    [
      "GitLab",
      { link: { type: "gitlab", projectNameWithNamespace: "group / r", deployHooks: [] } },
      { git: { type: "gitlab", repository: "group / r" }, hooks: [], atGithub: true },
    ],
    [
      "a link whose repository is gone, and no deployments at GitHub",
      { link: { type: "github", org: "o" }, gitProviderOptions: { createDeployments: "disabled" } },
      { git: { type: "github", repository: "o/?" }, hooks: [], atGithub: false },
    ],
  ];
  for (const [title, body, seen] of links) {
    it(`reads ${title}, and keeps nothing else of the answer`, async () => {
      const env = [{ key: "DATABASE_URL", value }];
      const observed = await observe(json({ id: "prj", name: "web", env, ...body }));
      assert.deepEqual(observed, { seen });
      assert.deepEqual(leaked(JSON.stringify(observed), [value]), []);
    });
  }

  const renew =
    "Repair: renew vercel_token: https://vercel.com/account/settings/tokens, then sops edit secrets/stack.sops.yaml";
  const refusals: readonly [string, Answer, string][] = [
    ["401", failed(401), `Vercel does not accept the token for it (401). ${renew}`],
    ["403", failed(403), `Vercel does not accept the token for it (403). ${renew}`],
    [
      "404",
      failed(404),
      "there is no such project, or the token cannot see it (404). Repair: correct vercel.projects or vercel.team in the settings",
    ],
    ["429", failed(429, "60"), "Vercel limits the rate of requests (429). Repair: wait a few minutes and run again"],
    ["503", failed(503), "Vercel answered 503. Repair: see vercel-status.com and run again"],
    ["nothing", failed(), "api.vercel.com gave no usable answer. Repair: check the network and run again"],
    [
      "another form",
      json({ link: "github" }),
      "api.vercel.com gave no usable answer. Repair: check the network and run again",
    ],
  ];
  for (const [title, answer, message] of refusals) {
    it(`says what to do when Vercel answers ${title}`, async () => {
      const observed = await observe(answer);
      assert.ok("unreachable" in observed);
      assert.equal(renderFault(observed.unreachable), `Vercel project web: ${message}`);
      assert.deepEqual(leaked(JSON.stringify(observed), [value]), []);
    });
  }
});

describe("looking for stored tokens", () => {
  const BASE = "https://api.github.com/repos/o/r";
  const names = (...all: string[]) => json({ secrets: all.map((name) => ({ name })) });
  const ORGANIZATION = `${BASE}/actions/organization-secrets?per_page=100`;
  const ENVIRONMENTS = `${BASE}/environments?per_page=100`;
  const PREVIEW = `${BASE}/environments/Preview%20%2F%20x/secrets?per_page=100`;
  const GRAPHQL = "https://api.github.com/graphql";
  const entries = (...files: [string, string | null][]) =>
    json({
      data: { repository: { object: { entries: files.map(([name, text]) => ({ name, object: { text } })) } } },
    });

  it("looks at organization, environments and the workflow files of the default branch", async () => {
    const { get, requests } = door({
      [ORGANIZATION]: names("VERCEL_TOKEN"),
      [ENVIRONMENTS]: json({ environments: [{ name: "Preview / x" }] }),
      [PREVIEW]: names("OTHER"),
      [GRAPHQL]: entries(
        ["a.yml", "x\n  t: ${{ secrets.VERCEL_TOKEN }}"],
        ["README.md", "VERCEL_TOKEN"],
        ["bin.yml", null],
      ),
    });
    assert.deepEqual(await observeStored(get, "o/r", undefined, ENV), {
      secrets: new Map([
        ["organization", ["VERCEL_TOKEN"]],
        ["environment Preview / x", ["OTHER"]],
      ]),
      uses: [{ at: ".github/workflows/a.yml:2", name: "VERCEL_TOKEN" }],
      unseen: [],
    });
    const query = requests.find(({ url }) => url.startsWith(GRAPHQL));
    assert.match(query?.url ?? "", /"variables":\{"owner":"o","name":"r"\}\}$/);
  });

  it("takes the checkout's workflow files where it has them, and asks GitHub for none", async () => {
    const { get, requests } = door({ [ORGANIZATION]: failed(404), [ENVIRONMENTS]: json({ environments: [] }) });
    const uses = [{ at: ".github/workflows/a.yml:1", name: "VERCEL_TOKEN" }];
    assert.deepEqual(await observeStored(get, "o/r", uses, ENV), {
      secrets: new Map([["organization", []]]),
      uses,
      unseen: [],
    });
    assert.equal(requests.length, 2);
  });

  it("finds none where there is no folder of workflows", async () => {
    const { get } = door({
      [ORGANIZATION]: names(),
      [ENVIRONMENTS]: json({ environments: [] }),
      [GRAPHQL]: json({ data: { repository: { object: null } } }),
    });
    assert.deepEqual((await observeStored(get, "o/r", undefined, ENV)).uses, []);
  });

  const unseen: readonly [string, Readonly<Record<string, Answer>>, string[]][] = [
    ["the organization", { [ORGANIZATION]: failed(403) }, ["organization secrets"]],
    ["environments", { [ENVIRONMENTS]: failed(403) }, ["environment secrets"]],
    ["one environment", { [PREVIEW]: failed(403) }, ["environment secrets"]],
    ["workflow files, refused", { [GRAPHQL]: failed(403) }, ["workflow files"]],
    [
      "workflow files, refused in GraphQL's way",
      { [GRAPHQL]: json({ data: { repository: null }, errors: [{ type: "FORBIDDEN" }] }) },
      ["workflow files"],
    ],
  ];
  for (const [title, answers, expected] of unseen) {
    it(`says what it may not look at: ${title}`, async () => {
      const { get } = door({
        [ORGANIZATION]: names(),
        [ENVIRONMENTS]: json({ environments: [{ name: "Preview / x" }] }),
        [PREVIEW]: names(),
        [GRAPHQL]: entries(),
        ...answers,
      });
      assert.deepEqual((await observeStored(get, "o/r", undefined, ENV)).unseen, expected);
    });
  }

  const found: readonly [string, boolean][] = [
    ["VERCEL_TOKEN", true],
    ["VERCEL_API_TOKEN", true],
    ["VERCEL_DEPLOY_PROD_TOKEN", true],
    ["vercel_token", true],
    ["VERCEL_ORG_ID", false],
    ["VERCEL_PROJECT_ID", false],
    ["MY_VERCEL_TOKEN", false],
    ["VERCEL_TOKENS", false],
  ];
  for (const [name, expected] of found) {
    it(`${expected ? "finds" : "passes"} ${name}`, () => {
      assert.equal(isVercelToken(name), expected);
    });
  }

  describe("in a checkout", () => {
    const folder = temporaryFolder();

    it("reads the workflow files, with either line end, and no comment", async () => {
      await put(
        folder(),
        ".github/workflows/b.yaml",
        "a: 1\r\n# VERCEL_TOKEN\r\nb: ${{ secrets['vercel_token'] }}\r\n",
      );
      await put(folder(), ".github/workflows/a.yml", "env: { T: $VERCEL_API_TOKEN }\n");
      await put(folder(), ".github/workflows/notes.md", "VERCEL_TOKEN\n");
      assert.deepEqual(await observeCheckoutUses(folder()), [
        { at: ".github/workflows/a.yml:1", name: "VERCEL_API_TOKEN" },
        { at: ".github/workflows/b.yaml:3", name: "VERCEL_TOKEN" },
      ]);
    });

    it("finds none where there is no such folder", async () => {
      assert.deepEqual(await observeCheckoutUses(join(folder(), "nowhere")), []);
    });
  });
});

describe("observing the names of a project's variables", () => {
  const URL = "https://api.vercel.com/v10/projects/site/env";

  it("asks for nothing to be decrypted, and keeps names and targets only", async () => {
    const value = canary();
    const { get, requests } = door({
      [`${URL}?slug=team`]: json({
        envs: [
          { key: "A", type: "plain", value, target: ["production", "preview"] },
          { key: "B", type: "sensitive", target: "production" },
          { key: "C", type: "encrypted", value, comment: value },
        ],
      }),
    });
    const observed = await observeVariables(get, "site", "team", new Secret("x"));
    assert.deepEqual(observed, {
      seen: [
        { name: "A", targets: ["production", "preview"] },
        { name: "B", targets: ["production"] },
        { name: "C", targets: [] },
      ],
    });
    assert.deepEqual([requests.length, leaked(JSON.stringify(observed), [value])], [1, []]);
  });

  it("says what Vercel refuses", async () => {
    const { get } = door({ [URL]: failed(403) });
    const observed = await observeVariables(get, "site", undefined, new Secret("x"));
    assert.match(
      "unreachable" in observed ? renderFault(observed.unreachable) : "",
      /^Vercel project site: Vercel does not accept/,
    );
  });
});
