import assert from "node:assert/strict";
import { until } from "../../support/until.js";
import { startApi, type Api } from "./support.js";

const SECRETS = "/repos/acme/infra/actions/secrets";

describe("github stand-in: faults on demand", () => {
  let api: Api;
  let admin: string;
  const get = async (path = SECRETS): Promise<number> => (await api.call("GET", path, { as: admin })).status;

  beforeEach(async () => {
    api = await startApi();
    admin = api.world.issueClassic("admin").value;
  });
  afterEach(() => api.close());

  it("hits once, with the status, the body and Retry-After that were given", async () => {
    const fault = api.world.inject({ path: SECRETS, status: 503, retryAfter: 7, body: { message: "busy" } });
    const { status, json, headers } = await api.call("GET", SECRETS, { as: admin });
    assert.deepEqual([status, json, headers.get("retry-after")], [503, { message: "busy" }, "7"]);
    assert.equal(await get(), 200);
    assert.equal(fault.hits, 1);
    assert.deepEqual(
      api.world.requests.map((one) => one.fault),
      [true, false],
    );
  });

  const patterns: [string | RegExp, string, boolean][] = [
    ["/repos/*/*/actions/secrets", SECRETS, true],
    ["/repos/*/actions/secrets", SECRETS, false],
    ["/repos/**", SECRETS, true],
    ["/repos/acme/infra", SECRETS, false],
    [/secrets$/, SECRETS, true],
    [/secrets$/g, SECRETS, true],
    [/^\/user/, SECRETS, false],
    ["/repos/acme/infra/actions/secrets/A.B", `${SECRETS}/AxB`, false],
  ];
  for (const [path, wanted, hit] of patterns) {
    it(`${String(path)} ${hit ? "fits" : "does not fit"} ${wanted}`, async () => {
      api.world.inject({ path, status: 500 });
      assert.equal((await get(wanted)) === 500, hit);
    });
  }

  it("can be for one method, for later requests, for several, and can be taken away", async () => {
    api.world.inject({ method: "put", path: SECRETS, status: 500 });
    assert.equal(await get(), 200);
    const later = api.world.inject({ path: SECRETS, status: 502, skip: 1, times: 2 });
    assert.deepEqual([await get(), await get(), await get(), await get()], [200, 502, 502, 200]);
    assert.equal(later.hits, 2);
    const endless = api.world.inject({ path: SECRETS, status: 500, times: Infinity });
    assert.deepEqual([await get(), await get()], [500, 500]);
    endless.remove();
    assert.equal(await get(), 200);
    api.world.inject({ path: SECRETS, status: 500, times: Infinity });
    api.world.clearFaults();
    assert.equal(await get(), 200);
  });

  it("fits the path under /api/v3 and without query", async () => {
    api.world.inject({ path: SECRETS, status: 500 });
    assert.equal(await get(`/api/v3${SECRETS}?per_page=100`), 500);
  });

  it("cuts the connection, before the write or after it", async () => {
    const put = async (): Promise<unknown> =>
      api.call("PUT", `${SECRETS}/CUT`, { as: admin, body: await api.seal("infra", "x") });
    api.world.inject({ method: "PUT", path: `${SECRETS}/*`, dropConnection: true });
    await assert.rejects(put());
    assert.deepEqual(api.world.secretsOf("acme", "infra"), []);
    api.world.inject({ method: "PUT", path: `${SECRETS}/*`, dropConnection: true, applied: true });
    await assert.rejects(put());
    assert.equal(api.world.secretsOf("acme", "infra").length, 1);
    assert.deepEqual(
      api.world.requests.filter((one) => one.method === "PUT").map((one) => one.status),
      [0, 0],
    );
  });

  it("can lose an answer whose write took effect", async () => {
    api.world.inject({ method: "PUT", path: `${SECRETS}/*`, status: 502, applied: true });
    const { status } = await api.call("PUT", `${SECRETS}/LOST`, { as: admin, body: await api.seal("infra", "x") });
    assert.equal(status, 502);
    assert.equal(api.world.writesOf("acme", "infra").LOST?.created, 1);
  });

  it("answers late", async () => {
    api.world.inject({ path: SECRETS, delayMs: 60 });
    const started = process.hrtime.bigint();
    assert.equal(await get(), 200);
    assert.ok(Number(process.hrtime.bigint() - started) / 1e6 >= 55);
  });

  it("survives a client that goes away, and says so in the log", async () => {
    const fault = api.world.inject({ path: SECRETS, delayMs: 50 });
    const logged = new Promise<number>((resolve) => {
      const stop = api.world.onRequest((entry) => {
        stop();
        resolve(entry.status);
      });
    });
    const controller = new AbortController();
    const request = fetch(api.url + SECRETS, {
      signal: controller.signal,
      headers: { "user-agent": "tests", authorization: `Bearer ${admin}` },
    });
    const refused = assert.rejects(request);
    await until("the request is there", () => fault.hits === 1, { everyMs: 1 });
    controller.abort();
    await refused;
    await logged;
    assert.equal(await get(), 200);
  });

  it("refuses a fault that would do nothing", () => {
    assert.throws(() => api.world.inject({ path: "/" }), /needs a status, a delay or a dropped connection/);
  });
});
