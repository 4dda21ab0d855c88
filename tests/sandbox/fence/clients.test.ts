import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import tls from "node:tls";
import sodium from "libsodium-wrappers";
import { EnvHttpProxyAgent, request, type Dispatcher } from "undici";
import { createGitHub } from "../../../sandbox/github/index.js";
import { connect, startFixture, startServer, type Fixture } from "./support.js";
import { needs } from "../../support/needs.js";

describe("fence: clients", () => {
  let fixture: Fixture;
  let agent: Dispatcher;
  let plainAgent: Dispatcher;
  const failures: unknown[] = [];
  const github = createGitHub();

  before(async () => {
    github.addRepository({ owner: "acme", name: "infra" });
    fixture = await startFixture({
      routes: { "API.github.com.": github.handle },
      onError: (error) => failures.push(error),
    });
    const { url, caFile } = fixture.fence;
    const options = { httpProxy: url, httpsProxy: url, noProxy: "", requestTls: { ca: readFileSync(caFile) } };
    agent = new EnvHttpProxyAgent(options);
    // Unless told otherwise, undici tunnels plain requests as well.
    plainAgent = new EnvHttpProxyAgent({ ...options, proxyTunnel: false });
  });
  after(async () => {
    await Promise.all([agent.destroy(), plainAgent.destroy()]);
    await fixture.close();
  });

  const get = async (
    url: string,
    options: Parameters<typeof request>[1] = {},
  ): Promise<{ status: number; text: string }> => {
    const dispatcher = url.startsWith("http://") ? plainAgent : agent;
    const { statusCode, body } = await request(url, { dispatcher, ...options });
    return { status: statusCode, text: await body.text() };
  };

  it("undici reaches an emulated host over TLS and in the clear", async () => {
    assert.deepEqual(await get("https://api.test/a?b=c"), { status: 200, text: "echo /a?b=c " });
    assert.deepEqual(await get("http://api.test/a", { method: "POST", body: "hello" }), {
      status: 200,
      text: "echo /a hello",
    });
    assert.deepEqual(fixture.seen.slice(-2), ["GET /a?b=c api.test", "POST /a api.test"]);
  });

  it("undici writes a secret to the emulated GitHub", async () => {
    await sodium.ready;
    const headers = { authorization: `Bearer ${github.issueClassic("acme").value}`, "user-agent": "tests" };
    const secrets = "https://api.github.com/repos/acme/infra/actions/secrets";
    const { text } = await get(`${secrets}/public-key`, { headers });
    const pair = JSON.parse(text) as { key: string; key_id: string };
    const sealed = sodium.crypto_box_seal("through the fence", Buffer.from(pair.key, "base64"));
    const body = JSON.stringify({ encrypted_value: Buffer.from(sealed).toString("base64"), key_id: pair.key_id });
    assert.equal((await get(`${secrets}/CANARY`, { method: "PUT", headers, body })).status, 201);
    assert.equal(github.secretsOf("acme", "infra")[0]?.value, "through the fence");
    const listed = await request(`${secrets}?per_page=1`, { dispatcher: agent, headers });
    assert.equal(listed.statusCode, 200);
    await listed.body.dump();
    const repository = JSON.parse((await get("https://api.github.com/repos/acme/infra", { headers })).text) as {
      url: string;
    };
    assert.equal(repository.url, "https://api.github.com/repos/acme/infra");
    assert.deepEqual(github.unhandled, []);
  });

  it("undici is refused elsewhere, and hears it", async () => {
    await assert.rejects(get("https://example.com/"), /403/);
    await assert.rejects(get("http://example.com/", { dispatcher: agent }), /403/);
    const { status, text } = await get("http://example.com/");
    assert.equal(status, 403);
    assert.match(text, /^refused by the sandbox's fence: http:\/\/example\.com:80: no stand-in/);
  });

  it("a program of its own finds everything in the environment", async () => {
    const program = `
      const { EnvHttpProxyAgent, request } = require("undici");
      request("https://api.test/from-child", { dispatcher: new EnvHttpProxyAgent() })
        .then(({ body }) => body.text()).then((text) => { console.log(text); process.exit(0); });`;
    const child = spawn(process.execPath, ["-e", program], {
      env: { PATH: process.env.PATH ?? "", HTTPS_PROXY: fixture.fence.url, NODE_EXTRA_CA_CERTS: fixture.fence.caFile },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [output] = (await once(child.stdout, "data")) as [Buffer];
    assert.equal(output.toString().trim(), "echo /from-child");
  });

  it("curl reaches it too", async function () {
    needs(this, spawnSync("curl", ["--version"]).status === 0, "curl");
    const child = spawn(
      "curl",
      ["-sS", "--proxy", fixture.fence.url, "--cacert", fixture.fence.caFile, "https://api.test/curl"],
      {
        env: { PATH: process.env.PATH ?? "" },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const [output] = (await once(child.stdout, "data")) as [Buffer];
    assert.equal(output.toString().trim(), "echo /curl");
  });

  it("a client that does not know the authority refuses the fence", async () => {
    const { socket } = await connect(fixture.fence, "api.test:443");
    const secure = tls.connect({ socket, servername: "api.test" });
    const [error] = (await once(secure, "error")) as [NodeJS.ErrnoException];
    assert.match(String(error.code), /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED|UNABLE_TO_GET_ISSUER/);
  });

  it("speaks HTTP/1.1 to a client that would rather have h2, and nothing to one that wants only h2", async () => {
    const handshake = async (ALPNProtocols: string[]): Promise<string | false | null> => {
      const { socket } = await connect(fixture.fence, "api.test:443");
      const secure = tls.connect({
        socket,
        servername: "api.test",
        ca: readFileSync(fixture.fence.caFile),
        ALPNProtocols,
      });
      await once(secure, "secureConnect");
      secure.destroy();
      return secure.alpnProtocol;
    };
    assert.equal(await handshake(["h2", "http/1.1"]), "http/1.1");
    await assert.rejects(handshake(["h2"]));
  });

  it("takes a handshake that comes in one packet with the CONNECT", async () => {
    const hello = await clientHello();
    const { socket, status } = await connect(fixture.fence, "api.test:443", hello);
    assert.match(status, /200 Connection Established/);
    const answered = once(socket, "data");
    socket.resume();
    const [answer] = (await answered) as [Buffer];
    assert.equal(answer[0], 0x16, "a TLS handshake record");
    socket.destroy();
  });

  it("serves many connections at once and many requests on one", async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => get(`https://api.test/${index}`)));
    assert.deepEqual(
      answers.map((one) => one.text),
      answers.map((_, index) => `echo /${index} `),
    );
    const { socket } = await connect(fixture.fence, "api.test:443");
    const secure = tls.connect({ socket, servername: "api.test", ca: readFileSync(fixture.fence.caFile) });
    let text = "";
    secure.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
    for (let index = 0; index < 50; index += 1) secure.write(`GET /kept/${index} HTTP/1.1\r\nHost: api.test\r\n\r\n`);
    secure.write("GET /last HTTP/1.1\r\nHost: api.test:443\r\nConnection: close\r\n\r\n");
    await once(secure, "end");
    secure.destroy();
    assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 51);
  });

  it("outlives clients that go away at any moment", async () => {
    for (let index = 0; index < 20; index += 1) {
      const { socket } = await connect(fixture.fence, "api.test:443");
      if (index % 2 === 0) {
        const secure = tls.connect({ socket, servername: "api.test", ca: readFileSync(fixture.fence.caFile) });
        secure.on("error", () => undefined);
        if (index % 4 === 0) await once(secure, "secureConnect");
        if (index % 4 === 0) secure.write("POST /half HTTP/1.1\r\nHost: api.test\r\nContent-Length: 99\r\n\r\nx");
      }
      socket.destroy();
    }
    assert.equal((await get("https://api.test/after")).status, 200);
  });

  it("answers 500 for a stand-in that throws, and tells", async () => {
    failures.length = 0;
    assert.deepEqual(await get("https://broken.test/"), { status: 500, text: "the stand-in for broken.test failed\n" });
    assert.match(String(failures[0]), /broken on purpose/);
  });

  it("passes loopback through, tunnelled and in the clear, and says when nobody listens", async () => {
    const server = await startServer((incoming, outgoing) => {
      outgoing.setHeader("x-seen", Object.keys(incoming.headers).sort().join(","));
      outgoing.end(`server ${incoming.url} ${incoming.headers.host}`);
    });
    const plain = await request(`http://127.0.0.1:${server.port}/p?q=1`, {
      dispatcher: plainAgent,
      headers: { te: "trailers" },
    });
    assert.equal(await plain.body.text(), `server /p?q=1 127.0.0.1:${server.port}`);
    assert.equal(plain.headers["x-seen"], "connection,host");
    assert.equal((await get(`http://127.0.0.1:${server.port}/t`, { dispatcher: agent })).text.split(" ", 2)[1], "/t");

    for (const target of [`127.0.0.1:${server.port}`, `localhost:${server.port}`]) {
      const { socket, status } = await connect(fixture.fence, target);
      assert.match(status, /^HTTP\/1\.1 200/);
      socket.end(`GET /t HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      let text = "";
      socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
      socket.resume();
      await once(socket, "end");
      assert.match(text, /server \/t x/);
    }
    await server.close();
    const { status, socket } = await connect(fixture.fence, `127.0.0.1:${server.port}`);
    socket.destroy();
    assert.match(status, /^HTTP\/1\.1 502/);
    assert.equal((await get(`http://127.0.0.1:${server.port}/`)).status, 502);
  });

  it("writes two files, both without any private part", () => {
    const { caFile, bundleFile } = fixture.fence;
    const files = readdirSync(fixture.folder);
    assert.deepEqual(files.sort(), ["fence-bundle.pem", "fence-ca.pem"]);
    for (const file of files) assert.doesNotMatch(readFileSync(join(fixture.folder, file), "utf8"), /PRIVATE/);
    assert.equal(readFileSync(caFile, "utf8").match(/BEGIN CERTIFICATE/g)?.length, 1);
    assert.ok((readFileSync(bundleFile, "utf8").match(/BEGIN CERTIFICATE/g)?.length ?? 0) > 50);
  });

  it("ends everything when it is closed, in the middle of requests too", async () => {
    const other = await startFixture({ routes: { "slow.test": () => new Promise<void>(() => undefined) } });
    const { socket } = await connect(other.fence, "slow.test:443");
    const secure = tls.connect({ socket, servername: "slow.test", ca: readFileSync(other.fence.caFile) });
    await once(secure, "secureConnect");
    secure.write("GET / HTTP/1.1\r\nHost: slow.test\r\n\r\n");
    secure.on("error", () => undefined);
    const gone = new Promise((resolve) => secure.on("close", resolve));
    await other.close();
    await gone;
    await assert.rejects(connect(other.fence, "slow.test:443"), /ECONNREFUSED/);
  });
});

/** The first bytes that a TLS client sends, as latin1. */
async function clientHello(): Promise<string> {
  const { Duplex } = await import("node:stream");
  return new Promise((resolve) => {
    const wire = new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        resolve(chunk.toString("latin1"));
        done();
      },
    });
    const secure = tls.connect({ socket: wire, servername: "api.test" });
    secure.on("error", () => undefined);
  });
}
