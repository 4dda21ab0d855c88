// @ts-check
/**
 * Contents of git's objects through one `git cat-file --batch`, as they stream by. Requests are answered in their order;
 * a large content is never held as a whole here.
 */
import { spawn } from "node:child_process";

import { LITTLE_MEMORY } from "./run.mjs";

/**
 * @typedef {object} Receiver
 * @property {(info: { id: string, type: string, size: number } | undefined) => void} [begin] `undefined`: there is none
 * @property {(chunk: Buffer) => void} [chunk]
 * @property {() => void} end
 */

/** So many requests may be open before `ask` makes its caller wait. */
const MOST_OPEN = 512;

export class Blobs {
  /** @type {Receiver[]} */
  #open = [];
  /** @type {Buffer | undefined} a header that is not whole yet */
  #head;
  #left = -1;
  /** @type {(() => void)[]} */
  #waiting = [];
  #asked = "";
  /** @type {Error | undefined} */
  #failure;
  #child;
  #closed;

  /**
   * @param {string} root
   * @param {NodeJS.ProcessEnv} env
   */
  constructor(root, env) {
    this.#child = spawn("git", [...LITTLE_MEMORY, "cat-file", "--batch"], {
      cwd: root,
      env,
      stdio: ["pipe", "pipe", "ignore"],
      windowsHide: true,
    });
    this.#child.stdin.on("error", () => undefined);
    this.#child.stdout.on("data", (chunk) => this.#take(chunk));
    this.#closed = new Promise((resolve) => {
      this.#child.on("error", () => {
        this.#fail("git was not found");
        resolve(undefined);
      });
      this.#child.on("close", (code) => {
        if (this.#open.length > 0 || code !== 0 || !this.#child.stdin.writableEnded) {
          this.#fail("git cat-file did not answer to its end");
        }
        resolve(undefined);
      });
    });
  }

  /** The process, for a measurement. */
  get pid() {
    return this.#child.pid;
  }

  /**
   * Asks for an object by id, or by a name that git knows (`:PATH`, `HEAD:PATH`) without line ends in it. Resolves when
   * another may be asked for. Once git has failed every receiver comes to its end at once, without a content.
   *
   * @param {string} name
   * @param {Receiver} receiver
   * @returns {Promise<void>}
   */
  async ask(name, receiver) {
    if (this.#failure !== undefined) {
      receiver.end();
      return;
    }
    this.#open.push(receiver);
    // Many requests at once are one write: a system call each would cost more than the contents.
    if (this.#asked === "") {
      setImmediate(() => this.#send());
    }
    this.#asked += `${name}\n`;
    if (this.#open.length >= MOST_OPEN) {
      await new Promise((resolve) => this.#waiting.push(() => resolve(undefined)));
    }
  }

  /**
   * The whole text of a small object; `undefined` when there is none.
   *
   * @param {string} name
   * @returns {Promise<string | undefined>}
   */
  text(name) {
    return new Promise((resolve, reject) => {
      /** @type {Buffer[]} */
      const parts = [];
      let isThere = true;
      const end = () =>
        this.#failure === undefined
          ? resolve(isThere ? Buffer.concat(parts).toString("utf8") : undefined)
          : reject(this.#failure);
      const begin = (/** @type {unknown} */ info) => (isThere = info !== undefined);
      void this.ask(name, { begin, chunk: (chunk) => parts.push(chunk), end });
    });
  }

  /** Waits for all answers. Throws when git failed. */
  async close() {
    this.#send();
    this.#child.stdin.end();
    await this.#closed;
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
  }

  #send() {
    if (this.#asked !== "") {
      this.#child.stdin.write(this.#asked);
      this.#asked = "";
    }
  }

  /** @param {string} what */
  #fail(what) {
    this.#failure ??= new Error(what);
    for (const receiver of this.#open.splice(0)) {
      receiver.end();
    }
    this.#release();
  }

  #release() {
    for (const resume of this.#waiting.splice(0)) {
      resume();
    }
  }

  /** @param {Buffer} chunk */
  #take(chunk) {
    let rest = chunk;
    while (rest.length > 0) {
      const receiver = this.#open[0];
      if (receiver === undefined) {
        return;
      }
      if (this.#left < 0) {
        const end = rest.indexOf(10);
        if (end < 0) {
          this.#head = this.#head === undefined ? rest : Buffer.concat([this.#head, rest]);
          return;
        }
        const line = Buffer.concat([this.#head ?? Buffer.alloc(0), rest.subarray(0, end)]).toString("utf8");
        this.#head = undefined;
        rest = rest.subarray(end + 1);
        this.#begin(receiver, line);
      } else {
        const part = rest.subarray(0, this.#left);
        if (part.length > 0) {
          receiver.chunk?.(part);
        }
        this.#left -= part.length;
        rest = rest.subarray(part.length);
        if (this.#left === 0 && rest.length > 0) {
          // A line end of git's own stands behind each content.
          rest = rest.subarray(1);
          this.#done(receiver);
        }
      }
    }
  }

  /**
   * @param {Receiver} receiver
   * @param {string} line
   */
  #begin(receiver, line) {
    const [, id = "", type = "", size = ""] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(line) ?? [];
    if (size === "") {
      receiver.begin?.(undefined);
      this.#done(receiver);
    } else {
      receiver.begin?.({ id, type, size: Number(size) });
      this.#left = Number(size);
    }
  }

  /** @param {Receiver} receiver */
  #done(receiver) {
    this.#left = -1;
    this.#open.shift();
    receiver.end();
    if (this.#open.length <= MOST_OPEN / 2) {
      this.#release();
    }
  }
}
