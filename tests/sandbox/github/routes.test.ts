import assert from "node:assert/strict";
import { startApi, type Api } from "./support.js";

const INFRA = "/repos/acme/infra";

describe("github stand-in: the other routes", () => {
  let api: Api;
  let admin: string;

  beforeEach(async () => {
    api = await startApi();
    admin = api.world.issueClassic("admin").value;
  });
  afterEach(() => api.close());

  it("says that it is a stand-in, in words and in every answer", async () => {
    assert.equal(api.world.describe(), "GitHub API: stand-in (emulated on loopback)");
    const { headers } = await api.call("GET", INFRA, { as: admin });
    assert.match(headers.get("server") ?? "", /stand-in/);
  });

  it("records what nothing here answers, and nothing else", async () => {
    await api.call("GET", INFRA, { as: admin });
    await api.call("GET", "/repos/acme/none", { as: admin });
    assert.equal(api.world.unhandled.length, 0);
    for (const [method, path] of [
      ["GET", "/repos/acme/infra/milestones"],
      ["POST", "/repos/acme/infra/actions/secrets"],
      ["GET", "/"],
    ] as const) {
      const { status, json } = await api.call(method, path, { as: admin });
      assert.deepEqual([status, json.message], [404, "Not Found"]);
    }
    assert.deepEqual(
      api.world.unhandled.map((one) => `${one.method} ${one.path}`),
      ["GET /repos/acme/infra/milestones", "POST /repos/acme/infra/actions/secrets", "GET /"],
    );
  });

  it("answers under both bases, and its links stay on the base", async () => {
    for (const base of ["", "/api/v3"]) {
      const { json } = await api.call("GET", `${base}/repos/ACME/Infra`, { as: admin });
      assert.equal(json.full_name, "acme/infra");
      assert.equal(json.url, `${api.url}${base}/repos/acme/infra`);
      assert.match(json.node_id as string, /^R_kgDO/);
      assert.equal(
        (await api.call("GET", `${base}/repositories/${json.id as number}`, { as: admin })).json.id,
        json.id,
      );
    }
    const viewer = await api.call("POST", "/api/graphql", { as: admin, body: { query: "{viewer{login}}" } });
    assert.equal(viewer.json.data.viewer.login, "admin");
  });

  it("redirects from a former name", async () => {
    api.world.renameRepository("acme", "infra", "infra-2");
    const { status, headers } = await api.call("GET", `${INFRA}/actions/secrets`, { as: admin });
    assert.equal(status, 301);
    const followed = await api.call("GET", headers.get("location") ?? "", { as: admin });
    assert.equal(followed.status, 200);
    const stranger = api.world.issueClassic("stranger").value;
    assert.equal((await api.call("GET", INFRA, { as: stranger })).status, 404);
  });

  it("knows organizations from users", async () => {
    const org = await api.call("GET", "/orgs/acme", { as: admin });
    assert.deepEqual([org.status, org.json.type], [200, "Organization"]);
    assert.equal((await api.call("GET", "/orgs/admin", { as: admin })).status, 404);
    assert.equal((await api.call("GET", "/users/admin", { as: admin })).json.type, "User");
    assert.equal((await api.call("GET", "/users/nobody", { as: admin })).status, 404);
  });

  it("keeps variables", async () => {
    const path = `${INFRA}/actions/variables`;
    const body = { name: "region", value: "eu" };
    assert.equal((await api.call("POST", path, { as: admin, body })).status, 201);
    assert.equal((await api.call("POST", path, { as: admin, body })).status, 409);
    assert.equal((await api.call("PATCH", `${path}/REGION`, { as: admin, body: { value: "us" } })).status, 204);
    const { json } = await api.call("GET", path, { as: admin });
    assert.deepEqual([json.total_count, json.variables[0].name, json.variables[0].value], [1, "REGION", "us"]);
    assert.equal((await api.call("DELETE", `${path}/region`, { as: admin })).status, 204);
    assert.equal((await api.call("GET", `${path}/REGION`, { as: admin })).status, 404);
    assert.equal((await api.call("POST", path, { as: admin, body: { name: "GITHUB_X", value: "" } })).status, 422);
  });

  it("lists seeded deployments newest first, by environment and with their statuses", async () => {
    const { world } = api;
    world.addDeployment("acme", "infra", { environment: "Preview", state: "failure" });
    const { id } = world.addDeployment("acme", "infra", { ref: "main", url: "https://site.invalid" });
    world.addDeployment("acme", "infra", { creator: "somebody", environment: "Other", state: null });
    const path = `${INFRA}/deployments`;
    const all = (await api.call("GET", path, { as: admin })).json;
    assert.deepEqual(
      all.map((one: { environment: string }) => one.environment),
      ["Other", "Production", "Preview"],
    );
    assert.equal((await api.call("GET", path, { as: admin })).json[0].environment, "Other", "asking changes nothing");
    const [production, ...rest] = (await api.call("GET", `${path}?environment=Production`, { as: admin })).json;
    assert.equal(rest.length, 0);
    assert.deepEqual([production.id, production.creator.login, production.creator.type], [id, "vercel[bot]", "Bot"]);
    const statuses = (await api.call("GET", `${path}/${id}/statuses`, { as: admin })).json;
    assert.deepEqual([statuses[0].state, statuses[0].environment_url], ["success", "https://site.invalid"]);
    assert.equal((await api.call("GET", `${path}/1`, { as: admin })).status, 404);
  });

  it("keeps issues, their comments and comments at commits", async () => {
    const path = `${INFRA}/issues`;
    assert.equal((await api.call("POST", path, { as: admin, body: {} })).status, 422);
    const made = await api.call("POST", path, { as: admin, body: { title: "drift", body: "b", labels: ["drift"] } });
    assert.deepEqual([made.status, made.json.number, made.json.user.login], [201, 1, "admin"]);
    assert.equal((await api.call("POST", `${path}/1/comments`, { as: admin, body: { body: "again" } })).status, 201);
    assert.equal((await api.call("GET", `${path}/1/comments`, { as: admin })).json[0].body, "again");
    const listed = async (query: string): Promise<number> =>
      (await api.call("GET", path + query, { as: admin })).json.length;
    assert.deepEqual(
      [await listed("?labels=drift"), await listed("?labels=other"), await listed("?creator=admin")],
      [1, 0, 1],
    );
    const closed = await api.call("PATCH", `${path}/1`, { as: admin, body: { state: "closed" } });
    assert.deepEqual([closed.json.state, typeof closed.json.closed_at], ["closed", "string"]);
    assert.deepEqual([await listed(""), await listed("?state=all"), await listed("?state=closed")], [0, 1, 1]);

    const sha = "0123456789abcdef0123456789abcdef01234567";
    const comment = await api.call("POST", `${INFRA}/commits/${sha}/comments`, { as: admin, body: { body: "report" } });
    assert.deepEqual([comment.status, comment.json.commit_id], [201, sha]);
    const unknown = await api.call("POST", `${INFRA}/commits/main/comments`, { as: admin, body: { body: "x" } });
    assert.deepEqual([unknown.status, unknown.json.message], [422, "No commit found for SHA: main"]);
    assert.equal((await api.call("GET", `${INFRA}/commits/${sha}/comments`, { as: admin })).json.length, 1);

    const changed = { as: admin, body: { body: "changed" } };
    for (const [what, id] of [
      ["comments", comment.json.id],
      ["issues/comments", (await api.call("GET", `${path}/1/comments`, { as: admin })).json[0].id],
    ]) {
      const answer = await api.call("PATCH", `${INFRA}/${what as string}/${id as number}`, changed);
      assert.deepEqual([answer.status, answer.json.body], [200, "changed"]);
      assert.equal((await api.call("PATCH", `${INFRA}/${what as string}/1`, changed)).status, 404);
    }
  });

  it("opens a branch's pull request once, which is an issue as well", async () => {
    const body = { title: "rows", head: "p24/rotation-log", base: "main" };
    const made = await api.call("POST", `${INFRA}/pulls`, { as: admin, body });
    assert.deepEqual([made.status, made.json.head.label], [201, "acme:p24/rotation-log"]);
    const again = await api.call("POST", `${INFRA}/pulls`, { as: admin, body });
    assert.deepEqual([again.status, /already exists/.test(again.json.message as string)], [422, true]);
    const [issue] = (await api.call("GET", `${INFRA}/issues`, { as: admin })).json;
    assert.equal(issue.pull_request.url, made.json.url);
    assert.equal((await api.call("POST", `${INFRA}/pulls`, { as: admin, body: { title: "x" } })).status, 422);
  });

  it("lets everybody read what is public, and write only with a name", async () => {
    api.world.addDeployment("acme", "site");
    for (const path of ["/issues", "/deployments", "/commits/0123456789abcdef0123456789abcdef01234567/comments"]) {
      assert.equal((await api.call("GET", `/repos/acme/site${path}`)).status, 200, path);
      assert.equal((await api.call("GET", INFRA + path)).status, 404, path);
    }
    const body = { title: "x", body: "x" };
    assert.equal((await api.call("POST", "/repos/acme/site/issues", { body })).status, 401);
    const sha = "0123456789abcdef0123456789abcdef01234567";
    assert.equal((await api.call("POST", `/repos/acme/site/commits/${sha}/comments`, { body })).status, 401);
  });

  it("turns push protection on where the plan has it", async () => {
    const body = { security_and_analysis: { secret_scanning_push_protection: { status: "enabled" } } };
    const open = await api.call("PATCH", "/repos/acme/site", { as: admin, body });
    assert.equal(open.json.security_and_analysis.secret_scanning_push_protection.status, "enabled");
    const closed = await api.call("PATCH", INFRA, { as: admin, body });
    assert.deepEqual(
      [closed.status, closed.json.message],
      [422, "Secret scanning is not available for this repository."],
    );
    const writer = api.world.issueClassic("writer").value;
    assert.equal((await api.call("PATCH", INFRA, { as: writer, body })).status, 403);
  });

  it("answers HEAD without a body, odd paths with 400 or 404, and a huge body with 413", async () => {
    const head = await api.call("HEAD", INFRA, { as: admin });
    assert.deepEqual([head.status, head.json], [200, undefined]);
    assert.equal((await api.call("GET", "/repos/acme/%E0%A4%A", { as: admin })).status, 400);
    assert.equal((await api.call("GET", "/repos/acme/..%2Finfra", { as: admin })).status, 404);
    assert.equal((await api.call("GET", "//repos/acme/infra", { as: admin })).status, 404);
    const huge = await api.call("POST", `${INFRA}/issues`, { as: admin, body: { title: "x".repeat(1024 * 1024) } });
    assert.equal(huge.status, 413);
  });
});
