/** What the tests of the toolchain share: a small tool of Go, stand-ins for programs, a server of downloads. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { PINS } from "../../../toolchain/lib/internals.mjs";
import { ensureToolchain, type Tool, ToolchainError } from "../../../toolchain/setup.mjs";

export const SETUP = join(__dirname, "../../../toolchain/setup.mjs");
export const INTERNALS = join(__dirname, "../../../toolchain/lib/internals.mjs");
export const PLATFORM = `${process.platform}-${process.arch}`;
export const windows = process.platform === "win32";
export const SHELL = "a POSIX shell: stand-ins for programs are scripts";

export const TINY: Tool = {
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

/** The running test's. */
export let world: World;
export let servers: Server[] = [];

/** Inside of a `describe`: a {@link world} for each of its tests, gone after it. */
export function useWorld(): void {
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
}

export function script(name: string, lines: string[]): string {
  const file = join(world.bin, name);
  writeFileSync(file, `#!/bin/sh\n${lines.join("\n")}\n`, { mode: 0o755 });
  return file;
}

/** A `go` that counts its builds and writes a program after `seconds`. */
export function fakeGo(seconds = 0): void {
  script("go", [
    'case "$1" in env) echo go1.99.0; exit 0;; esac',
    `echo $$ > '${world.folder}/go.pid'`,
    `echo build >> '${world.folder}/builds'`,
    `sleep ${String(seconds)}`,
    'while [ "$1" != "-o" ]; do shift; done',
    `printf '#!/bin/sh\\necho tiny 1.2.3\\n' > "$2"`,
  ]);
}

export function builds(): number {
  const file = join(world.folder, "builds");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").length : 0;
}

export async function serve(answers: Record<string, Buffer>): Promise<{ base: string; asked: string[] }> {
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

export const sha256 = (data: Buffer): string => createHash("sha256").update(data).digest("hex");
export const pinned = (file: string, sum: string): typeof PINS => ({ tiny: { [PLATFORM]: { file, sha256: sum } } });

export function ensure(more: Parameters<typeof ensureToolchain>[0] = {}): ReturnType<typeof ensureToolchain> {
  const { root, modules, env } = world;
  return ensureToolchain({ tools: [TINY], quiet: true, root, modules, env, pins: {}, ...more });
}

export function fault(code: string, ...texts: string[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ToolchainError, String(error));
    assert.equal(error.code, code, error.message);
    for (const text of texts) assert.ok(error.message.includes(text), `${text} is missing in: ${error.message}`);
    return true;
  };
}

export interface Run {
  child: ReturnType<typeof spawn>;
  ended: Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;
}

/** A run of its own process that makes the tool "tiny" and prints where it is. */
export function start(): Run {
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

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
