import assert from "node:assert/strict";
import dns from "node:dns";
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import { readFileSync } from "node:fs";
import { startFence, type Refusal } from "../../../sandbox/fence/index.js";
import { connect, raw, startFixture, type Fixture } from "./support.js";

describe("fence: what is refused", () => {
  let fixture: Fixture;
  const told: Refusal[] = [];
  before(async () => {
    fixture = await startFixture({ onRefused: (refusal) => told.push(refusal) });
  });
  after(() => fixture.close());
  beforeEach(() => {
    fixture.fence.refused.length = 0;
    fixture.seen.length = 0;
    told.length = 0;
  });

  // request, what the list holds, what the answer says
  const requests: [string, string, RegExp][] = [
    ["CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", "example.com:443", /no stand-in answers for this host/],
    ["CONNECT 8.8.8.8:53 HTTP/1.1\r\nHost: x\r\n\r\n", "8.8.8.8:53", /an address outside loopback/],
    ["CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: x\r\n\r\n", "[2001:db8::1]:443", /an address outside loopback/],
    ["CONNECT api.test:22 HTTP/1.1\r\nHost: x\r\n\r\n", "api.test:22", /on port 443 only/],
    ["CONNECT me:pw@api.test:443 HTTP/1.1\r\nHost: x\r\n\r\n", "(user part)@api.test:443", /not a target/],
    ["GET http://example.com/a?b HTTP/1.1\r\nHost: example.com\r\n\r\n", "http://example.com:80", /no stand-in/],
    ["GET http://api.test:8080/ HTTP/1.1\r\nHost: api.test:8080\r\n\r\n", "http://api.test:8080", /on port 80 only/],
    ["GET https://api.test/ HTTP/1.1\r\nHost: api.test\r\n\r\n", "https://api.test", /not a target/],
    [
      "GET http://api.test/ HTTP/1.1\r\nHost: example.com\r\n\r\n",
      "http://api.test:80",
      /Host header names another host/,
    ],
    ["GET http://u:p@api.test/ HTTP/1.1\r\nHost: api.test\r\n\r\n", "http://(user part)@api.test", /not a target/],
    ["GET / HTTP/1.1\r\nHost: api.test\r\n\r\n", "the fence itself", /a proxy, not a server/],
  ];
  for (const [request, target, reason] of requests) {
    it(
      (request.split(" HTTP")[0] ?? "") + (reason.source.includes("Host header") ? " with another Host" : ""),
      async () => {
        const answer = await raw(fixture.fence, request);
        assert.match(answer, /^HTTP\/1\.1 403 refused by the sandbox's fence: /);
        assert.match(answer, reason);
        assert.match(answer, /Nothing was connected\.\n$/);
        assert.deepEqual(fixture.fence.refused, told);
        assert.deepEqual(
          told.map((one) => one.target),
          [target],
        );
        assert.match(told[0]?.at ?? "", /^\d{4}-\d\d-\d\dT/);
        assert.equal(fixture.seen.length, 0);
      },
    );
  }

  it("without a look-up or a connection to anything but loopback", async () => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was after the test
    const original = { lookup: dns.lookup, connect: net.Socket.prototype.connect };
    const looked: unknown[] = [];
    const connected: string[] = [];
    dns.lookup = ((name: unknown) => void looked.push(name)) as unknown as typeof dns.lookup;
    net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
      connected.push(JSON.stringify(args));
      return (original.connect as (...all: unknown[]) => net.Socket).apply(this, args);
    };
    try {
      for (const [request] of requests) await raw(fixture.fence, request);
      for (const target of ["localhost:1", "127.0.0.1:1", "[::1]:1", "localhost.evil.test:1", "[::ffff:8.8.8.8]:1"]) {
        (await connect(fixture.fence, target)).socket.destroy();
      }
    } finally {
      dns.lookup = original.lookup;
      net.Socket.prototype.connect = original.connect;
    }
    assert.deepEqual(looked, []);
    assert.ok(connected.length > requests.length);
    for (const one of connected) assert.match(one, /"(127\.0\.0\.1|::1)"/);
  });

  it("its own port, so that nothing goes in circles", async () => {
    const { status, socket } = await connect(fixture.fence, new URL(fixture.fence.url).host);
    socket.destroy();
    assert.match(status, /403 .*it is the fence itself/);
  });

  it("two Host headers, and no Host header at all", async () => {
    const twice = "GET http://api.test/ HTTP/1.1\r\nHost: api.test\r\nHost: api.test\r\n\r\n";
    assert.match(await raw(fixture.fence, twice), /^HTTP\/1\.1 40[03] /);
    assert.match(await raw(fixture.fence, "GET http://api.test/ HTTP/1.1\r\n\r\n"), /^HTTP\/1\.1 400 /);
    assert.equal(fixture.seen.length, 0);
  });

  it("bytes that are no HTTP, without harm to later requests", async () => {
    assert.match(await raw(fixture.fence, "\x16\x03\x01 hello\r\n\r\n"), /^HTTP\/1\.1 400 /);
    const good = "GET http://api.test/x HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n";
    assert.match(await raw(fixture.fence, good), /echo \/x/);
  });

  const inside: [string, string, RegExp][] = [
    ["another Host", "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", /Host header names another host/],
    [
      "a request line for another host",
      "GET https://example.com/ HTTP/1.1\r\nHost: api.test\r\n\r\n",
      /request line names another/,
    ],
    ["a request line without path", "GET api.test HTTP/1.1\r\nHost: api.test\r\n\r\n", /no path|400 Bad/],
    ["a CONNECT of its own", "CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", /a CONNECT inside a CONNECT/],
  ];
  for (const [what, request, reason] of inside) {
    it(`inside a CONNECT: ${what}`, async () => {
      const { socket } = await connect(fixture.fence, "api.test:443");
      const secure = tls.connect({ socket, servername: "api.test", ca: readFileSync(fixture.fence.caFile) });
      secure.write(request);
      let answer = "";
      secure.setEncoding("latin1").on("data", (chunk: string) => (answer += chunk));
      await once(secure, "end");
      secure.destroy();
      assert.match(answer, reason);
      assert.equal(fixture.seen.length, 0);
    });
  }

  it("a TLS name other than the CONNECT's", async () => {
    const { socket } = await connect(fixture.fence, "api.test:443");
    const secure = tls.connect({ socket, servername: "broken.test", rejectUnauthorized: false });
    secure.on("error", () => undefined);
    await once(secure, "close");
    assert.deepEqual(
      told.map((one) => `${one.target} ${one.reason}`),
      ["api.test:443 TLS names another host (broken.test)"],
    );
  });

  for (const name of ["127.0.0.1", "localhost", "", "a b", "user@api.test", "8.8.8.8"]) {
    it(`a route for ${JSON.stringify(name)}`, async () => {
      await assert.rejects(
        startFence({ routes: { [name]: () => undefined }, caDir: fixture.folder }),
        /not a host name that can be emulated/,
      );
    });
  }
});
