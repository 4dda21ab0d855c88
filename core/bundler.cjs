/** `node core/bundler.cjs NAME`: makes one of core/bundle.cjs's bundles. */
"use strict";

const { createHash } = require("node:crypto");
const { readdirSync, readFileSync, rmSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { pathToFileURL } = require("node:url");

const { build } = require("esbuild");

const { BUNDLES, FOLDER, keep, markOf, ROOT } = require("./bundle.cjs");
const { isLate, isSdk, REPLACED } = require("./sdk.cjs");

/** Loaded from where it is installed: what is no JavaScript, and compilers, which are large and hardly ever used. */
const EXTERNAL = ["*.node", "esbuild", "typescript", "ts-node", "@npmcli/arborist"];

/** A module of ours that asks where it lies is told where it lay. */
const places = {
  name: "places",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.m?ts$|\.mjs$/ }, ({ path }) => {
      if (path.includes("node_modules")) {
        return undefined;
      }
      const [folder, url] = [dirname(path), pathToFileURL(path).href].map((text) => JSON.stringify(text));
      const text = readFileSync(path, "utf8");
      return {
        loader: "ts",
        contents: text.replace(/\b__dirname\b/g, () => folder).replace(/\bimport\.meta\.url\b/g, () => url),
      };
    }),
};

/** Leaves out of the SDK what core/loader.cjs leaves out of it. */
const sdk = {
  name: "sdk",
  setup: ({ onLoad, onResolve, resolve }) => {
    onResolve({ filter: /./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === sdk || !isSdk(importer)) {
        return undefined;
      }
      if (REPLACED.has(path)) {
        return { path, namespace: "replaced" };
      }
      if (!isLate(path)) {
        return undefined;
      }
      const real = await resolve(path, { importer, resolveDir, kind, pluginData: sdk });
      return { path: real.path, namespace: "late", pluginData: path };
    });
    onLoad({ filter: /./, namespace: "replaced" }, ({ path }) => ({ contents: REPLACED.get(path) }));
    onLoad({ filter: /./, namespace: "late" }, ({ path, pluginData }) => {
      const [late, file, request] = [join(__dirname, "sdk.cjs"), path, pluginData].map((text) => JSON.stringify(text));
      return {
        resolveDir: ROOT,
        contents: `module.exports = require(${late}).late(${request}, () => require(${file}))`,
      };
    });
  },
};

async function main(name) {
  const { starts, parts } = BUNDLES[name];
  const load = (file) => `${JSON.stringify(file)}: () => require(${JSON.stringify(`./${file}`)})`;
  const { metafile, outputFiles } = await build({
    absWorkingDir: ROOT,
    stdin: { contents: `module.exports = { ${[...starts, ...parts].map(load).join(", ")} };`, resolveDir: ROOT },
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "cjs",
    target: "node20.19", // the oldest that package.json takes
    external: EXTERNAL,
    minifyWhitespace: true,
    charset: "ascii",
    // V8 runs a bundle as a script, which can require and not import.
    supported: { "dynamic-import": false },
    legalComments: "none",
    logLevel: "silent",
    tsconfigRaw: {},
    plugins: [places, sdk],
  });
  const { text } = outputFiles[0];
  const made = `${name}-${createHash("sha256").update(text).digest("hex").slice(0, 16)}.cjs`;
  const files = Object.keys(metafile.inputs).filter((input) => !/^(?:<stdin>|late:|replaced:)/.test(input));
  const inputs = [...files, ...["bundle", "bundler", "sdk"].map((own) => `core/${own}.cjs`)];
  const marks = Object.fromEntries(inputs.map((input) => [input, markOf(input)]));
  // What esbuild leaves of other letters stands in regular expressions. One byte a letter is read fastest.
  const encoding = [...text].every((letter) => letter <= "\xff") ? "latin1" : "utf8";
  keep(join(FOLDER, made), Buffer.from(text, encoding));
  keep(join(FOLDER, `${name}.json`), JSON.stringify({ root: ROOT, made, encoding, inputs: marks }));
  for (const former of readdirSync(FOLDER)) {
    if (former.startsWith(`${name}-`) && !former.startsWith(made)) {
      rmSync(join(FOLDER, former), { force: true });
    }
  }
}

main(process.argv[2]).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
