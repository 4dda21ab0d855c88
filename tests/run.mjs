// `npm test` and `npm run check`: every check of this repository, one after the other, and one closing line.
// --quick leaves out the levels that start the engine (program, sandbox).
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const quick = process.argv.includes("--quick");
const levels = quick ? ["unit", "components"] : ["unit", "components", "program", "sandbox"];

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

function mocha(level) {
  heading(`tests: ${level}`);
  const folder = mkdtempSync(join(tmpdir(), "p24-tests-"));
  const counts = join(folder, "counts.json");
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, "node_modules/mocha/bin/mocha.js"),
      "--reporter",
      join(root, "tests/reporter.cjs"),
      // The engine waits more than it works: three files at a time fill two cores.
      ...(level === "sandbox" ? ["--parallel", "--jobs", "3"] : []),
      `tests/${level}/**/*.test.ts`,
    ],
    { cwd: root, stdio: "inherit", env: { ...process.env, P24_TEST_COUNTS: counts } },
  );
  try {
    const { passed, failed } = JSON.parse(readFileSync(counts, "utf8"));
    total.passed += passed;
    total.failed += failed;
    if (failed === 0 && status !== 0) {
      total.failed += 1;
    }
    if (passed + failed === 0) {
      process.stdout.write(`no test ran in tests/${level}\n`);
      total.failed += 1;
    }
  } catch {
    process.stdout.write(`the tests in tests/${level} did not come to their end\n`);
    total.failed += 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

check("format", "node_modules/prettier/bin/prettier.cjs", "--check", "--log-level", "warn", ".");
check("lint", "node_modules/eslint/bin/eslint.js", "--max-warnings", "0", ".");
check("types", "node_modules/typescript/bin/tsc", "--noEmit", "-p", "tsconfig.json");
for (const level of levels) {
  mocha(level);
}
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
