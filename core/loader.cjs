/**
 * The TypeScript loader of the program: tsx for this repository's files, and nothing for packages, which are plain
 * JavaScript already. A preview spends most of its time in loading them; docs/performance.md has the numbers.
 */
"use strict";

const Module = require("node:module");
const { sep } = require("node:path");

const packages = `${sep}node_modules${sep}`;
const isPackage = (file) => file?.includes(packages) === true;

// Compiled code is kept from run to run where Node can (22 and later).
Module.enableCompileCache?.();

// tsx would read each file of a package once more, in search of `import` and `export`, and look for TypeScript beside it.
const asIs = { load: Module._extensions[".js"], resolve: Module._resolveFilename };
require("tsx/cjs");
const tsx = { load: Module._extensions[".js"], resolve: Module._resolveFilename };
Module._extensions[".js"] = (module, file) => (isPackage(file) ? asIs : tsx).load(module, file);
Module._resolveFilename = function (request, parent, ...rest) {
  return (isPackage(parent?.filename) ? asIs : tsx).resolve.call(this, request, parent, ...rest);
};

// The SDK takes a stack trace for every promise of every resource, which source maps and depth make dear. Both are there
// when asked for: NODE_OPTIONS=--enable-source-maps.
const mapped = /--enable-source-maps/.test(`${process.execArgv.join(" ")} ${process.env.NODE_OPTIONS ?? ""}`);
process.setSourceMapsEnabled(mapped);
if (!mapped) {
  Error.stackTraceLimit = 1;
}

/**
 * What the SDK loads at its start for functions that become cloud resources, which this program has none of: packages
 * that are loaded when used instead, and modules that give way to what stands here.
 */
const LATE = new Set(["typescript", "@npmcli/arborist"]);
const REPLACED = new Map([
  // Runs V8's debugger in the process, to know every script by its number.
  ["../../runtime/closure/v8Hooks", { isInitializedAsync: async () => {} }],
  ...(mapped ? [] : [["source-map-support/register", {}]]),
]);
const sdk = `${packages}@pulumi${sep}pulumi${sep}`;
const load = Module._load;
Module._load = function (request, parent, ...rest) {
  if (parent?.filename?.includes(sdk) !== true) {
    return load.call(this, request, parent, ...rest);
  }
  if (!LATE.has(request)) {
    return REPLACED.get(request) ?? load.call(this, request, parent, ...rest);
  }
  const get = (_, name) => (name === "__esModule" ? true : load.call(this, request, parent, ...rest)[name]);
  return new Proxy({}, { get });
};
