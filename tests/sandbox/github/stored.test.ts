import assert from "node:assert/strict";
import { startApi, type Api } from "./support.js";

const QUERY =
  'query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { object(expression: "HEAD:.github/workflows") { ... on Tree { entries { name object { ... on Blob { text } } } } } } }';

describe("github stand-in: secrets elsewhere, and workflow files", () => {
  let api: Api;
  let installation: number;

  beforeEach(async () => {
    api = await startApi();
    api.world.addApp({
      slug: "p24-bot",
      owner: "acme",
      permissions: { actions: "read", contents: "read", environments: "read", secrets: "read" },
    });
    installation = api.world.installApp({ app: "p24-bot", owner: "acme", repositories: ["infra"] }).id;
    api.world.addSecretElsewhere("acme", "infra", "organization", "OF_ALL");
    api.world.addSecretElsewhere("acme", "infra", { environment: "Preview / a" }, "OF_PREVIEW");
    api.world.setWorkflow("acme", "infra", "a.yml", "on: push\n");
  });
  afterEach(() => api.close());

  const as = (permissions?: object) =>
    api.world.issueInstallation(installation, permissions === undefined ? {} : { permissions }).value;
  const ask = (path: string, permissions?: object) =>
    api.call("GET", `/repos/acme/infra/${path}`, { as: as(permissions) });
  const workflows = async (name: string, permissions?: object) =>
    (
      await api.call("POST", "/graphql", {
        as: as(permissions),
        body: { query: QUERY, variables: { owner: "acme", name } },
      })
    ).json;

  it("lists names, each by its own permission", async () => {
    const names = ({ json }: { json: any }) => json.secrets.map(({ name }: { name: string }) => name);
    assert.deepEqual(names(await ask("actions/organization-secrets")), ["OF_ALL"]);
    assert.deepEqual(names(await ask("environments/Preview%20%2F%20a/secrets")), ["OF_PREVIEW"]);
    assert.deepEqual(
      (await ask("environments")).json.environments.map(({ name }: { name: string }) => name),
      ["Preview / a"],
    );
    const without = { contents: "read" };
    for (const path of ["actions/organization-secrets", "environments", "environments/Preview%20%2F%20a/secrets"]) {
      assert.equal((await ask(path, without)).status, 403, path);
    }
    assert.equal((await ask("environments/none/secrets")).status, 404);
  });

  it("makes the environment of a deployment", async () => {
    api.world.addDeployment("acme", "infra", { environment: "Production" });
    assert.equal((await ask("environments")).json.total_count, 2);
  });

  it("shows the workflow files of the default branch, and refuses as GraphQL does", async () => {
    assert.deepEqual(await workflows("infra"), {
      data: { repository: { object: { entries: [{ name: "a.yml", object: { text: "on: push\n" } }] } } },
    });
    api.world.setWorkflow("acme", "infra", "a.yml");
    assert.deepEqual(await workflows("infra"), { data: { repository: { object: null } } });
    const refused = await workflows("infra", { issues: "read" });
    assert.deepEqual([refused.data, refused.errors[0].type], [{ repository: null }, "FORBIDDEN"]);
    assert.equal((await workflows("none")).errors[0].type, "NOT_FOUND");
    assert.deepEqual(api.world.unhandled, []);
  });
});
