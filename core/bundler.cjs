/** `node core/bundler.cjs NAME FILE`: makes the bundle of one of core/bundle.cjs's programs. */
"use strict";

const { createHash } = require("node:crypto");
const { mkdirSync, readdirSync, readFileSync, rmSync } = require("node:fs");
const { basename, dirname, join, relative, sep } = require("node:path");

const { build } = require("esbuild");

const { FOLDER, keep, markOf, ROOT } = require("./bundle.cjs");

/** What is no JavaScript is loaded from where it is installed, and for the program what the engine has loaded before it. */
const EXTERNAL = ["esbuild", "*.node"];
const LOADED_BEFORE = ["@pulumi/*"];

/** A module of ours that asks where it lies is told where it lay. */
const places = {
  name: "places",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      return { loader: "ts", contents: text.replace(/\b__dirname\b/g, () => JSON.stringify(dirname(path))) };
    }),
};

async function main(name, file) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [file],
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "cjs",
    target: `node${process.versions.node}`,
    external: name === "program" ? [...EXTERNAL, ...LOADED_BEFORE] : EXTERNAL,
    minifyWhitespace: true,
    // V8 runs a bundle as a script, which can require and not import.
    supported: { "dynamic-import": false },
    legalComments: "none",
    logLevel: "silent",
    tsconfigRaw: {},
    plugins: [places],
  });
  const { text } = outputFiles[0];
  const made = `${name}-${createHash("sha256").update(text).digest("hex").slice(0, 16)}.cjs`;
  const inputs = [...Object.keys(metafile.inputs), ...["bundle.cjs", "bundler.cjs"].map((own) => `core/${own}`)];
  const marks = inputs.map((input) => [input, markOf(input)]);
  mkdirSync(FOLDER, { recursive: true });
  keep(join(FOLDER, made), text);
  keep(join(FOLDER, `${name}.json`), JSON.stringify({ root: ROOT, made, inputs: Object.fromEntries(marks) }));
  for (const former of readdirSync(FOLDER)) {
    if (former.startsWith(`${name}-`) && !former.startsWith(made)) {
      rmSync(join(FOLDER, former), { force: true });
    }
  }
}

main(process.argv[2], process.argv[3]).catch(() => {
  process.exitCode = 1;
});
