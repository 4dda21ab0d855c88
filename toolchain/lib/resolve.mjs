import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { linkPrograms } from "./bin.mjs";
import { buildArtifact, buildModule, goVersion, NoGo } from "./build.mjs";
import { cacheRoot, readArtifact, unwritable } from "./cache.mjs";
import { downloadOf, downloadTool, Unavailable } from "./download.mjs";
import { joinFaults, ToolchainError } from "./errors.mjs";
import { withLock } from "./lock.mjs";
import { executable, findOnPath } from "./path.mjs";
import { createProgress } from "./progress.mjs";
import { MODULES, TOOLS } from "./tools.mjs";

const LINKER_NEEDS = 3 * 2 ** 30;

/**
 * Sees to it that the tools are on this machine: from PATH when the version fits, else from the cache, else downloaded
 * against a pinned checksum, else built from pinned Go modules. All faults come in one error.
 *
 * @param {import('../setup.mjs').EnsureOptions} [options]
 * @returns {Promise<import('../setup.mjs').Toolchain>}
 */
export async function ensureToolchain(options = {}) {
  const { only, with: extra = [], quiet = false, env = process.env, tools = TOOLS } = options;
  const context = {
    env,
    root: options.root ?? cacheRoot(env),
    platform: `${process.platform}-${process.arch}`,
    modules: options.modules ?? MODULES,
    pins: options.pins,
    downloadBase: options.downloadBase,
    connectMs: options.connectMs,
    progress: options.progress ?? createProgress({ quiet }),
    presentOnly: options.presentOnly ?? false,
    noDownload: options.download === false || env.P24_NO_DOWNLOAD ? "switched off" : "",
    oneDownload: slots(1),
    builds: slots(totalmem() < 2 * LINKER_NEEDS ? 1 : Math.min(2, availableParallelism())),
    go: once(() => goVersion(env)),
  };
  const chosen = select(tools, only, extra);
  const settled = await Promise.allSettled(chosen.map((tool) => obtain(tool, context)));
  const spare = (tool) => tool.plugin && ![...(only ?? []), ...extra].includes(tool.name);
  const faults = settled.flatMap((one, i) => {
    if (one.status === "fulfilled") return [];
    if (one.reason.code !== "NOT_AVAILABLE" || !spare(chosen[i])) return [one.reason];
    context.progress.note(
      `${one.reason.message}\n  it is left out: only the sandbox needs it, elsewhere pulumi fetches it`,
    );
    return [];
  });
  if (faults.length > 0) throw joinFaults(faults);
  const records = settled.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  const plugins = new Set(chosen.filter((tool) => tool.plugin).map((tool) => tool.name));
  const { binDir, locations } = await linkPrograms(
    context.root,
    records.filter((record) => !plugins.has(record.name)),
  );
  return {
    binDir,
    tools: records.map((record) => ({ ...record, location: locations.get(record.name) ?? record.location })),
  };
}

/** The tools of a run. A name that does not exist is refused rather than ignored. */
function select(tools, only, extra) {
  const names = new Set(tools.map((tool) => tool.name));
  const unknown = [...(only ?? []), ...extra].filter((name) => !names.has(name));
  if (unknown.length > 0) {
    throw new ToolchainError(`There is no tool ${unknown.join(", ")}.`, {
      repair: `choose from ${[...names].join(", ")}`,
      code: "USAGE",
    });
  }
  const wanted = new Set([...(only ?? tools.filter((tool) => !tool.optional).map((tool) => tool.name)), ...extra]);
  return tools.filter((tool) => wanted.has(tool.name));
}

/** One tool by the first way that works. Every way that did not is kept for the error. */
async function obtain(tool, context) {
  const { root, platform, pins, modules } = context;
  const tried = [];
  const found = await findOnPath(tool, context);
  if ("files" in found)
    return Object.entries(found.files).map(([name, location]) => record(name, found.version, "path", location));
  tried.push(found.reason);

  const official = downloadOf(tool, platform, pins);
  const builds = tool.builds.map((build) => ({ ...build, artifact: buildArtifact(build, platform, modules) }));
  const kept = official && readArtifact(join(root, official.artifact));
  if (kept) return programsOf(root, official.artifact, kept, tool.programs);
  const built = builds.map((build) => readArtifact(join(root, build.artifact)));
  if (built.every(Boolean))
    return builds.flatMap((build, i) => programsOf(root, build.artifact, built[i], Object.keys(build.packages)));

  if (context.presentOnly) {
    throw new ToolchainError(`${tool.name} ${tool.version} is not on this machine.`, {
      where: ["tried:", ...tried].join("\n    "),
      repair: `node toolchain/setup.mjs --no-npm --only ${tool.name}`,
      code: "NOT_AVAILABLE",
    });
  }
  try {
    const downloaded = await tryDownload(tool, official, context, tried);
    if (downloaded) return programsOf(root, official.artifact, downloaded, tool.programs);
    const made = await Promise.allSettled(builds.map((build) => tryBuild(build, context)));
    const faults = made.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    if (faults.length > 0) throw faults.find((fault) => !(fault instanceof NoGo)) ?? faults[0];
    return builds.flatMap((build, i) => programsOf(root, build.artifact, made[i].value, Object.keys(build.packages)));
  } catch (error) {
    throw explain(tool, error, tried, root);
  }
}

async function tryDownload(tool, official, context, tried) {
  if (!official) {
    tried.push(`download: no pinned checksum for ${context.platform}`);
    return null;
  }
  const { root, progress, downloadBase, connectMs } = context;
  return context.oneDownload(async () => {
    if (context.noDownload) {
      tried.push(`download: ${context.noDownload}`);
      return null;
    }
    const options = { root, ...(downloadBase && { base: downloadBase }), ...(connectMs && { connectMs }) };
    const work = () =>
      readArtifact(join(root, official.artifact)) ??
      progress.step(`downloading ${tool.name} ${tool.version}`, () => downloadTool(tool, official, options));
    try {
      return await locked(official.artifact, tool.name, context, work);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      tried.push(`download: ${error.message}`);
      if (error.offline) context.noDownload = `switched off after ${error.message}`;
      return null;
    }
  });
}

function tryBuild(build, context) {
  const { root, platform, env, modules, progress } = context;
  return context.builds(() =>
    locked(build.artifact, build.module, context, async () => {
      const other = readArtifact(join(root, build.artifact));
      if (other) return other;
      const go = await context.go();
      const how = { root, artifact: build.artifact, platform, env, go, modules };
      return progress.step(`building ${build.module} ${build.version}`, () => buildModule(build, how));
    }),
  );
}

function locked(artifact, name, { root, progress }, work) {
  const onWait = (owner) =>
    progress.note(
      `waiting for ${name}: another run is at it${owner ? ` (process ${owner.pid} since ${owner.since})` : ""}`,
    );
  return withLock(join(root, "locks", `${artifact}.lock`), async () => work(), { onWait });
}

/** The error of a tool that no way led to. Faults that are dangerous or have a repair of their own stay what they are. */
function explain(tool, error, tried, root) {
  if (error instanceof NoGo) {
    const range = tool.path ? ` (${tool.path.min} up to below ${tool.path.below})` : "";
    return new ToolchainError(`${tool.name} ${tool.version} cannot be had on this machine.`, {
      where: ["tried:", ...tried, `build: ${error.message}`].join("\n    "),
      repair: `${tool.path ? `put ${tool.name}${range} on PATH, or ` : ""}install Go (the version named in toolchain/go/${tool.builds[0].module}/go.mod or later), then run node toolchain/setup.mjs again`,
      code: "NOT_AVAILABLE",
    });
  }
  if (!(error instanceof ToolchainError)) return unwritable(root, error);
  if (error.code === "BUILD_FAILED") error.message += `\n  tried before: ${tried.join("; ")}`;
  return error;
}

function programsOf(root, artifact, manifest, programs) {
  const location = (name) => join(root, artifact, executable(name));
  return programs.map((name) => record(name, manifest.version, manifest.origin, location(name)));
}

function record(name, version, origin, location) {
  return { name, version, origin, location };
}

/** Lets at most `count` pieces of work run at a time, in the order they came. */
function slots(count) {
  const waiting = [];
  let free = count;
  return async (work) => {
    if (free === 0) await new Promise((resolve) => waiting.push(resolve));
    else free--;
    try {
      return await work();
    } finally {
      if (waiting.length > 0) waiting.shift()();
      else free++;
    }
  };
}

function once(work) {
  let result;
  return () => (result ??= work());
}
