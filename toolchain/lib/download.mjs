import { createHash } from "node:crypto";
import { createWriteStream, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract } from "./archive.mjs";
import { contentKey, publish, stage } from "./cache.mjs";
import { ToolchainError } from "./errors.mjs";
import { executable } from "./path.mjs";
import { PINS } from "./pins.mjs";

const CONNECT_MS = 2_500;
const STALL_MS = 20_000;

/** The vendor could not be reached, or did not hand out the file: a reason to build, not a fault. */
export class Unavailable extends Error {
  /** @param {string} reason @param {boolean} offline whether nobody answered at all */
  constructor(reason, offline) {
    super(reason);
    this.offline = offline;
  }
}

/**
 * Fetches one file and compares it with its pinned checksum. A file with another sum is deleted and is a fault.
 *
 * @param {string} url
 * @param {string} file where it goes
 * @param {{ sha256?: string, sha512?: string }} pin
 * @param {{ connectMs?: number, stallMs?: number }} [limits] time until the answer starts, and between two parts of it
 * @returns {Promise<void>}
 * @throws {Unavailable} when the file could not be had
 * @throws {ToolchainError} code `CHECKSUM_MISMATCH`
 */
export async function fetchPinned(url, file, pin, { connectMs = CONNECT_MS, stallMs = STALL_MS } = {}) {
  const algorithm = pin.sha256 ? "sha256" : "sha512";
  const expected = pin[algorithm];
  if (!expected) throw new ToolchainError("A download without a checksum was asked for.", { where: url });
  const hash = createHash(algorithm);
  const stop = new AbortController();
  let timer = setTimeout(() => stop.abort(), connectMs);
  const watch = async function* (parts) {
    for await (const part of parts) {
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), stallMs);
      hash.update(part);
      yield part;
    }
  };
  let answered = false;
  try {
    const response = await fetch(url, { signal: stop.signal, redirect: "follow" });
    answered = true;
    if (!response.ok || !response.body) throw new Unavailable(`${url} answered ${response.status}`, false);
    await pipeline(response.body, watch, createWriteStream(file));
  } catch (error) {
    rmSync(file, { force: true });
    if (error instanceof Unavailable || error.syscall === "open" || error.syscall === "write") throw error;
    const why = stop.signal.aborted ? "no answer in time" : (error.cause?.code ?? error.code ?? "broken off");
    throw new Unavailable(`${new URL(url).host}: ${why}`, !answered);
  } finally {
    clearTimeout(timer);
  }
  const sum = hash.digest("hex");
  if (sum === expected) return;
  rmSync(file, { force: true });
  throw new ToolchainError("A downloaded file is not the one that was pinned. It was deleted and not used.", {
    where: `${url}\n    ${algorithm} pinned   ${expected}\n    ${algorithm} received ${sum}`,
    repair:
      "look for a proxy that replaces downloads; if there is none, treat it as an attack and report it. To build from" +
      " pinned source instead: node toolchain/setup.mjs --no-download",
    code: "CHECKSUM_MISMATCH",
  });
}

/**
 * The pin of a tool's official download for a platform, and the cache folder of what comes out of it.
 *
 * @param {import('../setup.mjs').Tool} tool
 * @param {string} platform `linux-x64`, as Node names it
 * @param {typeof PINS} [pins]
 * @returns {{ pin: { file: string, sha256?: string, sha512?: string }, artifact: string } | null} null: no pinned checksum
 */
export function downloadOf(tool, platform, pins = PINS) {
  const pin = tool.download ? pins[tool.name]?.[platform] : undefined;
  if (!pin) return null;
  const key = contentKey([tool.name, tool.version, platform, pin.sha256 ?? pin.sha512 ?? "", ...tool.programs]);
  return { pin, artifact: `${tool.name}-${tool.version}-download-${key}` };
}

/**
 * Downloads a tool, checks it, takes its programs out of the archive and publishes them in the cache.
 *
 * @param {import('../setup.mjs').Tool} tool
 * @param {NonNullable<ReturnType<typeof downloadOf>>} what
 * @param {{ root: string, base?: string, connectMs?: number }} options `base` replaces the vendor's address
 * @returns {Promise<import('./cache.mjs').Manifest>}
 */
export async function downloadTool(tool, { pin, artifact }, { root, base = tool.download, connectMs }) {
  const started = Date.now();
  const staged = stage(root, artifact);
  const archive = join(root, "tmp", `${artifact}~${process.pid}.archive`);
  try {
    await fetchPinned(new URL(pin.file, base).href, archive, pin, connectMs ? { connectMs } : {});
    const targets = new Map(tool.programs.map((name) => [executable(name), join(staged, executable(name))]));
    const absent = await extract(archive, basename(pin.file), targets);
    if (absent.length > 0) throw new Unavailable(`${pin.file} holds no ${absent.join(", ")}`, false);
    const seconds = Math.round((Date.now() - started) / 1000);
    return publish(staged, join(root, artifact), {
      name: tool.name,
      version: tool.version,
      origin: "download",
      seconds,
    });
  } finally {
    rmSync(archive, { force: true });
    rmSync(staged, { recursive: true, force: true });
  }
}
