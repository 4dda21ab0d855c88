/**
 * The TypeScript loader of the program: tsx for this repository's files, and nothing for packages, which are plain
 * JavaScript already. A preview spends most of its time in loading them; docs/performance.md has the numbers.
 */
"use strict";

const Module = require("node:module");
const { sep } = require("node:path");

const packages = `${sep}node_modules${sep}`;
const sdk = `${packages}@pulumi${sep}pulumi${sep}`;

// tsx would read each file of a package once more, in search of `import` and `export`.
const asIs = Module._extensions[".js"];
require("tsx/cjs");
const transpiled = Module._extensions[".js"];
Module._extensions[".js"] = (module, file) => (file.includes(packages) ? asIs : transpiled)(module, file);

// The SDK takes a stack trace for every promise of every resource, and source maps make each of them dear. They are
// there when asked for: NODE_OPTIONS=--enable-source-maps.
const mapped = /--enable-source-maps/.test(`${process.execArgv.join(" ")} ${process.env.NODE_OPTIONS ?? ""}`);
process.setSourceMapsEnabled(mapped);

/** The SDK requires these for functions that become cloud resources, which this program has none of: loaded when used. */
const LATE = new Set(["typescript", "@npmcli/arborist"]);
const load = Module._load;
Module._load = function (request, parent, ...rest) {
  const fromSdk = parent?.filename?.includes(sdk) === true;
  if (fromSdk && request === "source-map-support/register" && !mapped) {
    return {};
  }
  if (!fromSdk || !LATE.has(request)) {
    return load.call(this, request, parent, ...rest);
  }
  const get = (_, name) => (name === "__esModule" ? true : load.call(this, request, parent, ...rest)[name]);
  return new Proxy({}, { get });
};
