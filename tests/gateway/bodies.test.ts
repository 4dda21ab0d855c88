/** Proves in the real runtime which bodies are taken, that what was checked is what is sent, and that limits of records hold. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";

import type { Policy } from "../../gateway/policy.js";
import { type Bench, envelope, POLICY, RECORD, RECORDS, useGateway, ZONE } from "./support/gateway.js";

const A_RECORD = { type: "A", name: "www.example.com", content: "192.0.2.1" };
const ONE = `${RECORDS}/${RECORD}`;

function told(value: unknown): string {
  return value === undefined ? "nothing else" : JSON.stringify(value);
}

describe("a body", () => {
  const bench = useGateway();

  const text = JSON.stringify(A_RECORD);
  const taken: readonly (readonly [title: string, body: string, type: string, sent: string])[] = [
    ["with a charset", text, "application/json; charset=utf-8", text],
    [
      "with blanks and escapes, written anew",
      '{ "type" : "A" , "n\\u0061me":"www" }',
      "application/json",
      '{"type":"A","name":"www"}',
    ],
    ["with letters of the world", '{"comment":"zażółć"}', "Application/JSON", '{"comment":"zażółć"}'],
  ];
  for (const [title, body, type, sent] of taken) {
    it(`is taken ${title}`, async () => {
      const answer = await bench().write("POST", RECORDS, body, { "content-type": type });
      assert.deepEqual([answer.status, bench().forwarded[0]?.body], [200, sent]);
    });
  }

  const refused: readonly (readonly [title: string, reason: string, send: (bench: Bench) => Promise<unknown>])[] = [
    ["no type", "body.type", (bench) => bench.write("POST", RECORDS, text, { "content-type": undefined })],
    [
      "a form",
      "body.type",
      (bench) => bench.write("POST", RECORDS, "a=b", { "content-type": "application/x-www-form-urlencoded" }),
    ],
    [
      "parts",
      "body.type",
      (bench) => bench.write("POST", RECORDS, text, { "content-type": "multipart/form-data; boundary=x" }),
    ],
    [
      "a type that only begins alike",
      "body.type",
      (bench) => bench.write("POST", RECORDS, text, { "content-type": "application/json-patch+json" }),
    ],
    [
      "another charset",
      "body.type",
      (bench) => bench.write("POST", RECORDS, text, { "content-type": "application/json; charset=utf-7" }),
    ],
    [
      "compressed",
      "body.encoding",
      (bench) =>
        bench.send({
          method: "POST",
          body: gzipSync(text),
          headers: { "content-type": "application/json", "content-encoding": "gzip" },
        }),
    ],
    ["33 KiB", "body.size", (bench) => bench.write("POST", RECORDS, { comment: "x".repeat(33_000) })],
    [
      "33 KiB without a length",
      "body.size",
      (bench) => bench.write("POST", RECORDS, { comment: "x".repeat(33_000) }, { "transfer-encoding": "chunked" }),
    ],
    ["1 MiB", "body.size", (bench) => bench.write("PUT", ONE, { comment: "x".repeat(1_048_576) })],
    ["nothing", "body.form", (bench) => bench.write("POST", RECORDS, "")],
    ["no JSON", "body.form", (bench) => bench.write("POST", RECORDS, "type=A")],
    ["cut short", "body.form", (bench) => bench.write("POST", RECORDS, text.slice(0, -1))],
    ["a list", "body.form", (bench) => bench.write("POST", RECORDS, [A_RECORD])],
    ["a field twice", "body.form", (bench) => bench.write("POST", RECORDS, '{"name":"www","name":"@"}')],
    ["two documents", "body.form", (bench) => bench.write("PATCH", ONE, `${text}${text}`)],
    ["too deep", "body.form", (bench) => bench.write("POST", RECORDS, `{"data":${"[".repeat(9)}${"]".repeat(9)}}`)],
  ];
  for (const [title, reason, send] of refused) {
    it(`is refused: ${title}: ${reason}`, async () => {
      await send(bench());
      assert.equal((await bench().line())["reason"], reason);
      assert.deepEqual(bench().forwarded, []);
    });
  }

  it("is not asked for, and not sent, where there is none", async () => {
    await bench().write("DELETE", ONE, text);
    assert.deepEqual(
      bench().forwarded.map(({ method, body }) => [method, body]),
      [["DELETE", ""]],
    );
  });
});

describe("a limit of records", () => {
  const limited: Policy = {
    ...POLICY,
    callers: POLICY.callers.map((caller) => ({
      ...caller,
      records: { types: ["A", "AAAA", "CNAME", "SRV"], names: ["www.example.com", "*.preview.example.com"] },
    })),
  };
  const bench = useGateway(limited);
  const present = { id: RECORD, type: "A", name: "www.example.com", content: "192.0.2.1" };
  const SRV = { type: "SRV", name: "_a._tcp.preview.example.com" };

  const good: readonly (readonly [method: string, body: Record<string, unknown> | undefined])[] = [
    ["POST", A_RECORD],
    ["POST", { ...A_RECORD, name: "pr-7.preview.example.com", ttl: 60, proxied: true, comment: "x" }],
    ["POST", { ...SRV, data: { port: 1, target: "www.example.com" } }],
    ["PUT", A_RECORD],
    ["PATCH", { content: "192.0.2.2" }],
    ["PATCH", { name: "pr-8.preview.example.com" }],
    ["DELETE", undefined],
  ];
  for (const [method, body] of good) {
    it(`lets ${method} ${told(body)} through, after a look at the record that is there`, async () => {
      bench().answering = () => envelope(present);
      const path = method === "POST" ? RECORDS : ONE;
      const answer = await (body === undefined ? bench().send({ method, path }) : bench().write(method, path, body));
      assert.equal(answer.status, 200);
      assert.deepEqual(
        bench().forwarded.map((request) => request.method),
        method === "POST" ? ["POST"] : ["GET", method],
      );
    });
  }

  const bad: readonly (readonly [method: string, reason: string, body: unknown, there?: unknown])[] = [
    ["POST", "record.type", { ...A_RECORD, type: "NS" }],
    ["POST", "record.type", { ...A_RECORD, type: "TXT" }],
    ["POST", "record.type", { ...A_RECORD, type: "a" }],
    ["POST", "record.type", { ...A_RECORD, type: ["A"] }],
    ["POST", "record.type", { name: A_RECORD.name, content: "x" }],
    ["POST", "record.name", { ...A_RECORD, name: "example.com" }],
    ["POST", "record.name", { ...A_RECORD, name: "@" }],
    ["POST", "record.name", { ...A_RECORD, name: "www" }],
    ["POST", "record.name", { ...A_RECORD, name: "WWW.example.com" }],
    ["POST", "record.name", { ...A_RECORD, name: "www.example.com." }],
    ["POST", "record.name", { ...A_RECORD, name: "x\u0000.preview.example.com" }],
    ["POST", "record.name", { type: "A", content: "x" }],
    ["POST", "body.form", { ...A_RECORD, Name: "example.com" }],
    ["POST", "body.form", { ...A_RECORD, TYPE: "NS" }],
    ["POST", "body.form", { ...A_RECORD, zone_id: "0" }],
    ["POST", "body.form", { ...SRV, data: { name: "example.com", service: "_a", proto: "_tcp" } }],
    ["POST", "body.form", { ...SRV, data: { Name: "example.com" } }],
    ["PUT", "record.name", { ...A_RECORD, name: "mail.example.com" }],
    ["PUT", "record.name", A_RECORD, { ...present, name: "mail.example.com" }],
    ["PATCH", "record.type", { type: "TXT" }],
    ["PATCH", "record.name", { name: "mail.example.com" }],
    ["PATCH", "record.name", { content: "x" }, { ...present, name: "mail.example.com" }],
    ["PATCH", "record.type", { content: "x" }, { ...present, type: "MX" }],
    ["PATCH", "record.type", { type: "A" }, { ...present, type: "NS" }],
    ["DELETE", "record.name", undefined, { ...present, name: "example.com" }],
    ["DELETE", "record.type", undefined, { ...present, type: "NS" }],
    ["DELETE", "api.form", undefined, { ...present, id: "2".repeat(32) }],
    ["DELETE", "api.form", undefined, null],
  ];
  for (const [method, reason, body, there] of bad) {
    it(`refuses ${method} ${told(body)} over ${told(there)}: ${reason}`, async () => {
      bench().answering = () => envelope(there === undefined ? present : there);
      const path = method === "POST" ? RECORDS : ONE;
      await (body === undefined ? bench().send({ method, path }) : bench().write(method, path, body));
      const line = await bench().line();
      assert.equal(line["reason"], reason);
      assert.deepEqual(
        bench().forwarded.filter((request) => request.method !== "GET"),
        [],
      );
    });
  }

  it("hands on that there is no such record", async () => {
    bench().answering = () => envelope(null, 404);
    const answer = await bench().send({ method: "DELETE", path: ONE });
    assert.equal(answer.status, 404);
    assert.deepEqual(
      bench().forwarded.map(({ method }) => method),
      ["GET"],
    );
  });

  it("does not limit reading", async () => {
    bench().answering = () => envelope([{ ...present, name: "mail.example.com" }]);
    assert.equal((await bench().send({ path: `${RECORDS}?type=MX` })).status, 200);
    assert.equal(bench().forwarded[0]?.url, `https://api.cloudflare.com/client/v4/zones/${ZONE}/dns_records?type=MX`);
  });
});
