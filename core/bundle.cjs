/**
 * The programs of this repository that start often, each as one file with the packages that it uses, and with the code that
 * V8 made of it: loading four hundred modules took longer than anything else in a preview (docs/performance.md). A bundle
 * is used while every file that went into it is what it was, and made anew by core/bundler.cjs when one is not.
 */
"use strict";

const { spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { readFileSync, renameSync, statSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { dirname, join } = require("node:path");
const { Script } = require("node:vm");

const ROOT = dirname(__dirname);
/** `npm ci` empties it with the packages. */
const FOLDER = join(ROOT, "node_modules", ".cache", "p24", "bundles");

/** By file that is started: the name of its bundle. */
const PROGRAMS = new Map(
  Object.entries({
    "index.ts": "program",
    "sandbox/plugins/command/main.ts": "command-plugin",
    "sandbox/plugins/cloudflare/main.ts": "cloudflare-plugin",
  }).map(([file, name]) => [join(ROOT, file), name]),
);

/** Our own files are told by what they say. A package's only change when it is installed: size and time tell. */
const contentOf = (file) =>
  createHash("sha256")
    .update(readFileSync(join(ROOT, file)))
    .digest("hex");
const stampOf = (file) => {
  const { size, mtimeMs } = statSync(join(ROOT, file));
  return `${size} ${mtimeMs}`;
};
const isPackage = (file) => file.startsWith("node_modules/");
const markOf = (file) => (isPackage(file) ? stampOf(file) : contentOf(file));

/** Gives the file's bundle: its text, and where it is kept. `undefined` when it cannot be kept, or it is no program's. */
function bundleOf(file) {
  const name = PROGRAMS.get(file);
  return name === undefined ? undefined : (kept(name) ?? (make(name, file) ? kept(name) : undefined));
}

function kept(name) {
  try {
    const { root, inputs, made } = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8"));
    const isFresh = root === ROOT && Object.entries(inputs).every(([input, mark]) => markOf(input) === mark);
    const path = join(FOLDER, made);
    return isFresh ? { path, text: readFileSync(path, "utf8") } : undefined;
  } catch {
    return undefined; // none yet, or one of the files is gone
  }
}

function make(name, file) {
  const env = { ...process.env, NODE_OPTIONS: "" };
  return spawnSync(process.execPath, [join(__dirname, "bundler.cjs"), name, file], { env }).status === 0;
}

/** Runs a bundle as the module of the file that it was made of. */
function run({ path, text }, module, file) {
  const code = `${path}.code`;
  const script = new Script(Module.wrap(text), { filename: path, cachedData: read(code) });
  const body = script.runInThisContext();
  body.call(module.exports, module.exports, Module.createRequire(file), module, file, dirname(file));
  if (script.cachedDataRejected !== false) {
    // At the end V8 has compiled all that a run needs; but a plugin is killed.
    const keepCode = () => keep(code, script.createCachedData());
    keepCode();
    process.once("exit", keepCode);
  }
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

module.exports = { ROOT, FOLDER, bundleOf, keep, markOf, run };
