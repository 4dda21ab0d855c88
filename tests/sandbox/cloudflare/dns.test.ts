/** Zones and DNS records of the emulated Cloudflare, used through the vendor's own client. */
import assert from "node:assert/strict";

import type { RecordCreateParams } from "cloudflare/resources/dns/records";

import { type Api, refusal, startApi, ZONE } from "./support.js";

describe("emulated Cloudflare: zones and DNS records", () => {
  let api: Api;
  let value = "";
  before(async () => {
    api = await startApi();
    value = api.world.issueToken({ name: "zone", zones: { [ZONE]: ["DNS Write", "Zone Read"] } }).value;
  });
  after(async () => {
    assert.deepEqual(api.world.unhandled, []);
    await api.close();
  });
  const create = (fields: object) =>
    api.client(value).dns.records.create({ zone_id: api.zoneId, ...fields } as unknown as RecordCreateParams);

  it("a zone is found by its name, and only where the token may read it", async () => {
    const names = async (name?: string) => {
      const found = await api.client(value).zones.list(name === undefined ? {} : { name });
      return found.result.map((zone) => [zone.name, zone.id, zone.account.id]);
    };
    assert.deepEqual(await names(), [[ZONE, api.zoneId, api.world.accountId]]);
    assert.deepEqual(await names(ZONE), await names());
    assert.deepEqual(await names("other.test"), []);
    assert.equal((await api.client(value).zones.get({ zone_id: api.zoneId })).name, ZONE);
  });

  it("a record is created, listed, edited, overwritten and deleted", async () => {
    const { records } = api.client(value).dns;
    const zone_id = api.zoneId;
    const made = await create({ type: "A", name: "www", content: "192.0.2.1", ttl: 300 });
    assert.deepEqual([made.name, made.content, made.ttl, made.proxied], [`www.${ZONE}`, "192.0.2.1", 300, false]);
    assert.match(made.id, /^[0-9a-f]{32}$/);
    const edited = await records.edit(made.id, { zone_id, type: "A", name: "www", content: "192.0.2.2", ttl: 300 });
    assert.deepEqual([edited.id, edited.content], [made.id, "192.0.2.2"]);
    const put = await records.update(made.id, { zone_id, type: "TXT", name: "note", content: '"hello"', ttl: 1 });
    assert.deepEqual([put.type, put.name, put.ttl], ["TXT", `note.${ZONE}`, 1]);
    assert.deepEqual(
      api.world.recordsOf(ZONE).map(({ id, type, content }) => [id, type, content]),
      [[made.id, "TXT", '"hello"']],
    );
    assert.equal((await records.get(made.id, { zone_id })).content, '"hello"');
    assert.deepEqual(await records.delete(made.id, { zone_id }), { id: made.id });
    assert.deepEqual(await refusal(records.get(made.id, { zone_id })), { status: 404, codes: [81044] });
    assert.deepEqual(await refusal(records.delete(made.id, { zone_id })), { status: 404, codes: [81044] });
    assert.deepEqual(api.world.recordsOf(ZONE), []);
  });

  it("a list is filtered and comes in pages", async () => {
    const { records } = api.client(value).dns;
    for (const number of [1, 2, 3]) {
      api.world.addRecord(ZONE, { type: "A", name: `list${String(number)}`, content: `192.0.2.${String(number)}` });
    }
    api.world.addRecord(ZONE, { type: "MX", name: "@", content: "mx.example.test", priority: 10 });
    const found = async (query: object) =>
      (await records.list({ zone_id: api.zoneId, ...query })).result.map(({ name, type }) => `${type} ${name}`);
    assert.deepEqual(await found({ name: { exact: `list2.${ZONE}` } }), [`A list2.${ZONE}`]);
    assert.deepEqual(await found({ name: { startswith: "list" }, content: { endswith: ".3" } }), [`A list3.${ZONE}`]);
    assert.deepEqual(await found({ type: "MX" }), [`MX ${ZONE}`]);
    assert.deepEqual(await found({ name: { startswith: "list" }, per_page: 2, page: 2 }), [`A list3.${ZONE}`]);
    const all: string[] = [];
    for await (const record of records.list({ zone_id: api.zoneId, per_page: 3 })) {
      all.push(record.name);
    }
    assert.equal(all.length, 4);
  });

  const refused: readonly [string, object, number[]][] = [
    ["an IPv4 address that is none", { type: "A", name: "x", content: "300.1.1.1", ttl: 1 }, [1004, 9005]],
    ["an IPv6 address that is none", { type: "AAAA", name: "x", content: "192.0.2.1", ttl: 1 }, [1004, 9006]],
    ["a TTL below the least", { type: "A", name: "x", content: "192.0.2.1", ttl: 5 }, [1004, 9021]],
    ["a name with a blank", { type: "A", name: "a b", content: "192.0.2.1", ttl: 1 }, [1004, 9000]],
    ["no name", { type: "A", content: "192.0.2.1", ttl: 1 }, [1004, 9000]],
    ["mail without a priority", { type: "MX", name: "x", content: "mx.example.test", ttl: 1 }, [1004, 9101]],
    ["a proxied TXT", { type: "TXT", name: "x", content: "x", ttl: 1, proxied: true }, [1004, 9004]],
    ["a type that is not emulated", { type: "LOC", name: "x", content: "x", ttl: 1 }, [1004, 9026]],
    ["an identical record", { type: "A", name: "taken", content: "192.0.2.9", ttl: 1 }, [81058]],
    ["an alias for a name that has an address", { type: "CNAME", name: "taken", content: "a.test", ttl: 1 }, [81053]],
  ];
  for (const [what, fields, codes] of refused) {
    it(`refuses ${what}`, async () => {
      if (!api.world.recordsOf(ZONE).some(({ name }) => name === `taken.${ZONE}`)) {
        api.world.addRecord(ZONE, { type: "A", name: "taken", content: "192.0.2.9" });
      }
      const before = api.world.recordsOf(ZONE);
      assert.deepEqual(await refusal(create(fields)), { status: 400, codes });
      assert.deepEqual(api.world.recordsOf(ZONE), before);
    });
  }

  it("answers what it should not be asked in the API's envelope", async () => {
    const response = await fetch(`${api.url}/zones/${api.zoneId}/dns_records`, {
      method: "POST",
      headers: { authorization: `Bearer ${value}` },
      body: "{ not json",
    });
    assert.equal(response.status, 400);
    assert.deepEqual(await response.json(), {
      result: null,
      success: false,
      errors: [{ code: 6007, message: "Malformed JSON in request body" }],
      messages: [],
    });
    assert.match(response.headers.get("server") ?? "", /stand-in/);
    assert.deepEqual(await refusal(api.client(value).get("/zones/elsewhere/rulesets")), {
      status: 404,
      codes: [7003, 7000],
    });
    assert.deepEqual(
      api.world.unhandled.splice(0).map(({ method, path }) => `${method} ${path}`),
      ["GET /zones/elsewhere/rulesets"],
    );
  });
});
