/**
 * The programs of this repository that start often, each as one file with the packages that it uses, and with the code that
 * V8 made of it: loading seven hundred modules took longer than anything else in a preview (docs/performance.md). A bundle
 * is used while every file that went into it is what it was, and made anew by core/bundler.cjs when one is not.
 */
"use strict";

const { spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} = require("node:fs");
const Module = require("node:module");
const { dirname, join } = require("node:path");
const { Script } = require("node:vm");

const { isSdk } = require("./sdk.cjs");

const ROOT = dirname(__dirname);
const PACKAGES = join(ROOT, "node_modules");
/** `npm ci` empties it with the packages. */
const FOLDER = join(PACKAGES, ".cache", "p24", "bundles");

/** Modules that others than the bundle's own load: `starts` with the bundle, `parts` from it once it has started. */
const BUNDLES = {
  // The engine starts the SDK, and that the program: both have to have the same SDK.
  program: {
    starts: ["node_modules/@pulumi/pulumi/cmd/run/index.js", "index.ts"],
    parts: ["node_modules/@pulumi/pulumi/index.js"],
  },
  cli: { starts: ["cli/main.ts"], parts: [] },
  "command-plugin": { starts: ["sandbox/plugins/command/main.ts"], parts: [] },
  "cloudflare-plugin": { starts: ["sandbox/plugins/cloudflare/main.ts"], parts: [] },
};

/** As Node names a file that it loads. */
function realPath(file) {
  try {
    return realpathSync(join(ROOT, file));
  } catch {
    return join(ROOT, file);
  }
}
const starts = new Map(
  Object.entries(BUNDLES).flatMap(([name, bundle]) => bundle.starts.map((file) => [realPath(file), name])),
);
/** Of bundles that run: what loads a file's module. */
const running = new Map();

/** What gives the exports of a file that a bundle has; `undefined` when none has it, or it could not be kept. */
function partOf(file) {
  const name = starts.get(file);
  if (name !== undefined && !running.has(file) && hasOwnPackages() && !hasSdkBeside(file)) {
    const bundle = kept(name) ?? (make(name) ? kept(name) : undefined);
    for (const [part, load] of Object.entries(bundle === undefined ? {} : run(bundle))) {
      running.set(realPath(part), load);
    }
  }
  return running.get(file);
}

/** Packages that several checkouts share by a link hold no checkout's bundles. */
function hasOwnPackages() {
  return realPath("node_modules") === PACKAGES;
}

/** A second SDK would know nothing of what the first one has set up. */
function hasSdkBeside(file) {
  return Object.keys(require.cache).some((other) => other !== file && isSdk(other));
}

/** Our own files are told by what they say. A package's only change when it is installed: size and time tell. */
function markOf(file) {
  const path = join(ROOT, file);
  if (!file.includes("node_modules/")) {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  }
  const { size, mtimeMs } = statSync(path);
  return `${size} ${mtimeMs}`;
}

function kept(name) {
  try {
    const { root, inputs, made, encoding } = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8"));
    const isFresh = root === ROOT && Object.entries(inputs).every(([input, mark]) => markOf(input) === mark);
    const path = join(FOLDER, made);
    return isFresh ? { path, text: readFileSync(path, encoding) } : undefined;
  } catch {
    return undefined; // none yet, or one of the files is gone
  }
}

/** Where nothing can be kept nothing is made: it would be made again at every start. */
function isWritable() {
  try {
    mkdirSync(FOLDER, { recursive: true });
    accessSync(FOLDER, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The bundler gets nothing of the environment but what a program needs to start: credentials stand there. */
function make(name) {
  const { PATH, SystemRoot, TEMP } = process.env;
  const env = { PATH, SystemRoot, TEMP };
  return isWritable() && spawnSync(process.execPath, [join(__dirname, "bundler.cjs"), name], { env }).status === 0;
}

/** A plugin is killed when it has done its work: what it has compiled by then is kept. */
const KILLED_AFTER_MS = 200;

/** Runs a bundle as if it lay at the root; gives what loads its starts and parts. */
function run({ path, text }) {
  const code = `${path}.code`;
  const script = new Script(Module.wrap(text), { filename: path, cachedData: read(code) });
  const module = { exports: {} };
  const file = join(ROOT, "bundle.cjs");
  const body = script.runInThisContext();
  body.call(module.exports, module.exports, Module.createRequire(file), module, file, ROOT);
  if (script.cachedDataRejected !== false) {
    // At the end V8 has compiled all that a run needs.
    const keepCode = () => keep(code, script.createCachedData());
    setTimeout(keepCode, KILLED_AFTER_MS).unref();
    process.once("exit", keepCode);
  }
  return module.exports;
}

function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Whole or not at all, whoever else does the same. */
function keep(path, content) {
  const half = `${path}.${process.pid}`;
  try {
    writeFileSync(half, content);
    renameSync(half, path);
  } catch {
    // The next start takes longer again.
  }
}

module.exports = { BUNDLES, FOLDER, keep, markOf, partOf, ROOT };
