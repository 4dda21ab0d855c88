/**
 * Proves what the program's one HTTP door gives for each answer of a server: what is asked again and what is not, that
 * nothing is thrown, and that it goes through the proxy of the environment. The servers are loopback ones.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import {
  type Answer,
  openBindingDoor,
  openDeletingDoor,
  openHttpDoor,
  openProtectingDoor,
  openReportingDoor,
  openTellingDoor,
} from "../../../core/observe/http.js";
import { type HttpServer, json, type Prepared, startHttpServer } from "../../support/httpServer.js";

const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];

const GOOD = json(200, { a: 1 });
const AT_ONCE = { "retry-after": "0" };
const inAnHour = () => String(Math.floor(Date.now() / 1000) + 3600);

interface Case {
  readonly title: string;
  readonly answers: readonly Prepared[];
  readonly requests: number;
  readonly expected: Answer;
}

function failed(status: number | undefined, retryAfter?: string): Answer {
  return { ok: false, status, retryAfter };
}

const FOUND: Answer = { ok: true, status: 200, body: { a: 1 }, link: undefined };

const CASES: readonly Case[] = [
  { title: "200", answers: [GOOD], requests: 1, expected: FOUND },
  ...[400, 401, 403, 404, 422].map((status) => ({
    title: String(status),
    answers: [json(status), GOOD],
    requests: 1,
    expected: failed(status),
  })),
  { title: "429, then 200", answers: [json(429, {}, AT_ONCE), GOOD], requests: 2, expected: FOUND },
  {
    title: "403 with Retry-After, which is GitHub's secondary rate limit, then 200",
    answers: [json(403, {}, AT_ONCE), GOOD],
    requests: 2,
    expected: FOUND,
  },
  {
    title: "429 for longer than anybody waits",
    answers: [json(429, {}, { "retry-after": "3600" }), GOOD],
    requests: 1,
    expected: failed(429, "3600"),
  },
  {
    title: "429 until a date",
    answers: [json(429, {}, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }), GOOD],
    requests: 1,
    expected: failed(429, "Wed, 21 Oct 2026 07:28:00 GMT"),
  },
  {
    title: "500, 502, then 200",
    answers: [json(500, {}, AT_ONCE), json(502, {}, AT_ONCE), GOOD],
    requests: 3,
    expected: FOUND,
  },
  { title: "503 for ever", answers: [json(503, {}, AT_ONCE)], requests: 3, expected: failed(503, "0") },
  {
    title: "a redirect, as of a renamed repository",
    answers: [json(301, {}, { location: "/elsewhere" }), GOOD],
    requests: 2,
    expected: FOUND,
  },
];

describe("the HTTP door", () => {
  const former = new Map<string, string | undefined>();
  const servers: { close(): Promise<void> }[] = [];

  before(() => {
    for (const name of PROXIES) {
      former.set(name, process.env[name]);
      Reflect.deleteProperty(process.env, name);
    }
  });
  after(async () => {
    for (const [name, value] of former) {
      if (value !== undefined) {
        process.env[name] = value;
      }
    }
    await Promise.all(servers.map((server) => server.close()));
  });

  async function serve(...answers: readonly Prepared[]): Promise<HttpServer> {
    const server = await startHttpServer(...answers);
    servers.push(server);
    return server;
  }

  for (const { title, answers, requests, expected } of CASES) {
    it(`${title}: ${String(requests)} request${requests === 1 ? "" : "s"}`, async () => {
      const [get, server] = await Promise.all([openHttpDoor(), serve(...answers)]);
      assert.deepEqual(await get(`${server.url}/path?a=b`, {}), expected);
      assert.equal(server.requests.length, requests);
    });
  }

  it("says when the primary rate limit ends, which GitHub answers with 403 and two headers of its own", async () => {
    const limited = json(403, {}, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": inAnHour() });
    const [get, server] = await Promise.all([openHttpDoor(), serve(limited, GOOD)]);
    const answer = await get(server.url, {});
    assert.ok(!answer.ok && Math.abs(Number(answer.retryAfter) - 3600) < 5);
    assert.equal(server.requests.length, 1);
  });

  it("sends the headers that it is given and gives the header Link back", async () => {
    const [get, server] = await Promise.all([openHttpDoor(), serve(json(200, [], { link: '<x>; rel="next"' }))]);
    const answer = await get(`${server.url}/p`, { authorization: "Bearer x", "user-agent": "p24-infra" });
    assert.ok(answer.ok && answer.link === '<x>; rel="next"');
    assert.equal(server.requests[0]?.line, "GET /p");
    assert.equal(server.requests[0].headers.authorization, "Bearer x");
    assert.equal(server.requests[0].headers["user-agent"], "p24-infra");
  });

  it("throws nothing and tries three times: refused, cut off, no JSON, no such protocol", async () => {
    const [get, cut, text] = await Promise.all([
      openHttpDoor(),
      serve((response) => response.writeHead(200, { "content-length": "9" }).write("{", () => response.destroy())),
      serve((response) => response.end("<html>canary</html>")),
    ]);
    const closed = await startHttpServer(GOOD);
    await closed.close();
    const urls = [closed.url, cut.url, text.url, "gopher://127.0.0.1/"];
    const answers = await Promise.all(urls.map((url) => get(url, {})));
    assert.deepEqual(
      answers,
      urls.map(() => failed(undefined)),
    );
    assert.deepEqual([cut.requests.length, text.requests.length], [3, 3]);
  });

  it("takes an answer without a body", async () => {
    const [get, server] = await Promise.all([openHttpDoor(), serve((response) => response.writeHead(204).end())]);
    assert.deepEqual(await get(server.url, {}), { ok: true, status: 204, body: undefined, link: undefined });
  });

  it("deletes one Actions secret of one repository, and nothing else", async () => {
    const [remove, server] = await Promise.all([openDeletingDoor(), serve(GOOD)]);
    const secrets = "https://api.github.com/repos/o/r/actions/secrets";
    for (const url of [
      server.url,
      "https://api.github.com/repos/o/r",
      secrets,
      `${secrets}/`,
      `${secrets}/A/../../../..`,
      `${secrets}/A?x=1`,
      `${secrets}/a`,
      `${secrets}/A\n`,
      "https://api.github.com.example.test/repos/o/r/actions/secrets/A",
      "https://api.github.com/repos/o/r/x/actions/secrets/A",
      "http://api.github.com/repos/o/r/actions/secrets/A",
    ]) {
      await assert.rejects(async () => remove(url, {}), TypeError, url);
    }
    assert.equal(server.requests.length, 0);
  });

  it("gives a Worker's modules and scripts as text", async () => {
    const served = ["multipart/form-data; boundary=x", "application/javascript", "text/javascript; charset=utf-8"];
    for (const type of served) {
      const [get, server] = await Promise.all([
        openHttpDoor(),
        serve((response) => response.writeHead(200, { "content-type": type }).end("--x")),
      ]);
      assert.deepEqual(await get(server.url, {}), { ok: true, status: 200, body: "--x", link: undefined });
    }
  });

  it("writes the secrets of one Worker, and nothing else", async () => {
    const [put, server] = await Promise.all([openBindingDoor(), serve(GOOD)]);
    const account = `https://api.cloudflare.com/client/v4/accounts/${"a".repeat(32)}`;
    const scripts = `${account}/workers/scripts`;
    for (const url of [
      server.url,
      `${scripts}/w`,
      `${scripts}/w/secrets/A`,
      `${scripts}/w/secrets?x=1`,
      `${scripts}/w/secrets\n`,
      `${scripts}/../secrets`,
      `${scripts}/w/../../x/secrets`,
      `${account}/workers/domains`,
      `${scripts.replace("accounts", "zones")}/w/secrets`,
      `${scripts.replace("a".repeat(32), "account")}/w/secrets`,
      `${scripts.replace("https:", "http:")}/w/secrets`,
      `${scripts.replace(".com", ".com.example.test")}/w/secrets`,
    ]) {
      await assert.rejects(async () => put(url, {}, {}), TypeError, url);
    }
    assert.equal(server.requests.length, 0);
  });

  it("switches nothing on but a repository's own protection", async () => {
    const [protect, server] = await Promise.all([openProtectingDoor(), serve(GOOD)]);
    const repository = "https://api.github.com/repos/o/r";
    for (const url of [
      server.url,
      `${repository}/`,
      `${repository}/actions/secrets/A`,
      `${repository}/../x`,
      `${repository}?x=1`,
      "https://api.github.com/orgs/o",
      "https://api.github.com.example.test/repos/o/r",
      "http://api.github.com/repos/o/r",
    ]) {
      await assert.rejects(async () => protect(url, {}), TypeError, url);
    }
    assert.equal(server.requests.length, 0);
  });

  it("reports to comments, issues and pull requests of one repository, and to nothing else", async () => {
    const server = await serve(GOOD);
    const repository = "https://api.github.com/repos/o/r";
    const sha = "a".repeat(40);
    for (const method of ["POST", "PATCH"] as const) {
      const report = await openReportingDoor(method);
      for (const url of [
        server.url,
        repository,
        `${repository}/actions/secrets/A`,
        `${repository}/issues/1/lock`,
        `${repository}/issues/../actions/secrets`,
        `${repository}/issues?x=1`,
        `${repository}/commits/main/comments`,
        `${repository}/pulls/1/merge`,
        `${repository}/git/refs`,
        `${repository}/issues\n`,
        method === "POST" ? `${repository}/comments/1` : `${repository}/commits/${sha}/comments`,
        method === "POST" ? `${repository}/issues/1` : `${repository}/issues`,
        "https://api.github.com.example.test/repos/o/r/issues",
        "http://api.github.com/repos/o/r/issues",
      ]) {
        await assert.rejects(async () => report(url, {}, {}), TypeError, `${method} ${url}`);
      }
    }
    assert.equal(server.requests.length, 0);
  });

  it("tells one channel, and shows its address to nobody", async () => {
    const webhook = `https://discord.com/api/webhooks/1234567890/canary-of-the-channel`;
    const server = await serve(GOOD);
    for (const method of ["POST", "PATCH"] as const) {
      const tell = await openTellingDoor(method);
      for (const url of [
        server.url,
        webhook,
        `${webhook}/slack?wait=true`,
        `${webhook}/messages/@original`,
        `${webhook}/../x?wait=true`,
        `${webhook.replace("discord.com", "discord.com.example.test")}?wait=true`,
        `${webhook.replace("https", "http")}?wait=true`,
        method === "POST" ? `${webhook}/messages/1` : `${webhook}?wait=true`,
      ]) {
        await assert.rejects(
          async () => tell(url, {}, {}),
          (error) => error instanceof TypeError && !error.message.includes("canary"),
          `${method} ${url}`,
        );
      }
    }
    assert.equal(server.requests.length, 0);
  });

  it("goes through the proxy of the environment", async () => {
    const asked: string[] = [];
    const proxy = createServer().on("connect", (request, socket: Socket) => {
      asked.push(request.url ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    process.env["HTTPS_PROXY"] = `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`;
    try {
      const get = await openHttpDoor();
      assert.deepEqual(await get("https://api.github.com/", {}), failed(undefined));
      assert.equal(asked[0], "api.github.com:443");
    } finally {
      Reflect.deleteProperty(process.env, "HTTPS_PROXY");
      await new Promise((resolve) => proxy.close(resolve));
    }
  });
});
