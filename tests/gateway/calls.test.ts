/**
 * Proves in the real runtime what of a request reaches Cloudflare's API, what of its answer reaches the caller, and what the
 * log says of both.
 */
import assert from "node:assert/strict";

import { Response } from "miniflare";

import { envelope, JOB, OTHER_ZONE, RECORD, RECORDS, useGateway, ZONE } from "./support/gateway.js";

const API = "https://api.cloudflare.com/client/v4";
const A_RECORD = { type: "A", name: "www.example.com", content: "192.0.2.1", ttl: 300 };

describe("a call that is let in", () => {
  const bench = useGateway();

  const calls: readonly (readonly [method: string, path: string, forwarded: string])[] = [
    ["GET", RECORDS, `/zones/${ZONE}/dns_records`],
    [
      "GET",
      `${RECORDS}?name.exact=www.example.com&type=A&page=2&per_page=100`,
      `/zones/${ZONE}/dns_records?name.exact=www.example.com&type=A&page=2&per_page=100`,
    ],
    ["GET", `${RECORDS}?content=a%26type%3DTXT`, `/zones/${ZONE}/dns_records?content=a%26type%3DTXT`],
    ["GET", `${RECORDS}/${RECORD}`, `/zones/${ZONE}/dns_records/${RECORD}`],
    ["POST", RECORDS, `/zones/${ZONE}/dns_records`],
    ["PUT", `${RECORDS}/${RECORD}`, `/zones/${ZONE}/dns_records/${RECORD}`],
    ["PATCH", `${RECORDS}/${RECORD}`, `/zones/${ZONE}/dns_records/${RECORD}`],
    ["DELETE", `${RECORDS}/${RECORD}`, `/zones/${ZONE}/dns_records/${RECORD}`],
    ["GET", `/client/v4/zones/${ZONE}`, `/zones/${ZONE}`],
  ];
  for (const [method, path, forwarded] of calls) {
    it(`${method} ${path} becomes ${forwarded}`, async () => {
      const writes = ["POST", "PUT", "PATCH"].includes(method);
      const answer = await (writes ? bench().write(method, path, A_RECORD) : bench().send({ method, path }));
      assert.equal(answer.status, 200);
      const [request, ...more] = bench().forwarded;
      assert.deepEqual([request?.method, request?.url, more], [method, API + forwarded, []]);
      assert.equal(request?.body, writes ? JSON.stringify(A_RECORD) : "");
    });
  }

  it("carries the zone's credential, and no header of the caller", async () => {
    await bench().write("POST", RECORDS, A_RECORD, {
      "x-auth-email": "mallory@evil.test",
      "x-auth-key": "canary-header",
      "x-auth-user-service-key": "canary-header",
      cookie: "session=canary-header",
      "proxy-authorization": "Basic canary-header",
      "x-http-method-override": "DELETE",
      "x-original-url": "/client/v4/user",
      "x-forwarded-for": "canary-header",
      "x-forwarded-host": "canary-header",
      forwarded: "for=canary-header",
      via: "canary-header",
      te: "trailers",
      "cf-connecting-ip": "canary-header",
      "cf-worker": "canary-header",
      "idempotency-key": "canary-header",
      "user-agent": "canary-header",
      expect: "100-continue",
    });
    const headers = bench().forwarded[0]?.headers ?? {};
    assert.ok(!JSON.stringify(headers).includes("canary-header"), "a header of the caller");
    const own = ["accept", "authorization", "content-length", "content-type", "user-agent"];
    // What the runtime adds to every request that a Worker makes.
    const runtimes = ["accept-encoding", "cache-control", "cf-worker", "host", "pragma"];
    assert.deepEqual(
      Object.keys(headers)
        .filter((name) => !runtimes.includes(name))
        .sort(),
      own,
    );
    assert.equal(headers["authorization"], `Bearer ${bench().credential}`);
    assert.equal(headers["user-agent"], "p24-gateway");
  });

  it("is not let in by a second Authorization header", async () => {
    const right = bench().bearer();
    await bench().send({ headers: { authorization: [right, "Bearer x.y.z"] as never } });
    assert.equal((await bench().line())["reason"], "bearer.form");
  });

  it("is recorded: who changed what", async () => {
    bench().answering = () => envelope({ id: RECORD, type: "A", name: "www.example.com" });
    await bench().write("POST", RECORDS, A_RECORD, { "cf-ray": "0123456789abcdef-WAW" });
    const line = await bench().line();
    assert.deepEqual(line, {
      gateway: "cloudflare-dns",
      event: "forwarded",
      status: 200,
      method: "POST",
      ray: "0123456789abcdef-WAW",
      path: `/zones/${ZONE}/dns_records`,
      record: { type: "A", name: "www.example.com", id: RECORD },
      repository: JOB.repository,
      repository_id: String(JOB.repositoryId),
      run_id: "16823001234",
      run_attempt: "1",
      actor: "octocat",
      actor_id: "12",
      sha: line["sha"],
      ref: "refs/heads/main",
      workflow_ref: "radieu/p24-infra/.github/workflows/dns.yml@refs/heads/main",
      event_name: "push",
    });
    assert.match(String(line["sha"]), /^[0-9a-f]{40}$/);
  });

  it("ends, and is recorded, although the caller has gone", async () => {
    let arrived: () => void = () => undefined;
    let answerNow: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => (arrived = resolve));
    const gone = new Promise<void>((resolve) => (answerNow = resolve));
    bench().answering = async () => {
      arrived();
      await gone;
      return envelope({ id: RECORD });
    };
    const caller = bench().write("POST", RECORDS, A_RECORD, { "x-edge-caller": "one" });
    await reached;
    await bench().send({ headers: { "x-edge-gone": "one" } });
    await caller;
    answerNow();
    const line = await bench().line();
    assert.deepEqual(
      [line["event"], line["record"]],
      ["forwarded", { type: "A", name: "www.example.com", id: RECORD }],
    );
  });

  it("is logged without credential, token and content", async () => {
    const bearer = bench().bearer();
    await bench().write(
      "POST",
      RECORDS,
      { ...A_RECORD, type: "TXT", content: "canary-content", comment: "canary-comment" },
      {
        authorization: bearer,
      },
    );
    await bench().settle(1);
    const log = bench().logged.join("\n");
    for (const secret of [bench().credential, "canary-content", "canary-comment", ...bearer.slice(7).split(".")]) {
      assert.ok(!log.includes(secret.slice(0, 30)), "something in the log that does not belong there");
    }
  });
});

describe("an answer of the API", () => {
  const bench = useGateway();

  it("is passed on with none of its headers but those that a client needs", async () => {
    bench().answering = () =>
      envelope({ id: RECORD }, 429, {
        "retry-after": "7",
        "set-cookie": "__cf=1",
        server: "cloudflare",
        "access-control-allow-origin": "*",
        location: "https://evil.test/",
      });
    const { status, headers } = await bench().send();
    assert.equal(status, 429);
    const transport = ["connection", "keep-alive", "date", "transfer-encoding", "content-length"];
    const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => !transport.includes(name)));
    assert.deepEqual(rest, {
      "cache-control": "no-store",
      "content-type": "application/json",
      "retry-after": "7",
      "x-content-type-options": "nosniff",
    });
  });

  it("that says what is wrong with a record reaches the caller", async () => {
    const errors = [{ code: 9005, message: "Content for A record must be a valid IPv4 address." }];
    bench().answering = () =>
      new Response(JSON.stringify({ success: false, errors, messages: [], result: null }), {
        status: 400,
        headers: { "content-type": "application/json" },
      });
    const answer = await bench().write("POST", RECORDS, { ...A_RECORD, content: "x" });
    assert.deepEqual([answer.status, JSON.parse(answer.body).errors], [400, errors]);
  });

  const json = { "content-type": "application/json" };
  const bad: readonly (readonly [title: string, reason: string, answer: () => Response | Promise<Response>])[] = [
    ...[301, 302, 303, 307, 308].map(
      (status) =>
        [
          `a redirection, ${String(status)}`,
          "api.redirect",
          () => new Response(null, { status, headers: { location: "https://evil.test/" } }),
        ] as const,
    ),
    ["the credential is not valid", "api.credential", () => envelope(null, 401)],
    ["the credential may not", "api.credential", () => envelope(null, 403)],
    ["a page", "api.form", () => new Response("<html>", { status: 520, headers: { "content-type": "text/html" } })],
    ["no type", "api.form", () => new Response("{}")],
    ["too long for a change", "api.form", () => new Response(`{"result":"${"x".repeat(300_000)}"}`, { headers: json })],
  ];
  for (const [title, reason, answer] of bad) {
    it(`${title}: ${reason}, and the caller learns nothing of it`, async () => {
      bench().answering = answer;
      const given = await bench().write("POST", RECORDS, A_RECORD);
      const line = await bench().line();
      assert.deepEqual([given.status, line["reason"]], [502, reason]);
      assert.equal(given.headers.location, undefined);
      assert.equal(JSON.parse(given.body).errors[0].message, "refused by the gateway; its log says why");
      assert.equal(bench().forwarded.length, 1, "asked once, followed nowhere");
      // A change may have been made: what was asked for stands in the record.
      assert.deepEqual([line["record"]?.name, line["run_id"]], ["www.example.com", "16823001234"]);
    });
  }
});

describe("the look-up of the zone", () => {
  const bench = useGateway();
  const ours = { id: ZONE, name: "example.com", status: "active" };

  it("is answered with ours alone, whatever else the credential sees", async () => {
    bench().answering = () => envelope([{ id: OTHER_ZONE, name: "example.com" }, ours]);
    for (const query of ["", "?name=example.com", "?per_page=50&page=1&status=active&account.id=1"]) {
      bench().forwarded.length = 0;
      const answer = await bench().send({ path: `/client/v4/zones${query}` });
      assert.deepEqual(JSON.parse(answer.body).result, [ours]);
      assert.deepEqual(JSON.parse(answer.body).result_info.total_count, 1);
      assert.deepEqual(
        bench().forwarded.map(({ url }) => url),
        [`${API}/zones?name=example.com`],
      );
    }
  });

  for (const query of ["?name=example.org", "?name=EXAMPLE.COM", "?name=contains:a", "?page=2", "?name="]) {
    it(`${query} finds nothing, and asks nobody`, async () => {
      const answer = await bench().send({ path: `/client/v4/zones${query}` });
      assert.deepEqual([answer.status, JSON.parse(answer.body).result], [200, []]);
      assert.deepEqual(bench().forwarded, []);
    });
  }
});
