/**
 * A host that fetches its bundle itself, with the commands of docs/scale.md: the ExecStart line is taken out of the document,
 * so that the two cannot drift apart. What it does not prove: systemd, which is played here as far as its quoting goes; a
 * bucket, for which a plain HTTP server on loopback stands.
 */
import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { samplesIn } from "../../support/textfile.js";
import { sealPayload } from "../../../core/seal/payload.js";
import { Secret } from "../../../core/seal/secret.js";

import { apply, on, type Ran, record, runProgram, snapshot, startTestHost, type TestHost } from "./support.js";

const DOCUMENT = readFileSync(join(__dirname, "../../../docs/scale.md"), "utf8");
/** Where the unit's own environment says that bundles are. */
const BUCKET = /^Environment=BUNDLES=(\S+)$/m.exec(DOCUMENT)?.[1] ?? "";

/** The words of the unit's ExecStart line, as systemd makes them: systemd.service(5), "COMMAND LINES". */
function execStart(target: string): string[] {
  const [, line = ""] = /^ExecStart=((?:.*\\\n)*.*)$/m.exec(DOCUMENT) ?? [];
  const joined = line.replaceAll("\\\n", " ");
  const words = joined.match(/'[^']*'|[^\s']+/g) ?? [];
  return words.map((word) =>
    word
      .replace(/^'(.*)'$/s, "$1")
      .replaceAll("%i", target)
      .replaceAll("$$", "$"),
  );
}

describe("a host that pulls", () => {
  let host: TestHost;
  let bucket: Server;
  let url: string;
  let runtime: string;
  const bundles = new Map<string, string>();
  const asked: string[] = [];
  /** Bytes that the last run of the unit had in its folder. */
  let stored = 0;

  before(async () => {
    assert.match(BUCKET, /^https:/, "docs/scale.md has the unit");
    host = await startTestHost();
    runtime = join(host.base, "run");
    mkdirSync(runtime);
    bucket = createServer((request, response) => {
      asked.push(request.url ?? "");
      const bundle = bundles.get(request.url ?? "");
      response.writeHead(bundle === undefined ? 404 : 200).end(bundle ?? "<Error>no such object</Error>");
    });
    await new Promise<void>((resolve) => bucket.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${String((bucket.address() as AddressInfo).port)}`;
  });
  after(async () => {
    bucket.closeAllConnections();
    await new Promise((resolve) => bucket.close(resolve));
    await host.close();
  });

  /** What the runner does: one bundle, sealed and signed as for a push, at the place where the host asks. */
  const publish = async (serial: number, password: string, name = host.name) => {
    const pem = host.signer.export({ type: "pkcs8", format: "pem" }).toString();
    const entries = new Map([["WEB_PASSWORD", new Secret(password)]]);
    const payload = { host: name, target: "app", serial, entries, prune: [], recipient: host.recipient };
    const bundle = await sealPayload(payload, new Secret(pem));
    bundles.set(`/${host.name}/app`, bundle);
    return bundle;
  };

  /** One run of the unit: its command with this host's root before the fixed paths, and the folder that systemd makes for it. */
  const pull = async (): Promise<Ran> => {
    const [program = "", ...args] = execStart("app");
    const here = args.map((arg) =>
      arg
        .replaceAll(/\/(?:usr\/local\/sbin\/p24-host|etc\/p24-host|var\/lib\/p24-host)\b/g, `"${host.root}"$&`)
        .replaceAll("/run/p24-pull-app", `"${runtime}"`),
    );
    assert.ok(here.join().includes(host.root) && here.join().includes(runtime), "the paths were found");
    const ran = await runProgram(program, here, "", { PATH: process.env["PATH"], BUNDLES: url });
    stored = statSync(join(runtime, "bundle"), { throwIfNoEntry: false })?.size ?? 0;
    rmSync(runtime, { recursive: true });
    mkdirSync(runtime);
    return ran;
  };

  const applied = (): string => readFileSync(join(host.dir("app"), ".env"), "utf8");
  const attempt = (): string => readFileSync(on(host, "var/lib/p24-host/app.attempt"), "utf8");

  it("applies what is there, and its services run with it", async () => {
    await publish(1, "first");
    assert.deepEqual(await pull(), { code: 0, signal: null, stdout: "applied 1 none\n", stderr: "" });
    assert.equal(applied(), "WEB_PASSWORD=first\n");
    assert.equal(record(host, "serial"), "1");
    assert.equal((await host.services("app")).length, 3);
    assert.deepEqual(asked, [`/${host.name}/app`]);
  });

  it("finds the same bundle again: nothing is done, no attempt is noted, and the unit succeeds", async () => {
    const [before, tried] = [await snapshot(host), attempt()];
    assert.deepEqual(await pull(), { code: 0, signal: null, stdout: "", stderr: "" });
    assert.deepEqual([await snapshot(host), attempt()], [before, tried]);
  });

  it("tells node_exporter at each look that it was there, and when somebody changed the file", async () => {
    const folder = on(host, "var/lib/prometheus/node-exporter");
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const sameAfter = async (text: string) => {
      writeFileSync(join(host.dir("app"), ".env"), text);
      assert.equal((await pull()).code, 0);
      const samples = samplesIn(readFileSync(join(folder, "p24-host-app.prom"), "utf8"));
      return samples["file_as_applied"];
    };
    const tried = attempt();
    assert.equal(await sameAfter("WEB_PASSWORD=by-hand\n"), 0);
    assert.equal(await sameAfter("WEB_PASSWORD=first\n"), 1);
    assert.equal(attempt(), tried);
  });

  it("would be refused the same bundle again, by the host program itself", async () => {
    const before = await snapshot(host);
    const again = await runProgram(host.program, ["apply", "app"], bundles.get(`/${host.name}/app`));
    assert.deepEqual(again, { code: 18, signal: null, stdout: "", stderr: "p24-host: refused serial\n" });
    assert.deepEqual(await snapshot(host), before);
  });

  it("applies the next one", async () => {
    await publish(2, "second");
    assert.deepEqual(await pull(), { code: 0, signal: null, stdout: "applied 2 as-applied\n", stderr: "" });
    assert.equal(applied(), "WEB_PASSWORD=second\n");
  });

  const refused: [what: string, put: () => Promise<unknown>, code: number, word: string][] = [
    ["an older bundle of its own", () => publish(1, "first"), 18, "refused serial"],
    ["a bundle for another host", () => publish(3, "third", "vps-t2"), 16, "refused host"],
    [
      "a bundle that was cut off",
      async () => bundles.set(`/${host.name}/app`, (await publish(3, "third")).slice(0, -80)),
      15,
      "refused signature",
    ],
    [
      "a higher serial behind the signature",
      async () => bundles.set(`/${host.name}/app`, (await publish(1, "first")).replace("serial 1\n", "serial 9\n")),
      15,
      "refused signature",
    ],
    ["an empty object", () => Promise.resolve(bundles.set(`/${host.name}/app`, "")), 14, "refused malformed"],
  ];
  for (const [what, put, code, word] of refused) {
    it(`refuses ${what}, touches nothing, and the unit fails`, async () => {
      await put();
      const before = await snapshot(host);
      assert.deepEqual(await pull(), { code, signal: null, stdout: "", stderr: `p24-host: ${word}\n` });
      assert.deepEqual(await snapshot(host), before);
    });
  }

  it("does not start the host program when there is no bundle or no bucket, and the unit fails with a code of its own", async () => {
    const [before, tried] = [await snapshot(host), attempt()];
    bundles.clear();
    const absent = await pull();
    assert.deepEqual([absent.code, absent.stdout], [75, ""]);
    assert.match(absent.stderr, /^curl: \(22\) /);
    const kept = url;
    url = "http://127.0.0.1:1";
    const down = await pull();
    url = kept;
    assert.deepEqual([down.code, down.stdout], [75, ""]);
    assert.match(down.stderr, /^curl: \(7\) /);
    assert.deepEqual([await snapshot(host), attempt()], [before, tried]);
  });

  it("stores no more than 2 MiB of what a bucket sends without end", async () => {
    bundles.set(`/${host.name}/app`, "x".repeat(5_000_000));
    const [before, tried] = [await snapshot(host), attempt()];
    const ran = await pull();
    assert.deepEqual([ran.code, ran.stdout], [75, ""]);
    assert.equal(stored, 4096 * 512);
    assert.deepEqual([await snapshot(host), attempt()], [before, tried]);
  });

  it("does not take a body that ended too early for a bundle, although curl's code for it is that of a replay", async () => {
    bundles.clear();
    const cut = createServer((_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("p24-payload 1\n", () => response.destroy());
    });
    await new Promise<void>((resolve) => cut.listen(0, "127.0.0.1", resolve));
    const [before, kept] = [await snapshot(host), url];
    url = `http://127.0.0.1:${String((cut.address() as AddressInfo).port)}`;
    const ran = await pull();
    url = kept;
    await new Promise((resolve) => cut.close(resolve));
    assert.equal(ran.code, 75);
    assert.match(ran.stderr, /^curl: \(18\) /);
    assert.deepEqual(await snapshot(host), before);
  });

  it("goes on after a push that came between", async () => {
    const pushed = await apply(host, "WEB_PASSWORD=pushed\n", { serial: 3 });
    assert.equal(pushed.stdout, "applied 3 as-applied\n");
    await publish(4, "fourth");
    assert.deepEqual(await pull(), { code: 0, signal: null, stdout: "applied 4 as-applied\n", stderr: "" });
    assert.equal(applied(), "WEB_PASSWORD=fourth\n");
  });
});
