/**
 * `npm run bench:hook`: what the pre-commit hook costs a commit of 5 files and 200 lines, against `node -e 0`, in turns in one
 * run; what it needs of memory for large files; and whether any text makes its rules slow. Exit codes: 0, 1 above a limit,
 * 2 usage. Linux only (/proc).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { randomBytes } from "node:crypto";

import { Scanner } from "../guard/scan.mjs";
import { ageIdentity } from "../tests/support/identities.js";
import { Repository } from "../tests/support/guardRepository.js";
import { sopsText } from "../tests/support/sopsFiles.js";
import { type Cost, costOf } from "./memory.js";
import { median, summarize } from "./statistics.js";

const ROOT = resolve(__dirname, "..");
const HOOK = join(ROOT, "scripts/git-hooks/pre-commit");
const ROUNDS = 21;
const LIMITS = { ratio: 3, memoryMb: 200, slowness: 100 };
const ARMOR = ["-----BEGIN PRIVATE", "KEY-----"].join(" ");
const LINE = "  const answer = await observe(get, owner, repository, env); // and so on, as code is\n";

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "p24-bench-hook-"));
  try {
    const ratios = await time(folder);
    const peak = await memory(folder);
    const slowest = slowness();
    return ratios.every((ratio) => ratio <= LIMITS.ratio) && peak <= LIMITS.memoryMb && slowest <= LIMITS.slowness
      ? 0
      : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Hook and empty program in turns, for a commit of code and for one that rotates a value too. */
async function time(folder: string): Promise<number[]> {
  const { recipient } = await ageIdentity();
  const other = await ageIdentity();
  const ratios: number[] = [];
  for (const title of ["5 files, 200 lines", "the same, and a rotated value with its row"]) {
    const repo = new Repository(join(folder, String(ratios.length)));
    const encrypt = (value: string) =>
      sopsText(
        folder,
        Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`value_${String(at)}`, at === 0 ? value : "x"])),
        [recipient, other.recipient],
      );
    repo.write(
      ".sops.yaml",
      `keys:\n  - &dev_a ${recipient}\n  - &gha ${other.recipient}\ncreation_rules:\n  - age: [*dev_a, *gha]\n`,
    );
    repo.write(
      "docs/secrets-rotation-log.md",
      "| Date | Secret | Reason | Rotator | Confirmed in sync |\n| - | - | - | - | - |\n",
    );
    repo.write("secrets/shared.sops.yaml", await encrypt("one"));
    for (let file = 0; file < 200; file += 1) {
      repo.write(`src/${String(file)}.ts`, LINE.repeat(100));
    }
    const first = repo.commitUnseen("first");
    for (let file = 0; file < 5; file += 1) {
      repo.write(`src/${String(file)}.ts`, `${LINE.repeat(60)}${"// another line of it\n".repeat(40)}`);
    }
    if (ratios.length > 0) {
      repo.write("secrets/shared.sops.yaml", await changed(repo, "secrets/shared.sops.yaml"));
    }
    repo.must("add", "--all");
    const hooks: Cost[] = [];
    const empties: Cost[] = [];
    for (let round = -2; round < ROUNDS; round += 1) {
      const options = { cwd: repo.root, env: repo.env, sampled: false };
      const empty = await costOf(process.execPath, ["-e", "0"], options);
      const hook = await costOf(process.execPath, [HOOK], options);
      if (hook.code !== 0) {
        throw new Error(`the hook ended with ${String(hook.code)}`);
      }
      repo.must("reset", "-q", first, "--", "docs");
      repo.must("checkout", "-q", "--", "docs");
      if (round >= 0) {
        hooks.push(hook);
        empties.push(empty);
      }
    }
    const [ours, theirs] = [hooks, empties].map((costs) => summarize(costs.map(({ elapsedMs }) => elapsedMs)));
    const ratio = median(hooks.map(({ elapsedMs }, at) => elapsedMs / (empties[at]?.elapsedMs ?? 1)));
    console.log(
      `${title}: ${(ours?.median ?? 0).toFixed(0)} ms, node -e 0 ${(theirs?.median ?? 0).toFixed(0)} ms; ` +
        `median ratio of ${String(ROUNDS)} pairs ${ratio.toFixed(2)} (limit ${String(LIMITS.ratio)})`,
    );
    ratios.push(ratio);
  }
  return ratios;
}

/** The source with another vector for one value, as an edit leaves it; the hook does not open it. */
async function changed(repo: Repository, path: string): Promise<string> {
  const text = repo.must("show", `HEAD:${path}`);
  return Promise.resolve(
    `${text.replace(/^(value_0: ENC\[AES256_GCM,data:[^,]*,iv:)\w/m, (_, before: string) => `${before}Q`)}\n`,
  );
}

/** Peak of the hook and its git for one large staged file. */
async function memory(folder: string): Promise<number> {
  const MB = 1e6;
  const contents: readonly [string, () => Buffer][] = [
    ["20 MB of code", () => Buffer.from(LINE.repeat((20 * MB) / LINE.length))],
    ["20 MB of JSON on one line", () => Buffer.from(`{${'"name":"value, and more",'.repeat((20 * MB) / 25)}"a":1}`)],
    [
      "20 MB of base64",
      () =>
        Buffer.from(
          randomBytes(15 * MB)
            .toString("base64")
            .replace(/.{76}/g, "$&\n"),
        ),
    ],
    ["20 MB of random bytes", () => randomBytes(20 * MB)],
    ["20 MB of UTF-16", () => Buffer.from(LINE.repeat((10 * MB) / LINE.length), "utf16le")],
    ["80 MB of code", () => Buffer.from(LINE.repeat((80 * MB) / LINE.length))],
  ];
  let highest = 0;
  for (const [title, make] of contents) {
    const repo = new Repository(join(folder, `memory${String(contents.findIndex(([name]) => name === title))}`));
    repo.write("a.txt", "x");
    repo.commitUnseen("first");
    repo.write("large", make());
    repo.must("add", "--all");
    const { peakMb, peakByProgramMb, elapsedMs, code } = await costOf(process.execPath, [HOOK], {
      cwd: repo.root,
      env: repo.env,
    });
    if (code !== 0) {
      throw new Error(`the hook ended with ${String(code)} for ${title}`);
    }
    const parts = [...peakByProgramMb].map(([program, mb]) => `${program} ${mb.toFixed(0)}`).join(", ");
    console.log(`${title}: peak ${peakMb.toFixed(0)} MB (${parts}), ${(elapsedMs / 1000).toFixed(1)} s`);
    highest = title.startsWith("20 MB") ? Math.max(highest, peakMb) : highest;
    rmSync(repo.root, { recursive: true, force: true });
  }
  console.log(`highest peak for 20 MB: ${highest.toFixed(0)} MB (limit ${String(LIMITS.memoryMb)})`);
  return highest;
}

/** Texts that are made to be slow, against ordinary code of the same length: the worst ratio. */
function slowness(): number {
  const count = 64_000;
  const evil: Readonly<Record<string, string>> = {
    "armor, then escaped lines": `${ARMOR}${"\\n".repeat(count / 2)}`,
    "armor upon armor": `${ARMOR}\n`.repeat(count / 28),
    "half a JWK": `"kty":"EC",`.repeat(count / 11),
    "half a PuTTY file": "PuTTY-User-Key-File-3: ".repeat(count / 23),
    "names only": "password".repeat(count / 8),
    backslashes: "\\".repeat(count),
    "a quotation of backslashes": `password="${"\\\\".repeat(count / 2)}`,
    "a quotation without end": `password='${"a'".repeat(count / 2)}`,
    addresses: `${"http://".repeat(count / 7)}@`,
    "colons of an address": `http://${"a:".repeat(count / 2)}@`,
    "assignments of assignments": "secret=secret=".repeat(count / 14),
    "beginnings of JWTs": "eyJaaaaaaaaaaaaa.eyJ".repeat(count / 20),
    "one sign": "M".repeat(count),
    "escaped signs": "%41".repeat(count / 3),
    "JSON's escapes": "\\u0041".repeat(count / 6),
    webhooks: "discord.com/api/webhooks/".repeat(count / 25),
    separators: `token: ${"a-".repeat(count / 2)}`,
  };
  const ordinary = LINE.repeat(count / LINE.length);
  const once = (text: string) => {
    const scanner = new Scanner();
    const begin = process.hrtime.bigint();
    scanner.push(Buffer.from(text));
    scanner.end();
    return Number(process.hrtime.bigint() - begin) / text.length;
  };
  once(ordinary);
  const ratios = Object.entries(evil).map(([title, text]) => {
    const pairs = Array.from({ length: 7 }, () => once(text) / once(ordinary));
    return { title, ratio: median(pairs) };
  });
  const worst = ratios.reduce((one, other) => (other.ratio > one.ratio ? other : one));
  console.log(
    `slowest text that was made to be slow: ${worst.title}, ${worst.ratio.toFixed(1)} times ordinary code (limit ${String(LIMITS.slowness)})`,
  );
  return worst.ratio;
}

if (process.argv.length > 2) {
  console.error("npm run bench:hook takes no arguments");
  process.exitCode = 2;
} else {
  void main().then((code) => (process.exitCode = code));
}
