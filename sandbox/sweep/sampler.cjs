// Worker of processes.ts: looks at /proc every few milliseconds and keeps what it has not seen before of every descendant
// of one process, and of the files that come and go in some folders. Plain JavaScript, so that it starts at once.
const { readdirSync, readFileSync, statSync } = require("node:fs");
const { basename, join } = require("node:path");
const { parentPort, workerData } = require("node:worker_threads");

const { root, marker, folders, everyMs, stop } = workerData;
const LARGEST_FILE = 1 << 20;
/** What the stand-in for Docker gives its containers, and a process outside of them does not have. */
const IMAGE_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** pid to what was seen of it last; `false` for a process that is not ours. */
const processes = new Map([[root, { said: undefined }]]);
const samples = new Map();
const programs = new Map();
const files = new Map();
let rounds = 0;
let started = 0;

function read(path) {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined; // gone meanwhile
  }
}

function keep(kind, where, text) {
  samples.set(`${kind}\0${where}\0${text}`, { kind, where, text });
}

function isOurs(pid) {
  // The name in brackets may hold anything, so fields are counted from behind it.
  const stat = read(`/proc/${pid}/stat`) ?? "";
  const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  if (processes.get(parent)) return true;
  // Its parent ended before it was seen: the environment tells whose it is.
  return parent === 1 && (read(`/proc/${pid}/environ`) ?? "").includes(marker);
}

function look(pid, known) {
  const said = read(`/proc/${pid}/cmdline`);
  if (said === undefined || said === "" || said === known.said) return;
  known.said = said;
  const environment = (read(`/proc/${pid}/environ`) ?? "").split("\0").filter((entry) => entry !== "");
  const words = said.split("\0").slice(0, -1);
  const program = label(words, environment);
  programs.set(program, (programs.get(program) ?? 0) + 1);
  words.forEach((word, index) => keep("arguments", `${program}, argument ${index}`, word));
  for (const entry of environment) {
    const name = /^[A-Za-z_][A-Za-z0-9_]*(?==)/.exec(entry)?.[0] ?? "(no name)";
    keep("environment", `${program}, ${name}`, entry);
  }
}

function label(words, environment) {
  const name = basename(words[0] ?? "");
  // The program behind the options; for node the last file, because its options name files too.
  const scripts =
    name === "node" ? words.filter((word) => /\.[cm]?[jt]s$|resource-[a-z]+$/.test(word)) : words.slice(1, 2);
  const script =
    /^(node|sh|dash|bash)$/.test(name) && !scripts.at(-1)?.startsWith("-") ? basename(scripts.at(-1) ?? "") : "";
  const inside = environment.includes(IMAGE_PATH) && !environment.some((entry) => entry.startsWith("HOME="));
  return `${name}${script === "" ? "" : ` ${script}`}${inside ? " (container)" : ""}`.slice(0, 80);
}

function lookAtProcesses() {
  const present = new Set();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!(pid > 0)) continue;
    present.add(pid);
    if (pid === root) continue;
    let known = processes.get(pid);
    if (known === undefined) {
      known = isOurs(pid) ? { said: undefined } : false;
      started += known ? 1 : 0;
      processes.set(pid, known);
    }
    if (known) look(pid, known);
  }
  for (const pid of processes.keys()) if (!present.has(pid)) processes.delete(pid);
}

function lookAtFiles(folder) {
  let entries = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return; // gone meanwhile
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // tsx's cache of transpiled programs is large and stays: the search of what is left reads it.
    if (entry.isDirectory() && !entry.name.startsWith("tsx-")) lookAtFiles(path);
    if (entry.isFile()) lookAtFile(path);
  }
}

function lookAtFile(path) {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    const version = `${ino} ${size} ${mtimeMs}`;
    if (files.get(path) === version || size > LARGEST_FILE) return;
    files.set(path, version);
    keep("file", path, readFileSync(path, "latin1"));
  } catch {
    // gone meanwhile
  }
}

parentPort.postMessage("ready");
while (Atomics.wait(stop, 0, 0, everyMs) === "timed-out") {
  rounds += 1;
  lookAtProcesses();
  for (const folder of folders) lookAtFiles(folder);
}
parentPort.postMessage({ samples: [...samples.values()], programs, started, rounds });
