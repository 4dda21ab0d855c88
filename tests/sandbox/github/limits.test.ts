import assert from "node:assert/strict";
import { DOCUMENTED_SECONDARY_LIMIT } from "../../../sandbox/github/index.js";
import { clockAt, startApi, type Api } from "./support.js";

const INFRA = "/repos/acme/infra";
const SECRETS = `${INFRA}/actions/secrets`;

describe("github stand-in: limits and conditional requests", () => {
  const clock = clockAt("2026-02-03T04:05:06Z");
  let api: Api;
  let admin: string;

  beforeEach(async () => {
    api = await startApi({ now: clock.now });
    admin = api.world.issueClassic("admin").value;
  });
  afterEach(() => api.close());

  it("tells the limit in every answer, and GET /rate_limit does not count", async () => {
    const first = await api.call("GET", INFRA, { as: admin });
    assert.equal(first.headers.get("x-ratelimit-limit"), "5000");
    assert.equal(first.headers.get("x-ratelimit-remaining"), "4999");
    assert.equal(first.headers.get("x-ratelimit-resource"), "core");
    const view = await api.call("GET", "/rate_limit", { as: admin });
    assert.deepEqual(view.json.rate, {
      limit: 5000,
      used: 1,
      remaining: 4999,
      reset: Date.parse("2026-02-03T05:05:06Z") / 1000,
    });
    assert.equal((await api.call("GET", INFRA, { as: admin })).headers.get("x-ratelimit-used"), "2");
  });

  it("has other limits for a workflow and for nobody", async () => {
    const workflow = api.world.issueWorkflow("acme", "infra").value;
    assert.equal((await api.call("GET", INFRA, { as: workflow })).headers.get("x-ratelimit-limit"), "1000");
    assert.equal((await api.call("GET", "/repos/acme/site")).headers.get("x-ratelimit-limit"), "60");
  });

  it("ends with 403 and remaining 0, and begins anew after the hour", async () => {
    api.world.setRemaining("classic:admin", 1);
    assert.equal((await api.call("GET", INFRA, { as: admin })).status, 200);
    const refused = await api.call("GET", INFRA, { as: admin });
    assert.equal(refused.status, 403);
    assert.match(refused.json.message as string, /^API rate limit exceeded for user ID \d+\.$/);
    assert.equal(refused.headers.get("x-ratelimit-remaining"), "0");
    clock.forward(3_600_000);
    assert.equal((await api.call("GET", INFRA, { as: admin })).status, 200);
  });

  it("answers 304 to a known ETag, for free, until something changes", async () => {
    const first = await api.call("GET", SECRETS, { as: admin });
    const etag = first.headers.get("etag") ?? "";
    assert.match(etag, /^W\/"/);
    const same = await api.call("GET", SECRETS, { as: admin, headers: { "if-none-match": etag } });
    assert.equal(same.status, 304);
    assert.equal(same.json, undefined);
    assert.equal(same.headers.get("x-ratelimit-used"), first.headers.get("x-ratelimit-used"));
    const other = await api.call("GET", SECRETS, {
      as: api.world.issueClassic("writer").value,
      headers: { "if-none-match": etag },
    });
    assert.equal(other.status, 200, "a validator belongs to its caller");
    api.world.addSecret("acme", "infra", "NEW", "x");
    const changed = await api.call("GET", SECRETS, { as: admin, headers: { "if-none-match": etag } });
    assert.equal(changed.status, 200);
  });

  it("keeps the secondary limit off until told, then holds 80 writes a minute", async () => {
    const write = async (): Promise<number> => (await api.call("DELETE", `${SECRETS}/NONE`, { as: admin })).status;
    for (let index = 0; index < 81; index += 1) assert.equal(await write(), 404);
    clock.forward(60_000);
    api.world.setSecondaryLimit(DOCUMENTED_SECONDARY_LIMIT);
    for (let index = 0; index < 80; index += 1) assert.equal(await write(), 404);
    const refused = await api.call("DELETE", `${SECRETS}/NONE`, { as: admin });
    assert.equal(refused.status, 403);
    assert.equal(refused.headers.get("retry-after"), "60");
    assert.match(refused.json.message as string, /^You have exceeded a secondary rate limit/);
    assert.match(refused.json.documentation_url as string, /secondary-rate-limits$/);
    assert.equal((await api.call("GET", SECRETS, { as: admin })).status, 200, "reading goes on");
    clock.forward(60_000);
    assert.equal(await write(), 404);
  });

  it("can answer the secondary limit with 429, and without Retry-After", async () => {
    api.world.setSecondaryLimit({ perMinute: 0, perHour: 0, status: 429, retryAfter: null });
    const { status, headers } = await api.call("DELETE", `${SECRETS}/NONE`, { as: admin });
    assert.equal(status, 429);
    assert.equal(headers.get("retry-after"), null);
  });

  it("can be met once, on demand", async () => {
    api.world.injectSecondaryLimit({ method: "DELETE", status: 429, retryAfter: 2 });
    assert.equal((await api.call("GET", SECRETS, { as: admin })).status, 200);
    const { status, headers, json } = await api.call("DELETE", `${SECRETS}/NONE`, { as: admin });
    assert.deepEqual([status, headers.get("retry-after")], [429, "2"]);
    assert.match(json.message as string, /^You have exceeded a secondary rate limit/);
    assert.equal((await api.call("DELETE", `${SECRETS}/NONE`, { as: admin })).status, 404);
  });
});
