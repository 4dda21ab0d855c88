import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import { join } from "node:path";
import { deflateRawSync, gzipSync } from "node:zlib";
import { extract, fetchPinned, Unavailable } from "../../../toolchain/lib/internals.mjs";
import { type Tool } from "../../../toolchain/setup.mjs";
import {
  PLATFORM,
  windows,
  TINY,
  world,
  servers,
  fakeGo,
  builds,
  serve,
  sha256,
  pinned,
  ensure,
  fault,
  useWorld,
  SHELL,
} from "./support.js";
import { needs } from "../../support/needs.js";

describe("toolchain: downloads", () => {
  useWorld();
  const program = Buffer.from("#!/bin/sh\necho tiny 1.2.3\n");

  it("uses a download whose checksum is the pinned one", async () => {
    const { base } = await serve({ "/v1.2.3/tiny": program });
    const { tools, binDir } = await ensure({ downloadBase: base, pins: pinned("v1.2.3/tiny", sha256(program)) });
    assert.equal(tools[0]?.origin, "download");
    assert.deepEqual(readFileSync(tools[0].location), program);
    assert.ok(tools[0].location.startsWith(binDir));
  });

  it("refuses another checksum loudly, keeps nothing, and does not build instead", async () => {
    fakeGo();
    const { base } = await serve({ "/v1.2.3/tiny": Buffer.from("something else") });
    await assert.rejects(
      ensure({ downloadBase: base, pins: pinned("v1.2.3/tiny", sha256(program)) }),
      fault("CHECKSUM_MISMATCH", "deleted and not used", sha256(program), "--no-download"),
    );
    assert.equal(builds(), 0);
    assert.deepEqual(readdirSync(join(world.root, "tmp")), []);
    assert.ok(!readdirSync(world.root).some((name) => name.startsWith("tiny")));
  });

  it("compares SHA-512 where that is what was published", async () => {
    const { base } = await serve({ "/f": program });
    const file = join(world.folder, "f");
    await fetchPinned(`${base}f`, file, { sha512: createHash("sha512").update(program).digest("hex") });
    assert.deepEqual(readFileSync(file), program);
    await assert.rejects(fetchPinned(`${base}f`, file, { sha512: "0".repeat(128) }), fault("CHECKSUM_MISMATCH"));
    assert.ok(!existsSync(file));
  });

  it("stops asking after one vendor that does not answer, and builds", async function () {
    needs(this, !windows, SHELL);
    fakeGo();
    let asked = 0;
    const silent = createServer(() => asked++); // never answers
    servers.push(silent);
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const downloadBase = `http://127.0.0.1:${String((silent.address() as AddressInfo).port)}/`;
    const build = { module: "tiny", version: "1.2.3", packages: { other: "." } };
    const other: Tool = { ...TINY, name: "other", programs: ["other"], builds: [build] };
    const pin = { [PLATFORM]: { file: "v1.2.3/x", sha256: sha256(program) } };
    const options = { downloadBase, connectMs: 200, pins: { tiny: pin, other: pin } };
    const { tools } = await ensure({ tools: [TINY, other], ...options });
    silent.closeAllConnections();
    assert.deepEqual(
      tools.map((tool) => tool.origin),
      ["built", "built"],
    );
    assert.equal(asked, 1);
  });

  it("says when a platform has no pinned checksum, and when a vendor lacks the file", async () => {
    const { base } = await serve({});
    const env = { ...world.env, PATH: world.bin };
    await assert.rejects(ensure({ env }), fault("NOT_AVAILABLE", `no pinned checksum for ${PLATFORM}`));
    const options = { env, downloadBase: base, pins: pinned("v1.2.3/tiny", sha256(program)) };
    await assert.rejects(ensure(options), fault("NOT_AVAILABLE", "answered 404"));
    await assert.rejects(fetchPinned(`${base}f`, join(world.folder, "f"), { sha256: "0" }), Unavailable);
    await assert.rejects(ensure({ ...options, download: false }), fault("NOT_AVAILABLE", "download: switched off"));
  });

  it("takes programs out of .tar.gz and .zip by name, wherever they lie", async () => {
    const big = Buffer.alloc(200_000, "tiny");
    const tar = gzipSync(
      Buffer.concat([
        ...tarEntry("d/", Buffer.alloc(0), "5"),
        ...tarEntry("d/README", program),
        ...tarEntry("d/tiny", big),
        Buffer.alloc(1024),
      ]),
    );
    const archives: [string, Buffer][] = [
      ["x.tar.gz", tar],
      ["x.zip", zipOf({ "d/README": program, "d/tiny": big })],
    ];
    for (const [name, data] of archives) {
      const archive = join(world.folder, name);
      const target = join(world.folder, `out-${name}`);
      writeFileSync(archive, data);
      const targets = new Map([
        ["tiny", target],
        ["absent", join(world.folder, "absent")],
      ]);
      assert.deepEqual(await extract(archive, name, targets), ["absent"]);
      assert.deepEqual(readFileSync(target), big);
      if (!windows) assert.equal(statSync(target).mode & 0o777, 0o755);
    }
  });
});

function tarEntry(name: string, data: Buffer, type = "0"): Buffer[] {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(data.length.toString(8).padStart(11, "0"), 124);
  header.write(type, 156);
  return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
}

function zipOf(entries: Record<string, Buffer>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, data] of Object.entries(entries)) {
    const packed = deflateRawSync(data);
    const local = Buffer.alloc(30);
    local.write("PK\x03\x04", 0, "latin1");
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.write("PK\x01\x02", 0, "latin1");
    central.writeUInt16LE(8, 10);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(at, 42);
    directory.push(central, Buffer.from(name));
    parts.push(local, Buffer.from(name), packed);
    at += local.length + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(Object.keys(entries).length, 10);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}
