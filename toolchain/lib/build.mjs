import { chmodSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { contentKey, publish, stage } from "./cache.mjs";
import { ToolchainError } from "./errors.mjs";
import { executable } from "./path.mjs";
import { run } from "./process.mjs";
import { MODULES } from "./tools.mjs";
import { compareVersions, parseVersion } from "./versions.mjs";

const OS = { win32: "windows" };
const ARCH = { x64: "amd64", ia32: "386" };
const BUILD_TIMEOUT_MS = 45 * 60_000;

/** Go is missing or too old: a reason for the next attempt, and in the end part of the error. */
export class NoGo extends Error {}

/**
 * The linker flags of a build: no symbol tables, and the version where the program does not know it by itself.
 *
 * @param {import('../setup.mjs').Build} build
 * @returns {string}
 */
export function linkFlags(build) {
  return ["-s -w", build.link].filter(Boolean).join(" ");
}

/**
 * The cache folder of a build, named by everything that decides its content. Go's own version is left out on purpose: a
 * Go update must not cost ten minutes for the same pinned source.
 *
 * @param {import('../setup.mjs').Build} build
 * @param {string} platform `linux-x64`, as Node names it
 * @param {string} [modules] folder that holds the module's folder
 * @returns {string}
 */
export function buildArtifact(build, platform, modules = MODULES) {
  const folder = join(modules, build.module);
  const sources = readdirSync(folder).filter((file) => /^go\.(mod|sum)$|\.go$/.test(file));
  const parts = sources.sort().flatMap((file) => [file, readFileSync(join(folder, file))]);
  const key = contentKey([platform, build.version, linkFlags(build), JSON.stringify(build.packages), ...parts]);
  return `${build.module}-${build.version}-built-${key}`;
}

/**
 * The version of the Go command, asked once per run.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>}
 * @throws {NoGo}
 */
export async function goVersion(env) {
  const answer = await run("go", ["env", "GOVERSION"], { env: goEnv(env, process.platform), timeoutMs: 20_000 });
  if (answer.missing) throw new NoGo("no go command on PATH");
  const version = parseVersion(answer.stdout.replace(/^go(\d+\.\d+)\s*$/, "$1.0").replace(/^go/, ""));
  if (answer.code !== 0 || !version) throw new NoGo("the go command does not say its version");
  return version;
}

/** GOFLAGS stays the caller's: what matters here is given on the command line, which wins. */
function goEnv(env, platform) {
  const [os, arch] = platform.split("-");
  const target = arch ? { GOOS: OS[os] ?? os, GOARCH: ARCH[arch] ?? arch } : {};
  return { ...env, ...target, CGO_ENABLED: "0", GO111MODULE: "on", GOTOOLCHAIN: "local", GOWORK: "off" };
}

/** The `go` line of a module: the oldest Go that may build it. */
function wantedGo(folder) {
  const line = /^go (\d+\.\d+(?:\.\d+)?)$/m.exec(readFileSync(join(folder, "go.mod"), "utf8"));
  return line ? (/\.\d+\./.test(line[1]) ? line[1] : `${line[1]}.0`) : "0.0.0";
}

/**
 * Builds the programs of one Go module from pinned source and publishes them in the cache. Call it under the artifact's
 * lock. What Go fetched and compiled stays in Go's own caches, so a killed run goes on where it was.
 *
 * @param {import('../setup.mjs').Build} build
 * @param {{ root: string, artifact: string, platform: string, env: NodeJS.ProcessEnv, go: string, modules?: string }} how
 * @returns {Promise<import('./cache.mjs').Manifest>}
 * @throws {NoGo | ToolchainError}
 */
export async function buildModule(build, { root, artifact, platform, env, go, modules = MODULES }) {
  const folder = join(modules, build.module);
  const wanted = wantedGo(folder);
  if (compareVersions(go, wanted) < 0) throw new NoGo(`go is ${go}, the pinned source needs ${wanted}`);
  const started = Date.now();
  const staged = stage(root, artifact);
  try {
    for (const [program, source] of Object.entries(build.packages)) {
      const file = join(staged, executable(program));
      const flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", linkFlags(build)];
      const answer = await run("go", ["build", ...flags, "-o", file, source], {
        cwd: folder,
        env: goEnv(env, platform),
        timeoutMs: BUILD_TIMEOUT_MS,
      });
      if (answer.code !== 0) throw failed(program, folder, answer);
      chmodSync(file, 0o755);
    }
    const seconds = Math.round((Date.now() - started) / 1000);
    return publish(staged, join(root, artifact), {
      name: build.module,
      version: build.version,
      origin: "built",
      seconds,
    });
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

function failed(program, folder, { timedOut, stderr }) {
  const last = stderr.trim().split("\n").slice(-4).join("\n    ");
  const repair = /no space left/.test(stderr)
    ? "free 7 GB (builds use the temporary folder and the folders of go env GOCACHE GOMODCACHE), then run it again"
    : /SECURITY ERROR|checksum mismatch/.test(stderr)
      ? "a module is not the pinned one: check GOPROXY (go env GOPROXY), clean with go clean -modcache, run it again"
      : `see that the Go module proxy can be reached (go env GOPROXY), or put ${program} on PATH, then run it again`;
  return new ToolchainError(timedOut ? `Building ${program} took too long.` : `Building ${program} failed.`, {
    where: `${folder}\n    ${last || "go build ended without a message"}`,
    repair,
    code: "BUILD_FAILED",
  });
}
