import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import type { AppInfo } from "../../../sandbox/github/index.js";
import { clockAt, startApi, type Api } from "./support.js";

describe("github stand-in: the App", () => {
  const clock = clockAt("2026-02-03T04:05:06Z");
  let api: Api;
  let app: AppInfo;
  let installation: number;
  const now = (): number => Math.floor(clock.now().getTime() / 1000);

  before(async () => {
    api = await startApi({ now: clock.now });
    app = api.world.addApp({ slug: "p24-bot", owner: "acme", permissions: { secrets: "write", issues: "read" } });
    installation = api.world.installApp({ app: "p24-bot", owner: "acme", repositories: ["infra"] }).id;
    api.world.addRepository({ owner: "acme", name: "later", collaborators: { admin: "admin" } });
    api.world.addRepository({ owner: "elsewhere", name: "other", ownerType: "User" });
  });
  after(() => api.close());

  const jwt = (claims: object = {}, header: object = { alg: "RS256", typ: "JWT" }, pem = app.privatePem): string => {
    const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString("base64url");
    const signed = `${part(header)}.${part({ iss: app.clientId, iat: now() - 30, exp: now() + 300, ...claims })}`;
    return `${signed}.${sign("sha256", Buffer.from(signed), pem).toString("base64url")}`;
  };

  it("knows itself by its own token, named by client id or by id", async () => {
    for (const iss of [app.clientId, app.id, String(app.id)]) {
      const { status, json } = await api.call("GET", "/app", { as: jwt({ iss }) });
      assert.equal(status, 200);
      assert.equal(json.slug, "p24-bot");
      assert.deepEqual(json.permissions, { metadata: "read", secrets: "write", issues: "read" });
    }
  });

  const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
    type: "pkcs1",
    format: "pem",
  });
  const refusals: [string, () => string, RegExp][] = [
    ["an expired one", () => jwt({ exp: now() - 1 }), /'Expiration time' claim/],
    ["one for longer than ten minutes", () => jwt({ exp: now() + 3600 }), /too far in the future/],
    ["one without an end", () => jwt({ exp: undefined }), /'Expiration time' claim/],
    ["one from the future", () => jwt({ iat: now() + 600 }), /'Issued at' claim/],
    ["one of an unknown App", () => jwt({ iss: "1" }), /could not be decoded/],
    ["one signed by somebody else", () => jwt({}, undefined, stranger.toString()), /could not be decoded/],
    ["one without signature", () => jwt({}, { alg: "none" }), /could not be decoded/],
    ["one signed with the public part as a password", () => hmac(), /could not be decoded/],
    ["an installation's token", () => api.world.issueInstallation(installation).value, /could not be decoded/],
  ];
  function hmac(): string {
    const [, claims] = jwt().split(".");
    const head = Buffer.from(JSON.stringify({ alg: "HS256", typ: "JWT" })).toString("base64url");
    return `${head}.${claims}.${createHmac("sha256", "public").update(`${head}.${claims}`).digest("base64url")}`;
  }
  for (const [what, make, message] of refusals) {
    it(`refuses ${what} with 401`, async () => {
      const { status, json } = await api.call("GET", "/app", { as: make() });
      assert.equal(status, 401);
      assert.match(json.message as string, message);
    });
  }

  it("finds its installation by repository and by account", async () => {
    for (const path of [
      "/repos/acme/infra/installation",
      "/orgs/acme/installation",
      `/app/installations/${installation}`,
    ]) {
      const { status, json } = await api.call("GET", path, { as: jwt() });
      assert.deepEqual([status, json.id], [200, installation], path);
      assert.equal(json.repository_selection, "selected");
      assert.deepEqual(json.permissions, { metadata: "read", secrets: "write", issues: "read" });
    }
    for (const path of [
      "/repos/acme/later/installation",
      "/repos/no/such/installation",
      "/users/elsewhere/installation",
    ]) {
      assert.equal((await api.call("GET", path, { as: jwt() })).status, 404, path);
    }
  });

  it("makes a token that works, narrowed as asked", async () => {
    const { status, json } = await api.call("POST", `/app/installations/${installation}/access_tokens`, {
      as: jwt(),
      body: { repositories: ["infra"], permissions: { secrets: "read" } },
    });
    assert.equal(status, 201);
    assert.equal(json.expires_at, "2026-02-03T05:05:06Z");
    const as = json.token as string;
    assert.equal((await api.call("GET", "/repos/acme/infra/actions/secrets", { as })).status, 200);
    const refused = await api.call("DELETE", "/repos/acme/infra/actions/secrets/X", { as });
    assert.equal(refused.status, 403);
    assert.equal((await api.call("DELETE", "/installation/token", { as })).status, 204);
    assert.equal((await api.call("GET", "/repos/acme/infra", { as })).status, 401);
  });

  it("gives no more than the installation has", async () => {
    for (const body of [
      { permissions: { contents: "write" } },
      { permissions: { issues: "write" } },
      { repositories: ["later"] },
    ]) {
      const answer = await api.call("POST", `/app/installations/${installation}/access_tokens`, { as: jwt(), body });
      assert.equal(answer.status, 422);
    }
  });

  it("shows an installation's token the repositories it covers, and nobody else", async () => {
    const { json } = await api.call("GET", "/installation/repositories", {
      as: api.world.issueInstallation(installation).value,
    });
    assert.equal(json.total_count, 1);
    assert.equal(json.repositories[0].full_name, "acme/infra");
    const user = await api.call("GET", "/installation/repositories", { as: api.world.issueClassic("admin").value });
    assert.equal(user.status, 403);
  });

  it("lets a classic token add and remove a repository, and no App or fine-grained token", async () => {
    const found = await api.call("GET", "/repos/acme/later", { as: api.world.issueClassic("admin").value });
    const path = `/user/installations/${installation}/repositories`;
    const target = `${path}/${found.json.id as number}`;
    const fine = api.world.issueFineGrained({
      login: "admin",
      owner: "acme",
      repositories: ["later"],
      permissions: {},
    });
    for (const as of [api.world.issueInstallation(installation).value, fine.value]) {
      assert.equal((await api.call("PUT", target, { as })).status, 403);
    }
    const as = api.world.issueClassic("admin").value;
    assert.equal((await api.call("PUT", target, { as })).status, 204);
    assert.equal((await api.call("GET", path, { as })).json.total_count, 2);
    assert.equal((await api.call("DELETE", target, { as })).status, 204);
    assert.equal((await api.call("DELETE", target, { as })).status, 404);
    assert.equal((await api.call("PUT", target, { as: api.world.issueClassic("stranger").value })).status, 404);
  });
});

describe("github stand-in: the App seen by others", () => {
  let api: Api;
  let installation: number;
  const asked = { secrets: "write", issues: "read" } as const;

  beforeEach(async () => {
    api = await startApi();
    api.world.addRepository({ owner: "person", name: "own", ownerType: "User" });
    api.world.addApp({ slug: "p24-bot", owner: "person", permissions: asked });
    api.world.addApp({ slug: "other-bot", owner: "acme", permissions: {} });
    installation = api.world.installApp({ app: "p24-bot", owner: "person", repositories: "all" }).id;
  });
  afterEach(() => api.close());

  const cases: [string, () => string | undefined, number][] = [
    ["nobody", () => undefined, 404],
    ["its own installation", () => api.world.issueInstallation(installation).value, 200],
    ["its owner", () => api.world.issueClassic("person").value, 200],
    ["somebody else", () => api.world.issueClassic("admin").value, 404],
    ["a workflow", () => api.world.issueWorkflow("person", "own").value, 404],
  ];
  for (const [who, as, expected] of cases) {
    it(`is ${expected === 200 ? "shown to" : "hidden from"} ${who}`, async () => {
      const value = as();
      const { status, json } = await api.call("GET", "/apps/p24-bot", value === undefined ? {} : { as: value });
      assert.equal(status, expected);
      if (expected === 200) assert.deepEqual(json.permissions, { metadata: "read", ...asked });
    });
  }

  it("loses at once what it no longer asks for, and gets what it asks for anew when that is accepted", async () => {
    const as = api.world.issueInstallation(installation, { permissions: { ...asked, contents: "read" } }).value;
    const status = async (path: string) => (await api.call("GET", `/repos/person/own/${path}`, { as })).status;
    assert.deepEqual([await status("issues"), await status("branches")], [200, 403]);
    api.world.changeApp("p24-bot", { secrets: "read", contents: "read" });
    assert.deepEqual([await status("issues"), await status("branches")], [403, 403]);
    api.world.changeInstallation(installation, { permissions: { contents: "read" } });
    assert.deepEqual([await status("issues"), await status("branches")], [403, 200]);
  });
});
