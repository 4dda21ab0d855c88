/**
 * What Pulumi's SDK loads at its start and no program here has a use for: functions that become cloud resources, with the
 * compiler and the npm client that they need, programs that run the engine, and a debugger that knows every script by its
 * number. By the request of the SDK's own modules.
 */
"use strict";

const asFunctions =
  (real, name) =>
  (...args) =>
    real()[name](...args);
const asModule = (real, name) => real()[name];

/** Loaded when used. */
const LATE = new Map([
  ["./automation", asModule],
  ["./closure/serializeClosure", asFunctions],
  ["./closure/codePaths", asFunctions],
]);

/** Stands for a late module until something of it is used. */
exports.late = (request, real) => {
  const get = LATE.get(request);
  return new Proxy({}, { get: (_, name) => (name === "__esModule" ? true : get(real, name)) });
};
exports.isLate = (request) => LATE.has(request);

/** Gives way to what stands here, as the text of a module. */
exports.REPLACED = new Map([
  ["../../runtime/closure/v8Hooks", "exports.isInitializedAsync = async () => {};"],
  ["source-map-support/register", ""],
]);

/** Whether a module of the SDK asks. */
exports.isSdk = (file) => file !== undefined && /[\\/]node_modules[\\/]@pulumi[\\/]pulumi[\\/]/.test(file);
