/**
 * The TypeScript loader of everything that is started here: a program that starts often as its bundle (core/bundle.cjs), all
 * else through tsx, file by file, and packages as they are. A preview spends most of its time in loading; docs/performance.md
 * has the numbers.
 */
"use strict";

const Module = require("node:module");
const { sep } = require("node:path");

const { partOf } = require("./bundle.cjs");
const { isLate, isSdk, late, REPLACED } = require("./sdk.cjs");

const packages = `${sep}node_modules${sep}`;
const isPackage = (file) => file?.includes(packages) === true;

// Compiled code is kept from run to run where Node can (22 and later).
Module.enableCompileCache?.();

// In Node 20 a run is over before it pays to optimize code (V8 11, flag-definitions.h); its successors have a compiler between.
if (process.versions.v8.startsWith("11.")) {
  require("node:v8").setFlagsFromString("--interrupt-budget=1000000");
}

const options = `${process.execArgv.join(" ")} ${process.env.NODE_OPTIONS ?? ""}`;
const mapped = /--enable-source-maps/.test(options);

const plain = Module._extensions[".js"];
Module._extensions[".js"] = (module, file) => {
  load(module, file, plain);
};
Module._extensions[".ts"] = (module, file) => {
  load(module, file, (...same) => {
    useTsx();
    Module._extensions[".ts"](...same);
  });
};

/** From a bundle, where one has the file. */
function load(module, file, otherwise) {
  const part = mapped ? undefined : partOf(file);
  if (part === undefined) {
    otherwise(module, file);
  } else {
    module.exports = part();
  }
}

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

const request = Module._load;
Module._load = function (name, parent, ...rest) {
  const real = () => request.call(this, name, parent, ...rest);
  if (!isSdk(parent?.filename)) {
    return real();
  }
  if (isLate(name)) {
    return late(name, real);
  }
  return !mapped && REPLACED.has(name) ? replaced(name) : real();
};

function replaced(name) {
  const module = new Module(name);
  module._compile(REPLACED.get(name), name);
  return module.exports;
}
