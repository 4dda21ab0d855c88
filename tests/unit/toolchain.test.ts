import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { deflateRawSync, gzipSync } from "node:zlib";
import {
  cacheRoot,
  extract,
  fetchPinned,
  fits,
  npmNeeded,
  parseVersion,
  PINS,
  processStart,
  TOOLS,
  Unavailable,
  withLock,
} from "../../toolchain/lib/internals.mjs";
import { ensureToolchain, installPlugins, type Tool, ToolchainError } from "../../toolchain/setup.mjs";
import { needs } from "../support/needs.js";

const SETUP = join(__dirname, "../../toolchain/setup.mjs");
const INTERNALS = join(__dirname, "../../toolchain/lib/internals.mjs");
const PLATFORM = `${process.platform}-${process.arch}`;
const windows = process.platform === "win32";
const SHELL = "a POSIX shell: stand-ins for programs are scripts";

const TINY: Tool = {
  name: "tiny",
  version: "1.2.3",
  programs: ["tiny"],
  path: { args: ["--version"], min: "1.2.0", below: "2.0.0" },
  download: "http://vendor.invalid/",
  builds: [{ module: "tiny", version: "1.2.3", packages: { tiny: "." } }],
};

/** A folder of its own for every test, with an empty PATH folder, a cache, and the source of the tool "tiny". */
interface World {
  readonly folder: string;
  readonly bin: string;
  readonly root: string;
  readonly modules: string;
  /** PATH of the shell's own programs and of `bin`, nothing else. */
  readonly env: NodeJS.ProcessEnv;
}

let world: World;
let servers: Server[] = [];

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "p24-toolchain-"));
  const bin = join(folder, "bin");
  const modules = join(folder, "go");
  for (const each of [bin, join(modules, "tiny")]) mkdirSync(each, { recursive: true });
  writeFileSync(join(modules, "tiny", "go.mod"), "module tiny\n\ngo 1.21\n");
  writeFileSync(join(modules, "tiny", "main.go"), 'package main\n\nfunc main() { println("tiny 1.2.3") }\n');
  const env = { HOME: folder, PATH: [bin, "/usr/bin", "/bin"].join(delimiter) };
  world = { folder, bin, root: join(folder, "cache"), modules, env };
});

afterEach(() => {
  for (const server of servers) server.close();
  servers = [];
  rmSync(world.folder, { recursive: true, force: true });
});

function script(name: string, lines: string[]): string {
  const file = join(world.bin, name);
  writeFileSync(file, `#!/bin/sh\n${lines.join("\n")}\n`, { mode: 0o755 });
  return file;
}

/** A `go` that counts its builds and writes a program after `seconds`. */
function fakeGo(seconds = 0): void {
  script("go", [
    'case "$1" in env) echo go1.99.0; exit 0;; esac',
    `echo $$ > '${world.folder}/go.pid'`,
    `echo build >> '${world.folder}/builds'`,
    `sleep ${String(seconds)}`,
    'while [ "$1" != "-o" ]; do shift; done',
    `printf '#!/bin/sh\\necho tiny 1.2.3\\n' > "$2"`,
  ]);
}

function builds(): number {
  const file = join(world.folder, "builds");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").length : 0;
}

async function serve(answers: Record<string, Buffer>): Promise<{ base: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    const body = answers[path];
    response.writeHead(body ? 200 : 404).end(body);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { base: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`, asked };
}

const sha256 = (data: Buffer): string => createHash("sha256").update(data).digest("hex");
const pinned = (file: string, sum: string): typeof PINS => ({ tiny: { [PLATFORM]: { file, sha256: sum } } });

function ensure(more: Parameters<typeof ensureToolchain>[0] = {}): ReturnType<typeof ensureToolchain> {
  const { root, modules, env } = world;
  return ensureToolchain({ tools: [TINY], quiet: true, root, modules, env, pins: {}, ...more });
}

function fault(code: string, ...texts: string[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ToolchainError, String(error));
    assert.equal(error.code, code, error.message);
    for (const text of texts) assert.ok(error.message.includes(text), `${text} is missing in: ${error.message}`);
    return true;
  };
}

describe("toolchain: versions", () => {
  const range = { min: "3.259.0", below: "4.0.0" };
  const cases: [printed: string, version: string | null, fit: boolean][] = [
    ["v3.259.0\n", "3.259.0", true],
    ["3.260.1", "3.260.1", true],
    ["v3.258.9", "3.258.9", false],
    ["v4.0.0", "4.0.0", false],
    ["4.0.0-rc.1", "4.0.0-rc.1", false],
    ["v3.259.0-alpha.2+dirty", "3.259.0-alpha.2", false],
    ["v3.260.0-alpha.2", "3.260.0-alpha.2", true],
    ["sops 3.300.3 (latest)", "3.300.3", true],
    ["Docker Compose version v3.400.3\nbuilt with go1.26.8", "3.400.3", true],
    ["(devel)", null, false],
    ["version is set by build process", null, false],
    ["3.259", null, false],
    ["3.259.0.1", null, false],
    ["", null, false],
  ];
  for (const [printed, version, fit] of cases) {
    it(`${JSON.stringify(printed)} is ${version ?? "no version"} and ${fit ? "fits" : "does not fit"}`, () => {
      assert.equal(parseVersion(printed), version);
      assert.equal(fits(version, range), fit);
    });
  }
});

describe("toolchain: table and pins", () => {
  it("pins whole checksums of files that carry the tool's version, each once", () => {
    const sums = new Set<string>();
    for (const [name, platforms] of Object.entries(PINS)) {
      const tool = TOOLS.find((one) => one.name === name);
      assert.ok(tool?.download?.endsWith("/") === true, name);
      for (const [platform, pin] of Object.entries(platforms)) {
        assert.match(platform, /^(linux|darwin|win32)-(x64|arm64)$/);
        assert.ok(pin.file.includes(tool.version), pin.file);
        assert.match(`${pin.sha256 ?? ""} ${pin.sha512 ?? ""}`, /^(?:[0-9a-f]{64} | [0-9a-f]{128})$/);
        sums.add(pin.sha256 ?? pin.sha512 ?? "");
      }
    }
    assert.equal(sums.size, Object.values(PINS).flatMap((platforms) => Object.keys(platforms)).length);
  });

  it("has a committed go.mod and go.sum for every build, with the version that the table names", () => {
    for (const build of TOOLS.flatMap((tool) => tool.builds)) {
      const folder = join(dirname(SETUP), "go", build.module);
      assert.ok(existsSync(join(folder, "go.sum")), build.module);
      const required = readFileSync(join(folder, "go.mod"), "utf8").matchAll(/^\t?(?:require )?(\S+) (v\S+)/gm);
      const versions = new Map([...required].map(([, path = "", version = ""]) => [path, version]));
      for (const source of Object.values(build.packages).filter((one) => one !== ".")) {
        const found = [...versions]
          .filter(([path]) => `${source}/`.startsWith(`${path}/`))
          .map(([, version]) => version);
        assert.deepEqual(found, [`v${build.version}`], source);
      }
    }
  });

  it("keeps the cache outside the checkout, where the system wants it", () => {
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "/x" }, "linux"), "/x/p24-infra/toolchain");
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "relative", HOME: "/h" }, "linux"), "/h/.cache/p24-infra/toolchain");
    assert.equal(cacheRoot({ LOCALAPPDATA: "/l" }, "win32"), join("/l", "p24-infra", "toolchain"));
  });
});

describe("toolchain: PATH", function () {
  before(function () {
    needs(this, !windows, SHELL);
  });

  it("takes a fitting tool and asks its version once, not once per run", async () => {
    const file = script("tiny", [`echo asked >> '${world.folder}/asked'`, "echo tiny 1.4.0"]);
    for (let run = 0; run < 2; run++) {
      const { tools, binDir } = await ensure();
      assert.deepEqual(tools, [{ name: "tiny", version: "1.4.0", origin: "path", location: file }]);
      assert.equal(spawnSync(join(binDir, "tiny")).stdout.toString(), "tiny 1.4.0\n");
    }
    assert.equal(readFileSync(join(world.folder, "asked"), "utf8"), "asked\nasked\nasked\n"); // once, and twice by us
  });

  it("refuses an old one and says so in the error", async () => {
    const file = script("tiny", ["echo tiny 1.1.9"]);
    await assert.rejects(
      ensure({ env: { ...world.env, PATH: [world.bin, "/nowhere"].join(delimiter) } }),
      fault("NOT_AVAILABLE", `${file} is version 1.1.9`, "1.2.0 up to below 2.0.0", "no go command", "install Go"),
    );
  });

  it("refuses a pulumi without its language host beside it", async () => {
    const file = script("pulumi", ["echo v3.259.0"]);
    const tools = TOOLS.filter((tool) => tool.name === "pulumi");
    const env = { ...world.env, PATH: world.bin };
    const options = { tools, env, quiet: true, root: world.root, pins: {} };
    await assert.rejects(
      ensureToolchain(options),
      fault("NOT_AVAILABLE", `${file} has no pulumi-language-nodejs beside it`),
    );
    const host = script("pulumi-language-nodejs", ["exit 0"]);
    const { tools: found } = await ensureToolchain(options);
    assert.deepEqual(
      found.map(({ origin, location }) => [origin, location]),
      [
        ["path", file],
        ["path", host],
      ],
    );
  });

  it("does not take its own cache for an installed tool when binDir is on PATH", async () => {
    fakeGo();
    const { binDir } = await ensure();
    const again = await ensure({ env: { ...world.env, PATH: [binDir, world.env["PATH"]].join(delimiter) } });
    assert.equal(again.tools[0]?.origin, "built");
    assert.equal(again.binDir, binDir);
  });
});

describe("toolchain: downloads", () => {
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

  it("stops asking after one vendor that does not answer, and builds", async () => {
    if (windows) return;
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

describe("toolchain: builds", function () {
  this.timeout(60_000);

  before(function () {
    needs(this, !windows, SHELL);
  });

  it("builds once: the second run finds the artifact", async () => {
    fakeGo();
    const first = await ensure();
    assert.deepEqual(await ensure(), first);
    assert.equal(builds(), 1);
    assert.deepEqual(
      first.tools.map(({ name, version, origin }) => [name, version, origin]),
      [["tiny", "1.2.3", "built"]],
    );
  });

  it("builds again when the source changed", async () => {
    fakeGo();
    const first = await ensure();
    writeFileSync(join(world.modules, "tiny", "go.sum"), "changed\n");
    assert.notEqual((await ensure()).binDir, first.binDir);
    assert.equal(builds(), 2);
  });

  it("builds again when the artifact is damaged", async () => {
    fakeGo();
    await ensure();
    const artifact = readdirSync(world.root).find((name) => name.startsWith("tiny-1.2.3-built-")) ?? "";
    rmSync(join(world.root, artifact, "tiny"));
    rmSync(join(world.root, "bin"), { recursive: true });
    const { tools } = await ensure();
    assert.equal(spawnSync(tools[0]?.location ?? "").stdout.toString(), "tiny 1.2.3\n");
    assert.equal(builds(), 2);
  });

  it("puts a program back that somebody replaced in binDir", async () => {
    fakeGo();
    const { tools, binDir } = await ensure();
    rmSync(join(binDir, "tiny"));
    writeFileSync(join(binDir, "tiny"), "replaced");
    await ensure();
    assert.equal(spawnSync(tools[0]?.location ?? "").stdout.toString(), "tiny 1.2.3\n");
    assert.equal(builds(), 1);
  });

  it("lets two processes at once make one artifact, and the second says that it waits", async () => {
    fakeGo(2);
    const runs = [start(), start()];
    const outcomes = await Promise.all(runs.map((run) => run.ended));
    assert.deepEqual(
      outcomes.map(({ code }) => code),
      [0, 0],
    );
    assert.equal(outcomes[0]?.stdout, outcomes[1]?.stdout);
    assert.equal(builds(), 1);
    assert.equal(outcomes.filter(({ stderr }) => stderr.includes("waiting for tiny: another run is at it")).length, 1);
    assert.deepEqual(readdirSync(join(world.root, "tmp")), []);
    assert.deepEqual(readdirSync(join(world.root, "locks")), []);
  });

  it("survives a crowd", async () => {
    fakeGo(0);
    const all = await Promise.all(Array.from({ length: 8 }, () => ensure()));
    assert.equal(new Set(all.map((one) => JSON.stringify(one))).size, 1);
    assert.equal(builds(), 1);
    assert.ok(existsSync(all[0]?.tools[0]?.location ?? ""));
  });

  it("goes on after a run that was killed, and clears what it left", async () => {
    fakeGo(30);
    const run = start();
    await until(() => builds() === 1);
    run.child.kill("SIGKILL");
    await run.ended;
    assert.equal(readdirSync(join(world.root, "locks")).length, 1);
    fakeGo(0);
    const { tools } = await ensure();
    assert.equal(tools[0]?.origin, "built");
    assert.deepEqual(readdirSync(join(world.root, "tmp")), []);
    assert.deepEqual(readdirSync(join(world.root, "locks")), []);
  });

  it("gives its lock back and ends the compiler when it is interrupted", async () => {
    fakeGo(30);
    const run = start();
    await until(() => builds() === 1);
    run.child.kill("SIGINT");
    const { signal } = await run.ended;
    assert.equal(signal, "SIGINT");
    const compiler = Number(readFileSync(join(world.folder, "go.pid"), "utf8"));
    await until(() => !isRunning(compiler));
    assert.deepEqual(readdirSync(join(world.root, "locks")), []);
  });

  it("names the tool, the place and the repair when a build fails", async () => {
    script("go", ['[ "$1" = env ] && echo go1.99.0 && exit 0', "echo 'dial tcp: no route to host' >&2", "exit 1"]);
    await assert.rejects(ensure(), fault("BUILD_FAILED", "Building tiny failed", "no route to host", "GOPROXY"));
  });

  it("fetches nothing when only what is present may be taken", async () => {
    fakeGo();
    await assert.rejects(
      ensure({ presentOnly: true }),
      fault("NOT_AVAILABLE", "tiny 1.2.3 is not on this machine", "--only tiny"),
    );
    assert.equal(builds(), 0);
    await ensure();
    assert.equal((await ensure({ presentOnly: true })).tools[0]?.origin, "built");
    assert.equal(builds(), 1);
  });

  it("names an old Go and what the source needs", async () => {
    script("go", ["echo go1.20.14"]);
    await assert.rejects(ensure(), fault("NOT_AVAILABLE", "go is 1.20.14, the pinned source needs 1.21.0"));
  });

  it("lists the faults of all tools in one error", async () => {
    const env = { ...world.env, PATH: world.bin };
    const other: Tool = { ...TINY, name: "other", programs: ["other"] };
    await assert.rejects(
      ensure({ tools: [TINY, other], env }),
      fault("NOT_AVAILABLE", "tiny 1.2.3 cannot be had", "other 1.2.3 cannot be had"),
    );
  });

  it("leaves a plugin out that cannot be had, unless it was asked for", async () => {
    const env = { ...world.env, PATH: world.bin };
    const plugin: Tool = { ...TINY, name: "plugin", programs: ["plugin"], plugin: true };
    script("tiny", ["echo tiny 1.2.3"]);
    const { tools } = await ensure({ tools: [TINY, plugin], env });
    assert.deepEqual(
      tools.map((tool) => tool.name),
      ["tiny"],
    );
    await assert.rejects(ensure({ tools: [TINY, plugin], env, only: ["plugin"] }), fault("NOT_AVAILABLE", "plugin"));
  });

  it("names a cache that cannot be written, but needs no writing when all is there", async () => {
    fakeGo();
    writeFileSync(join(world.folder, "file"), "");
    await assert.rejects(
      ensure({ root: join(world.folder, "file", "x") }),
      fault("CACHE_UNWRITABLE", "XDG_CACHE_HOME"),
    );
  });

  it("refuses a tool that does not exist", async () => {
    await assert.rejects(ensure({ with: ["tinny"] }), fault("USAGE", "no tool tinny", "tiny"));
  });

  it("builds with the real go command", async function () {
    const go = spawnSync("go", ["env", "GOROOT"], { encoding: "utf8" });
    needs(this, go.status === 0, "go");
    const env = { ...process.env, GOFLAGS: "-mod=mod" };
    const { tools } = await ensure({ env });
    assert.equal(spawnSync(tools[0]?.location ?? "").stderr.toString(), "tiny 1.2.3\n");
  });
});

describe("toolchain: starter of the language host", function () {
  this.timeout(120_000);

  let starter: string;
  let folder: string;

  before(function () {
    needs(this, !windows && spawnSync("go", ["version"]).status === 0, `go, and ${SHELL}`);
    folder = mkdtempSync(join(tmpdir(), "p24-starter-"));
    starter = join(folder, "pulumi-language-nodejs");
    const cwd = join(dirname(SETUP), "go", "pulumi-language-nodejs");
    const env = { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOWORK: "off" };
    const built = spawnSync("go", ["build", "-mod=readonly", "-buildvcs=false", "-o", starter, "."], { cwd, env });
    assert.equal(built.status, 0, built.stderr.toString());
    writeFileSync(`${starter}-host`, '#!/bin/sh\nfor each; do echo "[$each]"; done\n', { mode: 0o755 });
  });

  after(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const cases: [what: string, project: string | null, flags: string[]][] = [
    ["no project", null, []],
    ["a mere runtime name", "name: x\nruntime: nodejs\n", []],
    ["no options", "name: x\nruntime:\n  name: nodejs\n", []],
    [
      "options of the project",
      "name: x\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n    nodeargs: --import tsx\n    packagemanager: npm\n",
      ["[-typescript=false]", "[-nodeargs=--import tsx]"],
    ],
    ["a tsconfig", '{"runtime": {"name": "nodejs", "options": {"tsconfig": "a b.json"}}}', ["[-tsconfig=a b.json]"]],
  ];
  for (const [what, project, flags] of cases) {
    it(`passes on ${what}, then the engine's arguments`, () => {
      const cwd = join(world.folder, "below");
      mkdirSync(cwd);
      if (project !== null) writeFileSync(join(world.folder, "Pulumi.yaml"), project);
      const answer = spawnSync(starter, ["127.0.0.1:9"], { cwd, encoding: "utf8" });
      assert.deepEqual(answer.stdout.trim().split("\n"), [...flags, "[127.0.0.1:9]"], answer.stderr);
    });
  }

  it("refuses a project file that it cannot read, without repeating it", () => {
    for (const project of ["a: [canary", "runtime: {name: n, options: {nodeargs: [canary]}}"]) {
      writeFileSync(join(world.folder, "Pulumi.yaml"), project);
      const answer = spawnSync(starter, [], { cwd: world.folder, encoding: "utf8" });
      assert.equal(answer.status, 1);
      assert.match(answer.stderr, /of the project file|project file is not YAML/);
      assert.doesNotMatch(answer.stdout + answer.stderr, /canary/);
    }
  });
});

describe("toolchain: locks", function () {
  this.timeout(20_000);

  it("takes a lock over whose owner was killed", async () => {
    const file = join(world.folder, "locks", "a.lock");
    const code = `import { withLock } from ${JSON.stringify(pathToFileURL(INTERNALS).href)};
      await withLock(${JSON.stringify(file)}, () => new Promise(() => setInterval(() => {}, 1000)));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code]);
    const gone = once(child, "exit");
    await until(() => existsSync(file));
    child.kill("SIGKILL");
    await gone;
    assert.equal(await withLock(file, () => Promise.resolve("mine")), "mine");
    assert.ok(!existsSync(file));
  });

  it("takes a lock over whose process id belongs to another process by now", async function () {
    needs(this, processStart(process.pid) !== null, "Linux, which tells when a process began");
    const file = join(world.folder, "a.lock");
    writeFileSync(file, JSON.stringify({ pid: process.pid, host: (await import("node:os")).hostname(), started: "1" }));
    assert.equal(await withLock(file, () => Promise.resolve("mine")), "mine");
  });

  it("waits for a living owner, and lets only one work at a time", async () => {
    const file = join(world.folder, "a.lock");
    let inside = 0;
    let most = 0;
    let waited = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 30));
      inside--;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(file, work, { pollMs: 5, onWait: () => waited++ })));
    assert.equal(most, 1);
    assert.equal(waited, 4);
  });

  it("believes another machine's owner as long as it gives signs of life", async () => {
    const file = join(world.folder, "a.lock");
    writeFileSync(file, JSON.stringify({ pid: 1, host: "elsewhere", started: null, since: "then" }));
    const since = Date.now();
    await withLock(file, () => Promise.resolve(), { pollMs: 10, silentMs: 300 });
    assert.ok(Date.now() - since >= 200);
  });

  it("gives the lock back when the work fails", async () => {
    const file = join(world.folder, "a.lock");
    await assert.rejects(
      withLock(file, () => Promise.reject(new Error("broken"))),
      /broken/,
    );
    assert.ok(!existsSync(file));
  });
});

describe("toolchain: plugins", () => {
  const built = { name: "pulumi-resource-github", version: "6.15.0", origin: "built" as const };
  const file = (name: string, program: string): string =>
    join(world.folder, "home", "plugins", name, windows ? `${program}.exe` : program);

  function options(): Parameters<typeof installPlugins>[0] {
    const location = script("pulumi-resource-github", ["echo 1"]);
    const entry = join(world.folder, "it's an entry.js");
    writeFileSync(entry, 'console.log("4711 " + process.argv.slice(2).join("|"));\n');
    return {
      pulumiHome: join(world.folder, "home"),
      pluginDir: "",
      tools: [{ ...built, location }],
      standIns: [{ name: "command", version: "1.2.1", entry }],
    };
  }

  it("lays out the GitHub plugin and a stand-in that prints nothing of its own", async function () {
    needs(this, !windows, SHELL);
    const records = await installPlugins(options());
    const command = file("resource-command-v1.2.1", "pulumi-resource-command");
    assert.deepEqual(records, [
      { ...built, location: file("resource-github-v6.15.0", "pulumi-resource-github") },
      { name: "pulumi-resource-command", version: "1.2.1", origin: "stand-in", location: command },
    ]);
    assert.equal(spawnSync(records[0]?.location ?? "").stdout.toString(), "1\n");
    const answer = spawnSync(command, ["127.0.0.1:9", "a b"]);
    assert.equal(answer.stdout.toString(), "4711 127.0.0.1:9|a b\n");
    assert.equal(answer.stderr.toString(), "");
    assert.match(readFileSync(join(dirname(command), "p24-plugin.json"), "utf8"), /"origin": "stand-in"/);
  });

  it("changes nothing the second time", async () => {
    const again = options();
    const [, command] = await installPlugins(again);
    const before = statSync(command?.location ?? "").mtimeMs;
    assert.deepEqual((await installPlugins(again))[1], command);
    assert.equal(statSync(command?.location ?? "").mtimeMs, before);
  });

  it("prefers official plugins, and goes back to the stand-in without them", async () => {
    const pluginDir = join(world.folder, "official");
    mkdirSync(pluginDir);
    writeFileSync(join(pluginDir, windows ? "pulumi-resource-command.exe" : "pulumi-resource-command"), "official", {
      mode: 0o755,
    });
    const one = options();
    const official = (await installPlugins({ ...one, pluginDir }))[1];
    assert.equal(official?.origin, "official (P24_PLUGIN_DIR)");
    assert.equal(readFileSync(official.location, "utf8"), "official");
    const standIn = (await installPlugins(one))[1];
    assert.equal(standIn?.origin, "stand-in");
    assert.notEqual(readFileSync(standIn.location, "utf8"), "official");
    assert.equal(readFileSync(join(pluginDir, readdirSync(pluginDir)[0] ?? ""), "utf8"), "official");
  });

  it("runs an entry in TypeScript through tsx", async function () {
    needs(this, !windows, SHELL);
    const entry = join(__dirname, "toolchain-entry.ts");
    writeFileSync(entry, "const port: number = 4711;\nconsole.log(port);\n");
    try {
      const records = await installPlugins({ ...options(), standIns: [{ name: "command", version: "1.2.1", entry }] });
      assert.equal(spawnSync(records[1]?.location ?? "", { cwd: "/" }).stdout.toString(), "4711\n");
    } finally {
      rmSync(entry);
    }
  }).timeout(20_000);

  it("refuses what cannot be a plugin", async () => {
    const one = options();
    const [standIn] = one.standIns ?? [];
    assert.ok(standIn);
    for (const wrong of [{ name: "../x" }, { version: "1.2" }, { entry: "relative.js" }, { entry: "/nowhere.js" }]) {
      await assert.rejects(
        installPlugins({ ...one, standIns: [{ ...standIn, ...wrong }] }),
        fault("TOOLCHAIN", "no usable"),
      );
    }
    await assert.rejects(installPlugins({ ...one, pluginDir: "/nowhere" }), fault("TOOLCHAIN", "P24_PLUGIN_DIR"));
  });
});

describe("toolchain: npm", () => {
  it("installs when node_modules is absent or belongs to another lock file", () => {
    const lock = join(world.folder, "package-lock.json");
    const installed = join(world.folder, "node_modules", ".package-lock.json");
    writeFileSync(lock, "1");
    assert.ok(npmNeeded(world.folder));
    mkdirSync(dirname(installed));
    writeFileSync(installed, "");
    assert.ok(!npmNeeded(world.folder));
    writeFileSync(lock, "2");
    spawnSync("touch", ["-t", "209901010000", lock]);
    assert.ok(npmNeeded(world.folder) || windows);
    writeFileSync(join(dirname(installed), ".p24-package-lock.sha256"), sha256(Buffer.from("2")));
    assert.ok(!npmNeeded(world.folder)); // the content is the same, only the time is not
  });
});

describe("toolchain: command line", () => {
  it("explains itself and refuses what it does not know", () => {
    const help = spawnSync(process.execPath, [SETUP, "--help"], { encoding: "utf8" });
    assert.equal(help.status, 0);
    assert.match(help.stdout, /--with NAME.*docker-compose/);
    const wrong = spawnSync(process.execPath, [SETUP, "--wiht", "x"], { encoding: "utf8" });
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /--wiht/);
  });
});

interface Run {
  child: ReturnType<typeof spawn>;
  ended: Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;
}

/** A run of its own process that makes the tool "tiny" and prints where it is. */
function start(): Run {
  const { root, modules, env } = world;
  const options = JSON.stringify({ tools: [TINY], root, modules, pins: {} });
  const code = `import { ensureToolchain } from ${JSON.stringify(pathToFileURL(SETUP).href)};
    console.log(JSON.stringify(await ensureToolchain(${options})));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { env });
  const printed = { stdout: "", stderr: "" };
  child.stdout.on("data", (text: Buffer) => (printed.stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (printed.stderr += text.toString()));
  const ended = once(child, "close").then(([code, signal]: (number | string | null)[]) => ({
    code: code as number | null,
    signal: signal as string | null,
    ...printed,
  }));
  return { child, ended };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (const since = Date.now(); !condition();) {
    assert.ok(Date.now() - since < 15_000, "waited too long");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

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
