/** Proves which addresses are calls that may be forwarded, on the text that the runtime hands over. */
import assert from "node:assert/strict";

import { type Call, readCall } from "../../../gateway/call.js";
import { compilePolicy } from "../../../gateway/policy.js";
import { type Reason, Refusal } from "../../../gateway/refusal.js";
import { policy, ZONE } from "./policies.js";

const compiled = compilePolicy(policy);
const HOST = "https://dns-gateway.example.com";
const ID = "f".repeat(32);
const RECORDS = `/client/v4/zones/${ZONE}/dns_records`;

function reasonOf(method: string, address: string): Reason | undefined {
  try {
    readCall(method, address, compiled);
  } catch (error) {
    assert.ok(error instanceof Refusal);
    return error.reason;
  }
  return undefined;
}

describe("a call", () => {
  const good: readonly [method: string, path: string, call: Call][] = [
    ["GET", "/client/v4/zones", { kind: "zones", method: "GET", ours: true }],
    ["GET", "/client/v4/zones?name=example.com&status=active", { kind: "zones", method: "GET", ours: true }],
    ["GET", "/client/v4/zones?page=2", { kind: "zones", method: "GET", ours: false }],
    ["GET", "/client/v4/zones?name=example.org", { kind: "zones", method: "GET", ours: false }],
    ["GET", "/client/v4/zones?name=contains:example", { kind: "zones", method: "GET", ours: false }],
    ["GET", `/client/v4/zones/${ZONE}`, { kind: "zone", method: "GET" }],
    ["GET", RECORDS, { kind: "records", method: "GET", search: "" }],
    [
      "GET",
      `${RECORDS}?name.exact=www.example.com&type=A&per_page=100&page=2&content.contains=a%26b+c`,
      {
        kind: "records",
        method: "GET",
        search: "name.exact=www.example.com&type=A&per_page=100&page=2&content.contains=a%26b+c",
      },
    ],
    ["POST", RECORDS, { kind: "records", method: "POST", search: "" }],
    ["GET", `${RECORDS}/${ID}`, { kind: "record", method: "GET", id: ID }],
    ["PUT", `${RECORDS}/${ID}`, { kind: "record", method: "PUT", id: ID }],
    ["PATCH", `${RECORDS}/${ID}`, { kind: "record", method: "PATCH", id: ID }],
    ["DELETE", `${RECORDS}/${ID}`, { kind: "record", method: "DELETE", id: ID }],
  ];
  for (const [method, path, call] of good) {
    it(`is ${method} ${path}`, () => {
      assert.deepEqual(readCall(method, HOST + path, compiled), call);
    });
  }

  const other = "a".repeat(32);
  const bad: readonly [method: string, address: string, reason: Reason][] = [
    ["GET", `http://dns-gateway.example.com${RECORDS}`, "scheme"],
    ["GET", RECORDS, "scheme"],
    ["GET", `https://p24-gateway.radieu.workers.dev${RECORDS}`, "host"],
    ["GET", `https://DNS-gateway.example.com${RECORDS}`, "host"],
    ["GET", `https://dns-gateway.example.com.evil.test${RECORDS}`, "host"],
    ["GET", `https://dns-gateway.example.com@evil.test${RECORDS}`, "host"],
    ["GET", `https://evil.test@dns-gateway.example.com${RECORDS}`, "host"],
    ["GET", `https://dns-gateway.example.com:8443${RECORDS}`, "host"],
    ["GET", `https://dns-gateway.example.com\\@evil.test${RECORDS}`, "path"],
    ["OPTIONS", HOST + RECORDS, "method"],
    ["HEAD", HOST + RECORDS, "method"],
    ["TRACE", HOST + RECORDS, "method"],
    ["get", HOST + RECORDS, "method"],
    ["DELETE", HOST + RECORDS, "method"],
    ["PUT", HOST + RECORDS, "method"],
    ["POST", `${HOST}${RECORDS}/${ID}`, "method"],
    ["DELETE", `${HOST}/client/v4/zones/${ZONE}`, "method"],
    ["PATCH", `${HOST}/client/v4/zones/${ZONE}`, "method"],
    ["POST", `${HOST}/client/v4/zones`, "method"],
    ["GET", `${HOST}/`, "path"],
    ["GET", `${HOST}/client/v4/user/tokens/verify`, "path"],
    ["GET", `${HOST}/client/v4/accounts`, "path"],
    ["GET", `${HOST}/client/v4/zones/`, "path"],
    ["GET", `${HOST}/client/v4/zones/${ZONE}/`, "path"],
    ["GET", `${HOST}${RECORDS}/`, "path"],
    ["GET", `${HOST}${RECORDS}/export`, "path"],
    ["POST", `${HOST}${RECORDS}/batch`, "path"],
    ["POST", `${HOST}${RECORDS}/import`, "path"],
    ["POST", `${HOST}${RECORDS}/scan/trigger`, "path"],
    ["GET", `${HOST}/client/v4/zones/${ZONE}/settings`, "path"],
    ["GET", `${HOST}/client/v4/zones/${ZONE}/dnssec`, "path"],
    ["GET", `${HOST}/client/v4/zones/${ZONE}/DNS_RECORDS`, "path"],
    ["GET", `${HOST}/client/v4/zones/${ZONE.toUpperCase()}/dns_records`, "path"],
    ["GET", `${HOST}${RECORDS}/${ID}/..`, "path"],
    ["GET", `${HOST}${RECORDS}/../settings`, "path"],
    ["GET", `${HOST}${RECORDS}/./${ID}`, "path"],
    ["GET", `${HOST}${RECORDS}/%2e%2e/settings`, "path"],
    ["GET", `${HOST}${RECORDS}%2f${ID}`, "path"],
    ["GET", `${HOST}${RECORDS}%2F..%2Fsettings`, "path"],
    ["GET", `${HOST}${RECORDS}/%252e%252e/settings`, "path"],
    ["GET", `${HOST}${RECORDS}\\..\\settings`, "path"],
    ["GET", `${HOST}${RECORDS};/../settings`, "path"],
    ["GET", `${HOST}/${RECORDS}`, "path"],
    ["GET", `${HOST}/client//v4/zones/${ZONE}/dns_records`, "path"],
    ["GET", `${HOST}${RECORDS}#/../settings`, "path"],
    ["GET", `${HOST}${RECORDS}\n`, "path"],
    ["GET", `${HOST}${RECORDS}%00`, "path"],
    ["GET", `${HOST}${RECORDS}/${ID}\u2028`, "path"],
    ["GET", `${HOST}/client/v4/zones/${other}/dns_records`, "zone"],
    ["GET", `${HOST}/client/v4/zones/${other}`, "zone"],
    ["DELETE", `${HOST}/client/v4/zones/${other}/dns_records/${ID}`, "zone"],
    ["GET", `${HOST}${RECORDS}?`.concat("a=1"), "query"],
    ["GET", `${HOST}${RECORDS}?name=a&name=b`, "query"],
    ["GET", `${HOST}${RECORDS}?name`, "query"],
    ["GET", `${HOST}${RECORDS}?name=a&`, "query"],
    ["GET", `${HOST}${RECORDS}?n%61me=a`, "query"],
    ["GET", `${HOST}${RECORDS}?name=a%0d%0aX: b`, "query"],
    ["GET", `${HOST}${RECORDS}?name=%ff`, "query"],
    ["GET", `${HOST}${RECORDS}?name=%`, "query"],
    ["GET", `${HOST}${RECORDS}?name=a#b`, "query"],
    ["GET", `${HOST}${RECORDS}?name=a?type=b`, "query"],
    ["GET", `${HOST}${RECORDS}?name=a;type=b`, "query"],
    ["GET", `${HOST}${RECORDS}?name[exact]=a`, "query"],
    ["GET", `${HOST}${RECORDS}?__proto__=a`, "query"],
    ["POST", `${HOST}${RECORDS}?name=a`, "query"],
    ["GET", `${HOST}${RECORDS}/${ID}?name=a`, "query"],
    ["GET", `${HOST}/client/v4/zones/${ZONE}?name=a`, "query"],
    ["GET", `${HOST}${RECORDS}?name=${"a".repeat(5000)}`, "path"],
  ];
  for (const [method, address, reason] of bad) {
    it(`is not, for its ${reason}: ${method} ${JSON.stringify(address).slice(1, 120)}`, () => {
      assert.equal(reasonOf(method, address), reason);
    });
  }
});
