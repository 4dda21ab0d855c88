/** Who may do what at the emulated Cloudflare, and what it does wrong when told to. */
import assert from "node:assert/strict";

import { type Api, refusal, startApi, ZONE } from "./support.js";

describe("emulated Cloudflare: access and faults", () => {
  let api: Api;
  before(async () => {
    api = await startApi();
  });
  afterEach(() => {
    api.world.clearFaults();
  });
  after(() => api.close());

  const list = (value: string, zone_id = api.zoneId) => api.client(value).dns.records.list({ zone_id });
  const zoneToken = () => api.world.issueToken({ name: "zone", zones: { [ZONE]: ["DNS Write", "Zone Read"] } }).value;

  it("a token that works says so, one that was disabled or deleted does not", async () => {
    const value = zoneToken();
    assert.equal((await api.client(value).user.tokens.verify()).status, "active");
    const account_id = api.world.accountId;
    assert.equal((await api.client(value).accounts.tokens.verify({ account_id })).status, "active");
    api.world.setTokenStatus(value, "disabled");
    assert.deepEqual(await refusal(api.client(value).user.tokens.verify()), { status: 403, codes: [9109] });
    api.world.setTokenStatus(value, "active");
    api.world.revoke(value);
    assert.deepEqual(await refusal(list(value)), { status: 403, codes: [9109] });
  });

  it("a value that cannot be a token is refused before anything else", async () => {
    for (const value of ["short", `${"x".repeat(39)} `, `${"x".repeat(40)}ż`]) {
      const response = await fetch(`${api.url}/zones`, { headers: { authorization: `Bearer ${encodeURI(value)}` } });
      const { errors } = (await response.json()) as { errors: { code: number }[] };
      assert.deepEqual([response.status, errors[0]?.code], [400, 6003]);
    }
    const bare = await fetch(`${api.url}/zones`);
    assert.equal(bare.status, 400);
  });

  it("a token reaches its zone only, and only as far as its permission goes", async () => {
    const other = (await api.client(zoneToken()).zones.list({ name: "other.test" })).result;
    assert.deepEqual(other, []);
    const reader = api.world.issueToken({ name: "reader", zones: { [ZONE]: ["DNS Read"] } }).value;
    assert.deepEqual((await list(reader)).result, []);
    const make = (value: string) =>
      api.client(value).dns.records.create({ zone_id: api.zoneId, type: "A", name: "x", content: "192.0.2.1", ttl: 1 });
    const denied = { status: 403, codes: [10000] };
    assert.deepEqual(await refusal(make(reader)), denied);
    assert.deepEqual(await refusal(api.client(reader).zones.get({ zone_id: api.zoneId })), denied);
    assert.deepEqual(await refusal(list(zoneToken(), "0".repeat(32))), denied);
    const workers = api.world.issueToken({ name: "deploy", account: ["Workers Scripts Write"] }).value;
    assert.deepEqual(await refusal(make(workers)), denied);
    assert.deepEqual(await refusal(list(workers)), denied);
    assert.deepEqual(api.world.recordsOf(ZONE), []);
  });

  it("fails as told, and remembers what was asked without header or body", async () => {
    const value = zoneToken();
    api.world.clearRequests();
    api.world.inject({ method: "GET", path: "/zones/*/dns_records", status: 429, retryAfter: 1 });
    assert.deepEqual(await refusal(list(value)), { status: 429, codes: [429] });
    assert.equal((await list(value)).result.length, 0);
    api.world.inject({ path: "**", dropConnection: true });
    await assert.rejects(list(value));
    assert.deepEqual(
      api.world.requests.map(({ method, status, caller, fault }) => [method, status, caller, fault]),
      [
        ["GET", 429, "refused", true],
        ["GET", 200, "token:zone", false],
        ["GET", 0, "refused", true],
      ],
    );
    assert.ok(!JSON.stringify(api.world.requests).includes(value));
  });

  it("says what it is", () => {
    assert.match(api.world.describe(), /stand-in/);
  });
});
