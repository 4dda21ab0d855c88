/**
 * Proves in the real runtime that a request with a right token reaches nothing but the zone's records, whatever its path,
 * query, method or host says: it is refused for the reason that stands beside it, and nothing is sent to Cloudflare.
 *
 * Paths go over the wire as they stand here. The runtime itself takes `.` and `..` out before the Worker sees a path; a
 * path that then is one of ours is forwarded as that one. Cloudflare's edge may take out more; what it hands on is held to
 * the same rule.
 */
import assert from "node:assert/strict";

import { HOST, OTHER_ZONE, RECORD, RECORDS, useGateway, ZONE } from "./support/gateway.js";

const API = "https://api.cloudflare.com/client/v4";
const ZONES = "/client/v4/zones";

describe("a path", () => {
  const bench = useGateway();

  const hostile: readonly (readonly [method: string, path: string, reason: string])[] = [
    // Out of the zone's records
    ["GET", `${RECORDS}/../settings`, "path"],
    ["GET", `${RECORDS}/../../${OTHER_ZONE}/dns_records`, "zone"],
    ["DELETE", `${RECORDS}/../../${OTHER_ZONE}`, "zone"],
    ["GET", `${RECORDS}/%2e%2e/settings`, "path"],
    // In upper case the runtime itself takes it for `..`.
    ["GET", `${RECORDS}/%2E%2E/%2E%2E/${OTHER_ZONE}/dns_records`, "zone"],
    ["GET", `${RECORDS}/.%2e/settings`, "path"],
    ["GET", `${RECORDS}/..%2fsettings`, "path"],
    ["GET", `${RECORDS}/..%5csettings`, "path"],
    ["GET", `${RECORDS}/..\\settings`, "path"],
    ["GET", `${RECORDS}\\..\\settings`, "path"],
    ["GET", `${RECORDS}/..;/settings`, "path"],
    ["GET", `${RECORDS};x=/../settings`, "path"],
    ["GET", `${RECORDS}/%252e%252e/settings`, "path"],
    ["GET", `${RECORDS}/%25252e%25252e/settings`, "path"],
    ["GET", `${RECORDS}%2f${RECORD}`, "path"],
    ["GET", `${RECORDS}%252f${RECORD}`, "path"],
    ["GET", `${ZONES}/${ZONE}%2fdns_records`, "path"],
    ["GET", `${ZONES}/${ZONE}%2f..%2f${OTHER_ZONE}/dns_records`, "path"],
    ["GET", `${RECORDS}/%c0%ae%c0%ae/settings`, "path"],
    ["GET", `${RECORDS}/%u002e%u002e/settings`, "path"],
    ["GET", `${RECORDS}%00`, "path"],
    ["GET", `${RECORDS}%0d%0aX-Injected:%20yes`, "path"],
    ["GET", `${RECORDS}#/../settings`, "path"],
    ["GET", `/${RECORDS}`, "path"],
    ["GET", `//evil.test${RECORDS}`, "path"],
    ["GET", `/client//v4/zones/${ZONE}/dns_records`, "path"],
    ["GET", `${RECORDS}//${RECORD}`, "path"],
    ["GET", `${RECORDS}/`, "path"],
    ["GET", `/client/v4/zones/${ZONE}/DNS_records`, "path"],
    ["GET", `/client/v4%2fzones/${ZONE}/dns_records`, "path"],
    // Another zone
    ["GET", `${ZONES}/${OTHER_ZONE}/dns_records`, "zone"],
    ["GET", `${ZONES}/${OTHER_ZONE}`, "zone"],
    ["POST", `${ZONES}/${OTHER_ZONE}/dns_records`, "zone"],
    ["DELETE", `${ZONES}/${OTHER_ZONE}/dns_records/${RECORD}`, "zone"],
    ["GET", `${ZONES}/${ZONE.toUpperCase()}/dns_records`, "path"],
    ["GET", `${ZONES}/${ZONE}${OTHER_ZONE}/dns_records`, "path"],
    ["GET", `${ZONES}/%30${ZONE.slice(1)}/dns_records`, "path"],
    // Other parts of the API
    ["POST", `${RECORDS}/batch`, "path"],
    ["POST", `${RECORDS}/import`, "path"],
    ["GET", `${RECORDS}/export`, "path"],
    ["POST", `${RECORDS}/scan`, "path"],
    ["GET", `${ZONES}/${ZONE}/settings`, "path"],
    ["POST", `${ZONES}/${ZONE}/purge_cache`, "path"],
    ["GET", `${ZONES}/${ZONE}/workers/routes`, "path"],
    ["GET", "/client/v4/user/tokens/verify", "path"],
    ["GET", "/client/v4/accounts", "path"],
    ["POST", "/client/v4/graphql", "path"],
    ["GET", "/", "path"],
    ["GET", "/.well-known/jwks", "path"],
    // Other methods
    ["DELETE", `${ZONES}/${ZONE}`, "method"],
    ["PATCH", `${ZONES}/${ZONE}`, "method"],
    ["POST", ZONES, "method"],
    ["DELETE", RECORDS, "method"],
    ["PUT", RECORDS, "method"],
    ["POST", `${RECORDS}/${RECORD}`, "method"],
    ["HEAD", RECORDS, "method"],
    ["OPTIONS", RECORDS, "method"],
    ["TRACE", RECORDS, "method"],
    ["PROPFIND", RECORDS, "method"],
    // Queries
    ["GET", `${RECORDS}?name=a&name=b`, "query"],
    ["GET", `${RECORDS}?name=a&na%6de=b`, "query"],
    ["GET", `${RECORDS}?zone_id=${OTHER_ZONE}`, "query"],
    ["GET", `${RECORDS}?name=a%0d%0aAuthorization:%20x`, "query"],
    ["GET", `${RECORDS}?name=%ff%fe`, "query"],
    ["GET", `${RECORDS}?name=%zz`, "query"],
    ["GET", `${RECORDS}?name[]=a`, "query"],
    ["GET", `${RECORDS}?name=a;type=TXT`, "query"],
    ["GET", `${RECORDS}?name=a?type=TXT`, "query"],
    ["GET", `${RECORDS}?/../../${OTHER_ZONE}/dns_records`, "query"],
    ["GET", `${RECORDS}?access_token=abc`, "query"],
    ["POST", `${RECORDS}?name=a`, "query"],
    ["GET", `${RECORDS}/${RECORD}?_method=DELETE`, "query"],
    ["GET", `${ZONES}/${ZONE}?name=a`, "query"],
    ["GET", `${ZONES}?name=example.com&name=example.org`, "query"],
    ["GET", `${RECORDS}?name=${"a".repeat(5000)}`, "path"],
  ];
  for (const [method, path, reason] of hostile) {
    it(`${method} ${path.slice(0, 90)}: ${reason}`, async () => {
      const answer = await bench().send({ method, path });
      const line = await bench().line();
      assert.equal(line["reason"], reason);
      assert.equal(answer.status, 403);
      assert.deepEqual(bench().forwarded, []);
    });
  }

  const collapsed: readonly (readonly [path: string, forwarded: string])[] = [
    [`${ZONES}/${OTHER_ZONE}/../${ZONE}/dns_records`, `${API}/zones/${ZONE}/dns_records`],
    [`${RECORDS}/./${RECORD}`, `${API}/zones/${ZONE}/dns_records/${RECORD}`],
  ];
  for (const [path, forwarded] of collapsed) {
    it(`${path.slice(0, 90)} is what the runtime makes of it`, async () => {
      await bench().send({ path });
      assert.deepEqual(
        bench().forwarded.map(({ url }) => url),
        [forwarded],
      );
    });
  }

  it("in a refused request's line holds nothing that could be a secret", async () => {
    const secret = bench().bearer().slice("Bearer ".length);
    await bench().send({ path: `/client/v4/${secret}/zones?access_token=${secret}` });
    const line = await bench().line();
    assert.equal(line["path"], "/client/v4/…/zones");
    assert.ok(!bench().logged.join("").includes(secret.slice(0, 20)));
  });
});

describe("a host", () => {
  const bench = useGateway();
  const hosts = ["p24.radieu.workers.dev", "evil.test", `${HOST}.`, `${HOST}:8443`, `x.${HOST}`];
  for (const host of hosts) {
    it(`${host}: refused`, async () => {
      const answer = await bench().send({ headers: { host, "x-forwarded-host": HOST } });
      assert.deepEqual([answer.status, (await bench().line())["reason"]], [403, "host"]);
      assert.deepEqual(bench().forwarded, []);
    });
  }

  it("without TLS: refused", async () => {
    const answer = await bench().send({ headers: { "x-edge-scheme": "http", "x-forwarded-proto": "https" } });
    assert.deepEqual([answer.status, (await bench().line())["reason"]], [403, "scheme"]);
  });
});
