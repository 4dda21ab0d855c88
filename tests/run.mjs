// Every check of this repository that was asked for, one after the other, and one closing line.
//
//   npm test        the static checks and all levels of tests but the next
//   npm run check   the static checks and the levels that start no engine
//   npm run browser the report's page in Chromium
//   npm run prove   the long attacks on what was built: leak sweep, killed runs, another store for the state
//   npm run lab     real sshd, Docker and Compose: the tests of the program once more with machines as hosts, then its own
//
// Where the machine lets us (Linux, root) tests run in a network namespace that has loopback and nothing else: what went
// around the sandbox's fence would fail.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { loopbackOnly } from "./loopback.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const level = (name, more = {}) => ({ name, files: [`tests/${name}/**/*.test.ts`], jobs: 1, env: {}, ...more });
const [unit, components] = [level("unit"), level("components")];
const gateway = level("gateway", { jobs: 2 });
// The engine waits more than it works: three files at a time fill two cores.
const engine = [level("program"), level("sandbox", { jobs: 3 })];
const RUNS = {
  check: { checked: true, levels: [unit, components] },
  test: { checked: true, levels: [unit, components, gateway, ...engine] },
  browser: { checked: false, levels: [level("browser")] },
  prove: { checked: false, levels: [level("prove", { jobs: 3 })] },
  lab: {
    checked: false,
    levels: [
      level("lab", {
        // The longest first; then the lab's own, and the program's tests once more with machines as hosts.
        files: [
          "tests/lab/swap.test.ts",
          "tests/sandbox/host/random.test.ts",
          "tests/lab/!(swap).test.ts",
          "tests/sandbox/program/*.test.ts",
        ],
        jobs: 3,
        env: { P24_HOSTS: "lab", P24_OPERATIONS: "1000" },
      }),
    ],
  },
};
const run = RUNS[process.argv[2]];
if (run === undefined) {
  throw new Error(`say which: ${Object.keys(RUNS).join(", ")}`);
}
const fence = loopbackOnly();

const total = { passed: 0, failed: 0 };

function heading(text) {
  process.stdout.write(`\n── ${text}\n`);
}

/** A check without tests of its own counts as one. */
function check(name, script, ...args) {
  heading(name);
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, stdio: "inherit" });
  total[status === 0 ? "passed" : "failed"] += 1;
}

function mocha({ name, files, jobs, env }) {
  heading(`tests: ${name}`);
  const folder = mkdtempSync(join(tmpdir(), "p24-tests-"));
  const counts = join(folder, "counts.json");
  const [command, ...args] = [
    ...(fence.prefix ?? []),
    process.execPath,
    join(root, "node_modules/mocha/bin/mocha.js"),
    "--reporter",
    join(root, "tests/reporter.cjs"),
    ...(jobs > 1 ? ["--parallel", "--jobs", String(jobs)] : []),
    ...files,
  ];
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env, P24_TEST_COUNTS: counts },
  });
  try {
    const { passed, failed } = JSON.parse(readFileSync(counts, "utf8"));
    total.passed += passed;
    total.failed += failed;
    if (failed === 0 && status !== 0) {
      total.failed += 1;
    }
    if (passed + failed === 0) {
      process.stdout.write(`no test ran of ${files.join(", ")}\n`);
      total.failed += 1;
    }
  } catch {
    process.stdout.write(`the tests of ${files.join(", ")} did not come to their end\n`);
    total.failed += 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (run.checked) {
  const cached = (option, name) => [option, join("node_modules/.cache/p24", name)];
  const prettier = ["--cache", ...cached("--cache-location", "prettier"), "--check", "--log-level", "warn", "."];
  check("format", "node_modules/prettier/bin/prettier.cjs", ...prettier);
  // A file's typed lint may change with another file, which the cache does not see: CI goes without it.
  const lint = process.env.CI === "true" ? [] : ["--cache", ...cached("--cache-location", "eslint")];
  check("lint", "node_modules/eslint/bin/eslint.js", ...lint, "--max-warnings", "0", ".");
  const types = ["--incremental", ...cached("--tsBuildInfoFile", "types.json"), "--noEmit", "-p", "tsconfig.json"];
  check("types", "node_modules/typescript/bin/tsc", ...types);
  check("types of the Worker", "node_modules/typescript/bin/tsc", "--noEmit", "-p", "gateway/tsconfig.worker.json");
  check("types of the page's script", "node_modules/typescript/bin/tsc", "--noEmit", "-p", "core/report/page");
}
process.stdout.write(
  `\n${fence.why === undefined ? "tests run with loopback only" : `the network is not closed: ${fence.why}`}\n`,
);
if (fence.isFault) {
  total.failed += 1;
}
run.levels.forEach(mocha);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
