import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ToolchainError } from "./errors.mjs";
import { executable } from "./path.mjs";
import { ensureToolchain } from "./resolve.mjs";

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
const NAME = /^[a-z][a-z0-9-]*$/;
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

/** Stand-ins of this project: one line per folder of `sandbox/plugins`. The version is the official plugin's. */
const STAND_INS = [
  { name: "command", version: "1.2.1", entry: "sandbox/plugins/command/pulumi-resource-command" },
  { name: "cloudflare", version: "6.22.1", entry: "sandbox/plugins/cloudflare/pulumi-resource-cloudflare" },
];

/**
 * The stand-ins that this checkout has.
 *
 * @param {string} [root] the checkout
 * @returns {import('../setup.mjs').StandIn[]}
 */
export function knownStandIns(root = REPOSITORY) {
  return STAND_INS.map((one) => ({ ...one, entry: join(root, one.entry) })).filter((one) => existsSync(one.entry));
}

/**
 * Lays plugins out in a PULUMI_HOME, the only place the engine takes them from under PULUMI_IGNORE_AMBIENT_PLUGINS=true:
 * the GitHub plugin, and for every stand-in the official plugin when `pluginDir` holds it. Running it again changes
 * nothing.
 *
 * @param {import('../setup.mjs').PluginOptions} options
 * @returns {Promise<import('../setup.mjs').ToolRecord[]>}
 */
export async function installPlugins(options) {
  const { pulumiHome, pluginDir = process.env.P24_PLUGIN_DIR, standIns = knownStandIns(), quiet = true } = options;
  if (pluginDir && !existsSync(pluginDir)) {
    throw new ToolchainError("The folder of official plugins does not exist.", {
      where: `P24_PLUGIN_DIR=${pluginDir}`,
      repair: "correct or unset P24_PLUGIN_DIR",
    });
  }
  for (const { name, version, entry } of standIns) {
    const wrong = !NAME.test(name)
      ? "name"
      : !VERSION.test(version)
        ? "version"
        : !isAbsolute(entry) || !existsSync(entry)
          ? "entry"
          : "";
    if (!wrong) continue;
    throw new ToolchainError(`The stand-in plugin ${name} has no usable ${wrong}.`, {
      where: `name ${name}, version ${version}, entry ${entry}`,
      repair: "give a lower-case name, a version such as 1.2.1, and the absolute path of an existing file",
    });
  }
  const records = [await github(pulumiHome, pluginDir, options.tools, quiet)];
  for (const { name, version, entry } of standIns) {
    const official = officialOf(name, pluginDir);
    records.push(
      official
        ? place(pulumiHome, name, version, "official (P24_PLUGIN_DIR)", official)
        : wrap(pulumiHome, name, version, entry),
    );
  }
  return records;
}

async function github(pulumiHome, pluginDir, tools, quiet) {
  const name = "pulumi-resource-github";
  const have = tools ?? (await ensureToolchain({ only: [name], quiet })).tools;
  const built = have.find((tool) => tool.name === name);
  if (!built)
    throw new ToolchainError("The GitHub plugin is not among the given tools.", {
      repair: "leave out the option tools",
    });
  const official = officialOf("github", pluginDir);
  if (official) return place(pulumiHome, "github", built.version, "official (P24_PLUGIN_DIR)", official);
  return place(pulumiHome, "github", built.version, built.origin, built.location);
}

function officialOf(name, pluginDir) {
  const file = pluginDir ? join(pluginDir, executable(`pulumi-resource-${name}`)) : "";
  return file !== "" && existsSync(file) ? realpathSync(file) : null;
}

/** A plugin that is a program: a link to it (a copy on Windows). */
function place(pulumiHome, name, version, origin, source) {
  const link = (file) => (process.platform === "win32" ? copyFileSync(source, file) : symlinkSync(source, file));
  return layOut(pulumiHome, {
    name,
    version,
    origin,
    source,
    file: executable(`pulumi-resource-${name}`),
    write: link,
  });
}

/** A plugin that is a Node script: a starter that prints nothing, since a plugin's first line on stdout is its port. */
function wrap(pulumiHome, name, version, entry) {
  const loader = /\.m?ts$/.test(entry) ? ["--import", pathToFileURL(createRequire(entry).resolve("tsx")).href] : [];
  const words = [process.execPath, ...loader, entry];
  const windows = process.platform === "win32";
  const text = windows
    ? `@echo off\r\n${words.map((word) => `"${word}"`).join(" ")} %*\r\n`
    : `#!/bin/sh\n# Stand-in of this project for the plugin ${name}, not the official one.\nexec ${words.map(quoted).join(" ")} "$@"\n`;
  const write = (file) => {
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  };
  return layOut(pulumiHome, {
    name,
    version,
    origin: "stand-in",
    source: text,
    file: `pulumi-resource-${name}${windows ? ".cmd" : ""}`,
    write,
  });
}

function quoted(word) {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Writes a plugin folder unless it holds the same already. The note beside the program says what it is. */
function layOut(pulumiHome, { name, version, origin, source, file, write }) {
  const folder = join(pulumiHome, "plugins", `resource-${name}-v${version}`);
  const location = join(folder, file);
  const record = { name: `pulumi-resource-${name}`, version, origin, location };
  const noteFile = join(folder, "p24-plugin.json");
  const note = `${JSON.stringify({ name, version, origin, source }, null, 2)}\n`;
  if (existsSync(location) && existsSync(noteFile) && readFileSync(noteFile, "utf8") === note) return record;
  mkdirSync(folder, { recursive: true });
  const fresh = `${location}.${process.pid}`;
  rmSync(fresh, { force: true });
  rmSync(noteFile, { force: true });
  for (const other of [`pulumi-resource-${name}`, `pulumi-resource-${name}.exe`, `pulumi-resource-${name}.cmd`]) {
    if (other !== file) rmSync(join(folder, other), { force: true });
  }
  write(fresh);
  renameSync(fresh, location);
  writeFileSync(noteFile, note);
  return record;
}
