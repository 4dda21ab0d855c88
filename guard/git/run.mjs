// @ts-check
/** Runs git for its answer. What it writes to stderr may repeat input and is dropped. */
import { spawn } from "node:child_process";

/** With git's own limit (96 MB) its memory would follow the size of the pack; measured, this costs no time. */
export const LITTLE_MEMORY = ["-c", "core.deltaBaseCacheLimit=8m"];

/** git could not do what the guard needs; the message says which of its commands, and nothing of its input. */
export class GitFailed extends Error {
  /** @param {string} command */
  constructor(command) {
    super(`git ${command} failed`);
    this.name = "GitFailed";
  }
}

/**
 * @param {string} root
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, input?: string | Buffer }} [options]
 * @returns {Promise<Buffer>}
 */
export function git(root, args, { env = process.env, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, {
      cwd: root,
      env,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "ignore"],
      windowsHide: true,
    });
    const failed = new GitFailed(args.find((word) => /^[a-z][a-z-]+$/.test(word)) ?? "");
    /** @type {Buffer[]} */
    const parts = [];
    child.stdout?.on("data", (chunk) => parts.push(chunk));
    child.on("error", () => reject(failed));
    child.on("close", (code) => (code === 0 ? resolve(Buffer.concat(parts)) : reject(failed)));
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

/**
 * @param {string} root
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, input?: string | Buffer }} [options]
 */
export async function gitText(root, args, options) {
  return (await git(root, args, options)).toString("utf8");
}
