/**
 * The TypeScript loader of everything that is started here: a program that starts often as its bundle (core/bundle.cjs), all
 * else through tsx, file by file, and packages as they are. A preview spends most of its time in loading; docs/performance.md
 * has the numbers.
 */
"use strict";

const Module = require("node:module");
const { sep } = require("node:path");

const packages = `${sep}node_modules${sep}`;
const isPackage = (file) => file?.includes(packages) === true;

// Compiled code is kept from run to run where Node can (22 and later).
Module.enableCompileCache?.();

const options = `${process.execArgv.join(" ")} ${process.env.NODE_OPTIONS ?? ""}`;
const mapped = /--enable-source-maps/.test(options);

Module._extensions[".ts"] = (module, file) => {
  const { bundleOf, run } = require("./bundle.cjs");
  const bundle = mapped ? undefined : bundleOf(file);
  if (bundle !== undefined) {
    run(bundle, module, file);
  } else {
    useTsx();
    Module._extensions[".ts"](module, file);
  }
};

/** tsx would read each file of a package once more, in search of `import` and `export`, and look for TypeScript beside it. */
function useTsx() {
  const asIs = { load: Module._extensions[".js"], resolve: Module._resolveFilename };
  delete Module._extensions[".ts"];
  require("tsx/cjs");
  const tsx = { load: Module._extensions[".js"], resolve: Module._resolveFilename };
  Module._extensions[".js"] = (module, file) => (isPackage(file) ? asIs : tsx).load(module, file);
  Module._resolveFilename = function (request, parent, ...rest) {
    return (isPackage(parent?.filename) ? asIs : tsx).resolve.call(this, request, parent, ...rest);
  };
}

// The SDK takes a stack trace for every promise of every resource, which source maps and depth make dear. Both are there
// when asked for: NODE_OPTIONS=--enable-source-maps.
process.setSourceMapsEnabled(mapped);
if (!mapped) {
  Error.stackTraceLimit = 1;
}

/**
 * What the SDK loads at its start and this program has no use for: functions that become cloud resources, with the compiler
 * and the npm client that they need, and programs that run the engine. They are loaded when used instead, as modules or as
 * functions; two give way to what stands here.
 */
const later =
  (real, name) =>
  (...args) =>
    real()[name](...args);
const LATE = new Map([
  ["./automation", (real, name) => real()[name]],
  ["./closure/serializeClosure", later],
  ["./closure/codePaths", later],
]);
const REPLACED = new Map([
  // Runs V8's debugger in the process, to know every script by its number.
  ["../../runtime/closure/v8Hooks", { isInitializedAsync: async () => {} }],
  ...(mapped ? [] : [["source-map-support/register", {}]]),
]);
const sdk = `${packages}@pulumi${sep}pulumi${sep}`;
const load = Module._load;
Module._load = function (request, parent, ...rest) {
  const real = () => load.call(this, request, parent, ...rest);
  if (parent?.filename?.includes(sdk) !== true) {
    return real();
  }
  const late = LATE.get(request);
  if (late === undefined) {
    return REPLACED.get(request) ?? real();
  }
  return new Proxy({}, { get: (_, name) => (name === "__esModule" ? true : late(real, name)) });
};
