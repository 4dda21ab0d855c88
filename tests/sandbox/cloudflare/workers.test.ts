/** Workers of the emulated Cloudflare, used through the vendor's own client. */
import assert from "node:assert/strict";

import type { DeploymentListResponse } from "cloudflare/resources/workers/scripts/deployments";
import type { ScriptUpdateResponse } from "cloudflare/resources/workers/scripts/scripts";

import { readMultipart } from "../../../sandbox/cloudflare/http/multipart.js";
import { type Api, refusal, startApi, ZONE } from "./support.js";

const NAME = "gateway";
const HOST = `dns.${ZONE}`;
const CODE = 'export default { fetch: () => new Response("ż") };\n';

describe("emulated Cloudflare: Workers", () => {
  let api: Api;
  let value = "";
  let account_id = "";
  before(async () => {
    api = await startApi();
    account_id = api.world.accountId;
    value = api.world.issueToken({ name: "deploy", account: ["Workers Scripts Write"] }).value;
  });
  after(async () => {
    assert.deepEqual(api.world.unhandled, []);
    await api.close();
  });

  const workers = () => api.client(value).workers;
  /** As the provider uploads: the metadata is one JSON part. */
  const upload = async (code: string, metadata: object = {}) => {
    const form = new FormData();
    const bindings = [{ type: "plain_text", name: "POLICY", text: "{}" }];
    const whole = { main_module: "main.mjs", compatibility_date: "2026-04-01", bindings, ...metadata };
    form.append("main.mjs", new Blob([code], { type: "application/javascript+module" }), "main.mjs");
    form.append("metadata", new Blob([JSON.stringify(whole)], { type: "application/json" }));
    const response = await fetch(`${api.url}/accounts/${account_id}/workers/scripts/${NAME}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${value}` },
      body: form,
    });
    return { status: response.status, script: ((await response.json()) as { result: ScriptUpdateResponse }).result };
  };
  const setSecret = (text: string) =>
    workers().scripts.secrets.update(NAME, { account_id, name: "CREDENTIAL", text, type: "secret_text" });
  const settings = () => workers().scripts.scriptAndVersionSettings.get(NAME, { account_id });
  const deployments = async () => {
    const { result } = await workers().scripts.deployments.list(NAME, { account_id });
    return (result as unknown as DeploymentListResponse).deployments;
  };

  it("what is not there is 404", async () => {
    const missing = { status: 404, codes: [10007] };
    assert.deepEqual(await refusal(settings()), missing);
    assert.deepEqual(await refusal(setSecret("x")), missing);
    assert.deepEqual(await refusal(workers().domains.update({ account_id, hostname: HOST, service: NAME })), missing);
  });

  it("a script is uploaded as a module and comes back byte for byte", async () => {
    const { script } = await upload(CODE, { annotations: { "workers/message": "first" } });
    assert.deepEqual([script.id, script.compatibility_date, script.has_modules], [NAME, "2026-04-01", true]);
    const response = await workers().scripts.content.get(NAME, { account_id });
    const form = readMultipart(response.headers.get("content-type") ?? "", Buffer.from(await response.arrayBuffer()));
    assert.deepEqual([...(form ?? [])], [["main.mjs", CODE]]);
    const { bindings, annotations } = await settings();
    assert.deepEqual(bindings, [{ name: "POLICY", type: "plain_text", text: "{}" }]);
    assert.deepEqual(annotations, { "workers/message": "first", "workers/triggered_by": "upload" });
  });

  it("a secret makes a version of its own, is listed by name, and never comes out", async () => {
    const before = (await deployments()).length;
    assert.deepEqual(await setSecret("canary-1"), { name: "CREDENTIAL", type: "secret_text" });
    const after = await deployments();
    assert.equal(after.length, before + 1);
    assert.equal(after[0]?.annotations?.["workers/triggered_by"], "secret");
    const shown = [
      await settings(),
      await deployments(),
      (await workers().scripts.secrets.list(NAME, { account_id })).result,
    ];
    assert.match(JSON.stringify(shown), /CREDENTIAL/);
    assert.doesNotMatch(JSON.stringify(shown), /canary-1/);
    assert.equal(api.world.workerOf(NAME)?.bindings.find(({ name }) => name === "CREDENTIAL")?.text, "canary-1");
  });

  it("an upload keeps a secret only when it says so", async () => {
    const names = () =>
      api.world
        .workerOf(NAME)
        ?.bindings.map(({ name }) => name)
        .sort();
    await upload("export default {};", { keep_bindings: ["secret_text"] });
    assert.deepEqual(names(), ["CREDENTIAL", "POLICY"]);
    assert.equal(api.world.workerOf(NAME)?.bindings.find(({ name }) => name === "CREDENTIAL")?.text, "canary-1");
    await upload("export default {};");
    assert.deepEqual(names(), ["POLICY"]);
  });

  it("the workers.dev address is off until it is turned on", async () => {
    const { subdomain } = workers().scripts;
    assert.deepEqual(await subdomain.get(NAME, { account_id }), { enabled: false, previews_enabled: false });
    assert.deepEqual(await subdomain.create(NAME, { account_id, enabled: true }), {
      enabled: true,
      previews_enabled: true,
    });
    assert.deepEqual(await subdomain.get(NAME, { account_id }), { enabled: true, previews_enabled: true });
  });

  it("a domain is attached, moved and detached", async () => {
    const { domains } = workers();
    const made = await domains.update({ account_id, hostname: HOST, service: NAME, zone_id: api.zoneId });
    assert.deepEqual([made.hostname, made.service, made.zone_id, made.zone_name], [HOST, NAME, api.zoneId, ZONE]);
    assert.deepEqual((await domains.list({ account_id, hostname: HOST })).result, [made]);
    assert.deepEqual((await domains.list({ account_id, hostname: `x.${HOST}` })).result, []);
    api.world.editScript("other", CODE);
    const moved = await domains.update({ account_id, hostname: HOST, service: "other" });
    assert.deepEqual([moved.id, moved.service], [made.id, "other"]);
    assert.equal((await domains.get(made.id, { account_id })).service, "other");
    await domains.delete(made.id, { account_id });
    assert.deepEqual(await refusal(domains.get(made.id, { account_id })), { status: 404, codes: [10024] });
    assert.equal(
      (await refusal(domains.update({ account_id, hostname: "a.elsewhere.test", service: NAME }))).status,
      400,
    );
  });

  it("a zone's credential cannot touch Workers, and a reading one cannot write", async () => {
    const denied = { status: 403, codes: [10000] };
    const zone = api.world.issueToken({ name: "zone", zones: { [ZONE]: ["DNS Write", "Zone Read"] } }).value;
    const reader = api.world.issueToken({ name: "reader", account: ["Workers Scripts Read"] }).value;
    const secret = { account_id, name: "CREDENTIAL", text: "x", type: "secret_text" } as const;
    for (const who of [zone, reader]) {
      assert.deepEqual(await refusal(api.client(who).workers.scripts.secrets.update(NAME, secret)), denied);
      assert.deepEqual(await refusal(api.client(who).workers.scripts.delete(NAME, { account_id })), denied);
    }
    assert.deepEqual(await refusal(api.client(zone).workers.scripts.subdomain.get(NAME, { account_id })), denied);
    await api.client(reader).workers.scripts.subdomain.get(NAME, { account_id });
  });

  it("what is no upload is refused and changes nothing", async () => {
    const { id } = api.world.workerOf(NAME) ?? {};
    assert.equal((await upload(CODE, { main_module: "elsewhere.mjs" })).status, 400);
    const response = await fetch(`${api.url}/accounts/${account_id}/workers/scripts/${NAME}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${value}` },
      body: CODE,
    });
    assert.equal(response.status, 400);
    assert.equal(api.world.workerOf(NAME)?.id, id);
  });

  it("a Worker with a domain is deleted only by force", async () => {
    api.world.attachDomain(HOST, NAME);
    assert.equal((await refusal(workers().scripts.delete(NAME, { account_id }))).status, 400);
    await workers().scripts.delete(NAME, { account_id, force: true });
    assert.equal(api.world.workerOf(NAME), undefined);
  });
});
