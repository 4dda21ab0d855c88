import assert from "node:assert/strict";
import { clockAt, startApi, type Api } from "./support.js";

const INFRA = "/repos/acme/infra";

describe("github stand-in: who may do what", () => {
  const clock = clockAt("2026-02-03T04:05:06Z");
  let api: Api;
  let installation: number;

  beforeEach(async () => {
    api = await startApi({ now: clock.now });
    api.world.addRepository({ owner: "acme", name: "uncovered" });
    api.world.addApp({ slug: "p24-bot", owner: "acme", permissions: { secrets: "write", metadata: "read" } });
    installation = api.world.installApp({ app: "p24-bot", owner: "acme", repositories: ["infra"] }).id;
    api.world.addSecret("acme", "infra", "KNOWN", "x");
  });
  afterEach(() => api.close());

  const callers: Record<string, () => string | undefined> = {
    anonymous: () => undefined,
    "an unknown token": () => `ghp_${"0".repeat(36)}`,
    "a classic token of an administrator": () => api.world.issueClassic("admin").value,
    "a classic token without the repo scope": () => api.world.issueClassic("admin", ["read:org"]).value,
    "a classic token of a reader": () => api.world.issueClassic("reader").value,
    "a classic token of a stranger": () => api.world.issueClassic("stranger").value,
    "an App token": () => api.world.issueInstallation(installation).value,
    "an App token that may read": () =>
      api.world.issueInstallation(installation, { permissions: { secrets: "read" } }).value,
    "an App token without secrets": () =>
      api.world.issueInstallation(installation, { permissions: { contents: "write" } }).value,
    "the workflow's own token": () => api.world.issueWorkflow("acme", "infra", { contents: "write" }).value,
    "a fine-grained token": () =>
      api.world.issueFineGrained({
        login: "admin",
        owner: "acme",
        repositories: ["infra"],
        permissions: { secrets: "read" },
      }).value,
  };
  const INTEGRATION = "Resource not accessible by integration";
  const PERSONAL = "Resource not accessible by personal access token";
  const RIGHTS = "Must have admin rights to Repository.";

  // caller: GET repository, GET secrets, DELETE secret; with the message of what is refused
  const table: [keyof typeof callers, number, number, number, string?][] = [
    ["anonymous", 404, 404, 404, "Not Found"],
    ["an unknown token", 401, 401, 401, "Bad credentials"],
    ["a classic token of an administrator", 200, 200, 204],
    ["a classic token without the repo scope", 404, 404, 404, "Not Found"],
    ["a classic token of a reader", 200, 403, 403, RIGHTS],
    ["a classic token of a stranger", 404, 404, 404, "Not Found"],
    ["an App token", 200, 200, 204],
    ["an App token that may read", 200, 200, 403, INTEGRATION],
    ["an App token without secrets", 200, 403, 403, INTEGRATION],
    ["the workflow's own token", 200, 403, 403, INTEGRATION],
    ["a fine-grained token", 200, 200, 403, PERSONAL],
  ];
  for (const [caller, ...row] of table) {
    it(`${caller}: repository ${row[0]}, list ${row[1]}, delete ${row[2]}`, async () => {
      const as = callers[caller]?.();
      const options = as === undefined ? {} : { as };
      const answers = [
        await api.call("GET", INFRA, options),
        await api.call("GET", `${INFRA}/actions/secrets`, options),
        await api.call("DELETE", `${INFRA}/actions/secrets/KNOWN`, options),
      ];
      assert.deepEqual(
        answers.map((one) => one.status),
        row.slice(0, 3),
      );
      for (const refused of answers.filter((one) => one.status >= 400)) assert.equal(refused.json.message, row[3]);
    });
  }

  it("names the missing permission in a header", async () => {
    const as = api.world.issueInstallation(installation, { permissions: { secrets: "read" } }).value;
    const { headers } = await api.call("DELETE", `${INFRA}/actions/secrets/KNOWN`, { as });
    assert.equal(headers.get("x-accepted-github-permissions"), "secrets=write");
  });

  it("hides private repositories that an installation does not cover, and shows public ones read-only", async () => {
    const as = api.world.issueInstallation(installation).value;
    assert.equal((await api.call("GET", "/repos/acme/uncovered/actions/secrets", { as })).status, 404);
    assert.equal((await api.call("GET", "/repos/acme/site", { as })).status, 200);
    const refused = await api.call("GET", "/repos/acme/site/actions/secrets", { as });
    assert.deepEqual([refused.status, refused.json.message], [403, INTEGRATION]);
  });

  it("asks an anonymous caller to authenticate where the repository is public", async () => {
    assert.equal((await api.call("GET", "/repos/acme/site")).status, 200);
    const { status, json } = await api.call("GET", "/repos/acme/site/actions/secrets");
    assert.deepEqual([status, json.message], [401, "Requires authentication"]);
  });

  it("narrows a token to some repositories of the installation", async () => {
    api.world.changeInstallation(installation, { repositories: ["infra", "uncovered"] });
    const as = api.world.issueInstallation(installation, { repositories: ["uncovered"] }).value;
    assert.equal((await api.call("GET", "/repos/acme/uncovered", { as })).status, 200);
    assert.equal((await api.call("GET", INFRA, { as })).status, 404);
  });

  it("takes a permission away from tokens that were given out before", async () => {
    const as = api.world.issueInstallation(installation).value;
    api.world.changeInstallation(installation, { permissions: { secrets: "read" } });
    assert.equal((await api.call("GET", `${INFRA}/actions/secrets`, { as })).status, 200);
    assert.equal((await api.call("DELETE", `${INFRA}/actions/secrets/KNOWN`, { as })).status, 403);
  });

  it("ends a token by revoking, by its hour and by suspending the installation", async () => {
    const status = async (as: string): Promise<number> => (await api.call("GET", INFRA, { as })).status;
    const revoked = api.world.issueInstallation(installation).value;
    assert.equal(await status(revoked), 200);
    api.world.revoke(revoked);
    assert.equal(await status(revoked), 401);

    const expiring = api.world.issueInstallation(installation);
    clock.forward(3_599_000);
    assert.equal(await status(expiring.value), 200);
    clock.forward(1_000);
    assert.equal(await status(expiring.value), 401);

    const suspended = api.world.issueInstallation(installation).value;
    api.world.changeInstallation(installation, { suspended: true });
    assert.equal(await status(suspended), 401);
  });

  it("makes tokens in GitHub's forms, never the same twice", () => {
    const { world } = api;
    const classic = world.issueClassic("admin").value;
    assert.match(classic, /^ghp_[A-Za-z0-9]{36}$/);
    assert.notEqual(classic, world.issueClassic("admin").value);
    for (const value of [world.issueInstallation(installation).value, world.issueWorkflow("acme", "infra").value]) {
      assert.match(value, /^ghs_[A-Za-z0-9._-]{36,}$/);
      assert.ok(value.length > 400 && value.length < 600, String(value.length));
    }
  });

  it("takes the value after Bearer, after token and as the second part of Basic", async () => {
    const { value } = api.world.issueClassic("admin");
    for (const authorization of [
      `Bearer ${value}`,
      `bearer ${value}`,
      `token ${value}`,
      `Basic ${Buffer.from(`x:${value}`).toString("base64")}`,
    ]) {
      assert.equal((await api.call("GET", INFRA, { headers: { authorization } })).status, 200);
    }
    for (const authorization of ["Bearer", `Digest ${value}`, value, "Basic !!"]) {
      assert.equal((await api.call("GET", INFRA, { headers: { authorization } })).status, 401, authorization);
    }
  });

  const identities: [string, () => string, string][] = [
    ["App", () => api.world.issueInstallation(installation).value, "p24-bot[bot]"],
    ["workflow", () => api.world.issueWorkflow("acme", "infra").value, "github-actions[bot]"],
    ["user", () => api.world.issueClassic("admin").value, "admin"],
  ];
  for (const [kind, issue, login] of identities) {
    it(`tells by GraphQL who the ${kind}'s token is`, async () => {
      for (const query of [
        "{ viewer { login } }",
        "query {viewer{login}}",
        "query Who {\n  viewer { login, __typename }\n}",
      ]) {
        const { status, json } = await api.call("POST", "/graphql", { as: issue(), body: { query } });
        assert.equal(status, 200);
        assert.equal(json.data.viewer.login, login);
      }
    });
  }

  it("answers no other GraphQL query, and none without a caller", async () => {
    assert.equal((await api.call("POST", "/graphql", { body: { query: "{viewer{login}}" } })).status, 401);
    const as = api.world.issueClassic("admin").value;
    const { json } = await api.call("POST", "/graphql", { as, body: { query: "{ rateLimit { cost } }" } });
    assert.ok(json.errors);
    assert.equal(api.world.unhandled.length, 1);
  });

  it("gives GET /user to users only", async () => {
    const user = await api.call("GET", "/user", { as: api.world.issueClassic("admin").value });
    assert.deepEqual([user.status, user.json.login], [200, "admin"]);
    const app = await api.call("GET", "/user", { as: api.world.issueInstallation(installation).value });
    assert.deepEqual([app.status, app.json.message], [403, INTEGRATION]);
    assert.equal((await api.call("GET", "/user")).status, 401);
  });

  it("refuses a request without a User-Agent", async () => {
    const as = api.world.issueClassic("admin").value;
    const { status, json } = await api.call("GET", INFRA, { as, headers: { "user-agent": "" } });
    assert.equal(status, 403);
    assert.match(json.message as string, /User-Agent/);
  });
});
