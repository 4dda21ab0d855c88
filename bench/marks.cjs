// Preloaded into every Node process of a preview that bench/timeline.ts looks at (NODE_OPTIONS=--require). Writes a line
// of JSON for each thing that the process waits for; the program itself knows nothing of it. Names of modules and paths of
// requests only, never a value.
"use strict";

const { isMainThread } = require("node:worker_threads");
const file = process.env.P24_TIMELINE_FILE;

if (isMainThread && file !== undefined) {
  const { appendFileSync } = require("node:fs");
  const channel = require("node:diagnostics_channel");
  const Module = require("node:module");

  const now = () => performance.timeOrigin + performance.now();
  const mark = (name, begin, end = now()) => appendFileSync(file, `${JSON.stringify({ name, begin, end })}\n`);

  const WORTH_A_LINE = /(?:^|\/)(?:@pulumi\/(?:pulumi|github|command)(?:\/.*)?|index\.ts|core\/assess\.js|run)$/;
  const registered = [];
  const load = Module._load;
  Module._load = function (request, ...rest) {
    const begin = now();
    const loaded = load.call(this, request, ...rest);
    if (WORTH_A_LINE.test(request) && now() - begin > 10) {
      mark(`load ${request.replace(/^.*\/(?=index\.ts$|core\/|cmd\/)/, "")}`, begin);
    }
    if (/runtime\/resource$/.test(request) && loaded.registerResource?.marked === undefined) {
      const register = loaded.registerResource;
      loaded.registerResource = Object.assign((...args) => (registered.push(now()), register(...args)), {
        marked: true,
      });
    }
    return loaded;
  };
  process.once("exit", () => {
    // The first one is the stack itself, before the program begins.
    if (registered.length > 1) mark(`declare ${registered.length - 1} resources, wait for engine`, registered[1]);
  });

  const requests = new WeakMap();
  channel.subscribe("undici:request:create", ({ request }) => requests.set(request, now()));
  channel.subscribe("undici:request:trailers", ({ request }) => {
    mark(`${request.method} ${request.path.split("?")[0]}`, requests.get(request) ?? now());
  });
}
