#!/usr/bin/env node
/**
 * Brings the tools of this project to the machine. Needs Node only; README.md beside it says what happens.
 */
import { appendFileSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cacheRoot } from "./lib/cache.mjs";
import { joinFaults, ToolchainError } from "./lib/errors.mjs";
import { installPackages } from "./lib/npm.mjs";
import { installPlugins, knownStandIns } from "./lib/plugins.mjs";
import { createProgress } from "./lib/progress.mjs";
import { ensureToolchain } from "./lib/resolve.mjs";
import { TOOLS } from "./lib/tools.mjs";
import { compareVersions } from "./lib/versions.mjs";

export { cacheRoot, ensureToolchain, installPlugins, knownStandIns, ToolchainError };

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const OPTIONAL = TOOLS.filter((tool) => tool.optional).map((tool) => tool.name);
const OLDEST_NODE = "20.19.0";

const USAGE = `usage: node toolchain/setup.mjs [options]

  --with NAME[,NAME]   also ${OPTIONAL.join(", ")}
  --only NAME[,NAME]   these tools and no others
  --no-npm             leave node_modules alone
  --no-download        build from pinned source instead of downloading (also: P24_NO_DOWNLOAD=1)
  --json               print the tools as JSON on stdout
  --quiet              no progress and no table
  --help               this text

exit codes: 0 all there, 1 something could not be had, 2 wrong usage
`;

function parse(args) {
  const list = (texts = []) => texts.flatMap((text) => text.split(",")).filter(Boolean);
  const options = {
    with: { type: "string", multiple: true },
    only: { type: "string", multiple: true },
    "no-npm": { type: "boolean" },
    "no-download": { type: "boolean" },
    json: { type: "boolean" },
    quiet: { type: "boolean" },
    help: { type: "boolean" },
  };
  try {
    const { values } = parseArgs({ args, options, strict: true });
    return { ...values, with: list(values.with), only: values.only && list(values.only) };
  } catch (error) {
    throw new ToolchainError(error.message, { repair: "node toolchain/setup.mjs --help", code: "USAGE" });
  }
}

/**
 * The command line.
 *
 * @param {string[]} args
 * @returns {Promise<number>} exit code
 */
export async function main(args) {
  try {
    const options = parse(args);
    if (options.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    if (compareVersions(process.versions.node, OLDEST_NODE) < 0) {
      throw new ToolchainError(`Node ${process.versions.node} is too old.`, {
        repair: `install Node ${OLDEST_NODE} or later`,
      });
    }
    const progress = createProgress({ quiet: options.quiet ?? false });
    const settled = await Promise.allSettled([
      ensureToolchain({ only: options.only, with: options.with, progress, download: !options["no-download"] }),
      options["no-npm"] ? false : installPackages(ROOT, { cache: cacheRoot(), progress }),
    ]);
    const faults = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    if (faults.length > 0) throw joinFaults(faults);
    // A step of a workflow sets no variable for the next one; this file is how it puts a folder on its PATH.
    if (process.env.GITHUB_PATH) appendFileSync(process.env.GITHUB_PATH, `${settled[0].value.binDir}\n`);
    if (options.json || !options.quiet) report(settled[0].value, options.json ?? false);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof ToolchainError ? error.message : (error.stack ?? error)}\n`);
    return error.code === "USAGE" ? 2 : 1;
  }
}

function report({ tools, binDir }, json) {
  const standIns = knownStandIns().map(({ name, version, entry }) => ({
    name: `pulumi-resource-${name}`,
    version,
    origin: "stand-in",
    location: entry,
  }));
  const all = [...tools, ...standIns];
  if (json) {
    process.stdout.write(`${JSON.stringify({ binDir, tools: all }, null, 2)}\n`);
    return;
  }
  const width = (key) => Math.max(...all.map((tool) => tool[key].length));
  for (const { name, version, origin, location } of all) {
    const columns = [
      name.padEnd(width("name")),
      version.padEnd(width("version")),
      origin.padEnd(width("origin")),
      location,
    ];
    process.stdout.write(`${columns.join("  ")}\n`);
  }
  process.stdout.write(`on PATH: ${binDir}\n`);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  // No top-level await: TypeScript programs in CommonJS form could not import this file.
  void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
}
