/**
 * An S3-compatible server on loopback: moto's `moto_server` from PyPI, a stand-in that checks no credentials and keeps
 * everything in memory. Installed once into a venv below the user's cache, named by what is installed. Versions are
 * pinned; hashes are not, because wheels differ from machine to machine.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { request } from "undici";

import { cacheRoot } from "../../toolchain/setup.mjs";

const REQUIREMENTS = join(__dirname, "moto-requirements.txt");

export interface S3Server {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a server with one empty bucket. Throws when it cannot be installed or started. */
export async function startS3(bucket: string): Promise<S3Server> {
  const python = await install();
  const child = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], {
    env: { PATH: process.env["PATH"], PYTHONUNBUFFERED: "1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const url = await announced(child);
  const { statusCode, body } = await request(`${url}/${bucket}`, { method: "PUT" });
  await body.dump();
  if (statusCode !== 200) {
    throw new Error(`moto answered ${String(statusCode)} to the making of a bucket`);
  }
  return {
    url,
    close: async () => {
      if ((child.exitCode ?? child.signalCode) === null) {
        const ended = new Promise((resolve) => child.once("close", resolve));
        child.kill("SIGKILL");
        await ended;
      }
    },
  };
}

/** Installs it unless it is there. Gives the venv's Python. */
async function install(): Promise<string> {
  const version = run("python3", ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).trim();
  const content = createHash("sha256").update(readFileSync(REQUIREMENTS)).update(version).digest("hex").slice(0, 16);
  const cache = dirname(cacheRoot());
  const folder = join(cache, `moto-${content}`);
  if (!existsSync(folder)) {
    await mkdir(cache, { recursive: true });
    const stage = `${folder}.${String(process.pid)}`;
    try {
      run("python3", ["-m", "venv", stage]);
      const pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
        "--no-deps",
      ];
      run(join(stage, "bin/python"), [...pip, "--requirement", REQUIREMENTS]);
      await rename(stage, folder).catch((error: unknown) => {
        if (!existsSync(folder)) {
          throw error; // else another process was faster
        }
      });
    } finally {
      await rm(stage, { recursive: true, force: true });
    }
  }
  return join(folder, "bin/python");
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) {
    throw new Error(
      `moto cannot be had: ${command} ${args.slice(0, 3).join(" ")} failed (needs python3 with venv)\n${stderr}`,
    );
  }
  return stdout;
}

/** Resolves with the address that the server says it listens at. */
function announced(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (url !== undefined) {
        resolve(url);
      }
    });
    child.once("error", reject);
    child.once("close", () => {
      reject(new Error(`moto did not start:\n${said}`));
    });
  });
}

// `tsx tests/support/moto.ts` installs only: before tests that run where the package registry is out of reach.
if (require.main === module) {
  void install();
}
