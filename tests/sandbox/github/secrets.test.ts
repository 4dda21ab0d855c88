import assert from "node:assert/strict";
import { clockAt, startApi, type Api } from "./support.js";

const SECRETS = "/repos/acme/infra/actions/secrets";

describe("github stand-in: Actions secrets", () => {
  const clock = clockAt("2026-02-03T04:05:06.700Z");
  let api: Api;
  let admin: string;
  const put = async (name: string, value: string): Promise<number> =>
    (await api.call("PUT", `${SECRETS}/${name}`, { as: admin, body: await api.seal("infra", value) })).status;

  beforeEach(async () => {
    api = await startApi({ now: clock.now });
    admin = api.world.issueClassic("admin").value;
  });
  afterEach(() => api.close());

  it("creates with 201, overwrites with 204, and opens what was sealed", async () => {
    assert.equal(await put("API_KEY", "first"), 201);
    clock.forward(61_000);
    const awkward = "-----BEGIN X-----\n$a 'b' \"c\" \\ ü\n";
    assert.equal(await put("API_KEY", awkward), 204);
    assert.deepEqual(api.world.secretsOf("acme", "infra"), [
      { name: "API_KEY", value: awkward, created_at: "2026-02-03T04:05:06Z", updated_at: "2026-02-03T04:06:07Z" },
    ]);
    assert.deepEqual(api.world.writesOf("acme", "infra"), { API_KEY: { created: 1, updated: 1, deleted: 0 } });
  });

  it("stores names upper-case and finds them in any case", async () => {
    await put("api_key", "x");
    const { status, json } = await api.call("GET", `${SECRETS}/Api_Key`, { as: admin });
    assert.equal(status, 200);
    assert.deepEqual(json, {
      name: "API_KEY",
      created_at: json.created_at,
      updated_at: json.updated_at,
    });
    assert.match(json.updated_at as string, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it("answers 404 for an unknown secret and deletes one only once", async () => {
    assert.equal((await api.call("GET", `${SECRETS}/NONE`, { as: admin })).status, 404);
    await put("GONE", "x");
    assert.equal((await api.call("DELETE", `${SECRETS}/GONE`, { as: admin })).status, 204);
    assert.equal((await api.call("DELETE", `${SECRETS}/GONE`, { as: admin })).status, 404);
    assert.deepEqual(api.world.writesOf("acme", "infra").GONE, { created: 1, updated: 0, deleted: 1 });
  });

  const names: [string, RegExp][] = [
    ["1ABC", /alphanumeric characters/],
    ["A-B", /alphanumeric characters/],
    ["A%20B", /alphanumeric characters/],
    ["%C3%84", /alphanumeric characters/],
    ["GITHUB_X", /must not start with GITHUB_/],
    ["github_x", /must not start with GITHUB_/],
  ];
  for (const [name, message] of names) {
    it(`refuses the name ${name}`, async () => {
      const { status, json } = await api.call("PUT", `${SECRETS}/${name}`, {
        as: admin,
        body: await api.seal("infra", "x"),
      });
      assert.equal(status, 422);
      assert.match(json.message as string, message);
    });
  }

  const bodies: [string, (sealed: { encrypted_value: string; key_id: string }) => unknown, number, RegExp][] = [
    [
      "no key id",
      ({ encrypted_value }) => ({ encrypted_value }),
      422,
      /^Invalid request\.\n\n"key_id" wasn't supplied\.$/,
    ],
    ["no value", ({ key_id }) => ({ key_id }), 422, /^Invalid request\.\n\n"encrypted_value" wasn't supplied\.$/],
    ["a foreign key id", (sealed) => ({ ...sealed, key_id: "568250167242549743" }), 422, /improperly encrypted secret/],
    ["no base64", (sealed) => ({ ...sealed, encrypted_value: "not base64!" }), 422, /does not match/],
    [
      "plaintext in base64",
      (sealed) => ({ ...sealed, encrypted_value: "c2VjcmV0" }),
      422,
      /improperly encrypted secret/,
    ],
    [
      "a box with one byte changed",
      (sealed) => ({ ...sealed, encrypted_value: flipLast(sealed.encrypted_value) }),
      422,
      /improperly encrypted secret/,
    ],
    ["no JSON", () => "{", 400, /^Problems parsing JSON$/],
    ["an array", () => [], 400, /should be a JSON object/],
  ];
  for (const [what, make, status, message] of bodies) {
    it(`refuses ${what} with ${status}`, async () => {
      const body = make(await api.seal("infra", "canary"));
      const answer = await api.call("PUT", `${SECRETS}/NAME`, { as: admin, body });
      assert.equal(answer.status, status);
      assert.match(answer.json.message as string, message);
      assert.deepEqual(api.world.secretsOf("acme", "infra"), []);
    });
  }

  it("refuses what was sealed for another repository, and for a pair that was replaced", async () => {
    const other = await api.seal("site", "x");
    assert.equal((await api.call("PUT", `${SECRETS}/NAME`, { as: admin, body: other })).status, 422);
    const stale = await api.seal("infra", "x");
    api.world.rotateSealingPair("acme", "infra");
    assert.equal((await api.call("PUT", `${SECRETS}/NAME`, { as: admin, body: stale })).status, 422);
    assert.equal(await put("NAME", "x"), 201);
  });

  it("takes 48 KB and an empty value, and refuses one byte more", async () => {
    assert.equal(await put("BIG", "x".repeat(48 * 1024)), 201);
    assert.equal(await put("EMPTY", ""), 201);
    assert.equal(await put("BIGGER", "x".repeat(48 * 1024 + 1)), 422);
  });

  it("holds 100 secrets and no more; overwriting stays possible", async () => {
    for (let index = 0; index < 100; index += 1) api.world.addSecret("acme", "infra", `S${index}`, "x");
    assert.equal(await put("ONE_MORE", "x"), 422);
    assert.equal(await put("S7", "y"), 204);
  });

  it("lists in pages whose links lead through all of them", async () => {
    for (let index = 0; index < 65; index += 1) api.world.addSecret("acme", "infra", `S${100 + index}`, "x");
    const seen: string[] = [];
    let pages = 0;
    let next: string | undefined = `${SECRETS}?per_page=30`;
    while (next) {
      const { json, headers, status } = await api.call("GET", next, { as: admin });
      assert.equal(status, 200);
      assert.equal(json.total_count, 65);
      seen.push(...(json.secrets as { name: string }[]).map((one) => one.name));
      pages += 1;
      next = /<([^>]+)>; rel="next"/.exec(headers.get("link") ?? "")?.[1];
      if (next) assert.match(next, /\/repositories\/\d+\/actions\/secrets\?/);
    }
    assert.equal(pages, 3);
    assert.equal(new Set(seen).size, 65);
  });

  const sizes: [string, number, boolean][] = [
    ["", 30, true],
    ["?per_page=100", 65, false],
    ["?per_page=1000", 65, false],
    ["?per_page=0", 30, true],
    ["?per_page=x", 30, true],
    ["?page=3", 5, true],
    ["?page=9", 0, true],
  ];
  for (const [query, count, linked] of sizes) {
    it(`gives ${count} entries for ${query || "no query"}`, async () => {
      for (let index = 0; index < 65; index += 1) api.world.addSecret("acme", "infra", `S${index}`, "x");
      const { json, headers } = await api.call("GET", SECRETS + query, { as: admin });
      assert.equal(json.secrets.length, count);
      assert.equal(headers.has("link"), linked);
    });
  }

  it("shows changes behind the program's back by time and name, never by value", async () => {
    await put("EDITED", "ours");
    const before = (await api.call("GET", `${SECRETS}/EDITED`, { as: admin })).json.updated_at as string;
    api.world.setSecret("acme", "infra", "EDITED", "theirs");
    api.world.addSecret("acme", "infra", "FOREIGN", "theirs");
    const { json } = await api.call("GET", SECRETS, { as: admin });
    const edited = json.secrets.find((one: { name: string }) => one.name === "EDITED");
    assert.notEqual(edited.updated_at, before, "a person's edit is seen even within the same second of the clock");
    assert.deepEqual(
      json.secrets.map((one: { name: string }) => one.name),
      ["EDITED", "FOREIGN"],
    );
    assert.doesNotMatch(JSON.stringify(json), /ours|theirs/);
    api.world.deleteSecret("acme", "infra", "EDITED");
    assert.equal((await api.call("GET", `${SECRETS}/EDITED`, { as: admin })).status, 404);
    assert.throws(() => api.world.deleteSecret("acme", "infra", "EDITED"), /no such secret/);
    assert.throws(() => api.world.addSecret("acme", "infra", "foreign", "x"), /secret exists/);
  });

  it("can make the blind second: a change that the time does not show", async () => {
    await put("EDITED", "ours");
    api.world.setSecret("acme", "infra", "EDITED", "theirs", clock.now());
    const [one] = api.world.secretsOf("acme", "infra");
    assert.ok(one !== undefined);
    assert.equal(one.updated_at, "2026-02-03T04:06:07Z");
    assert.equal(one.value, "theirs");
  });

  it("keeps no body and no query in the log of requests beyond what the address holds", async () => {
    const body = await api.seal("infra", "canary-value");
    await api.call("PUT", `${SECRETS}/LOGGED`, { as: admin, body });
    const log = JSON.stringify(api.world.requests);
    for (const part of ["canary-value", body.encrypted_value, admin]) assert.ok(!log.includes(part));
    const last = api.world.requests.at(-1);
    assert.deepEqual(
      [last?.method, last?.path, last?.status, last?.caller],
      ["PUT", `${SECRETS}/LOGGED`, 201, "classic:admin"],
    );
  });
});

function flipLast(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes.toString("base64");
}
