import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, isAbsolute, join, sep } from "node:path";
import { run } from "./process.mjs";
import { fits, parseVersion } from "./versions.mjs";

const PROBE_TIMEOUT_MS = 5_000;

/**
 * The file name of a program on a platform.
 *
 * @param {string} program
 * @param {NodeJS.Platform} [platform]
 * @returns {string}
 */
export function executable(program, platform = process.platform) {
  return platform === "win32" ? `${program}.exe` : program;
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Every file of that name on PATH, in PATH's order. */
function candidates(program, env) {
  const folders = (env.PATH ?? env.Path ?? "").split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, executable(program))).filter(isProgram);
}

function resolved(file) {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

/** Answers of earlier version questions, valid as long as the file is the same one. */
function probes(root) {
  const file = join(root, "path-probes.json");
  let known = {};
  try {
    known = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // none yet, or damaged: ask again
  }
  return {
    get: (key) => known[key],
    put(key, version) {
      known[key] = version;
      try {
        mkdirSync(root, { recursive: true });
        writeFileSync(`${file}.${process.pid}`, JSON.stringify(known));
        renameSync(`${file}.${process.pid}`, file);
      } catch {
        // a cache that cannot be written only costs the question next time
      }
    },
  };
}

/**
 * Looks for a tool on PATH whose version fits and whose programs lie together. What lies in our own cache does not
 * count: binDir may well be on PATH. A version is asked once per file, not once per run.
 *
 * @param {import('../setup.mjs').Tool} tool
 * @param {{ root: string, env: NodeJS.ProcessEnv, timeoutMs?: number }} where `root` is the cache
 * @returns {Promise<{ version: string, files: Record<string, string> } | { reason: string }>} `files`: real paths
 */
export async function findOnPath(tool, { root, env, timeoutMs = PROBE_TIMEOUT_MS }) {
  if (!tool.path) return { reason: "PATH: not used for this tool" };
  const known = probes(root);
  const own = resolved(root) + sep;
  let reason = `PATH: no ${tool.programs[0]}`;
  for (const candidate of candidates(tool.programs[0], env)) {
    const real = resolved(candidate);
    if (real.startsWith(own)) continue;
    const files = Object.fromEntries(tool.programs.map((name) => [name, join(dirname(real), executable(name))]));
    files[tool.programs[0]] = real;
    const absent = tool.programs.filter((name) => !isProgram(files[name]));
    if (absent.length > 0) {
      reason = `PATH: ${candidate} has no ${absent.join(", ")} beside it`;
      continue;
    }
    const { size, mtimeMs } = statSync(real);
    const key = `${real} ${size} ${mtimeMs}`;
    let version = known.get(key);
    if (version === undefined) {
      const answer = await run(candidate, tool.path.args, { env: { ...env, ...tool.path.env }, timeoutMs });
      version = answer.code === 0 ? parseVersion(`${answer.stdout}\n${answer.stderr}`) : null;
      if (!answer.timedOut) known.put(key, version);
    }
    if (fits(version, tool.path)) return { version, files };
    const range = `${tool.path.min} up to below ${tool.path.below}`;
    reason = `PATH: ${candidate} is ${version ? `version ${version}` : "of unknown version"}, needed is ${range}`;
  }
  return { reason };
}
