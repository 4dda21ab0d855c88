/** Proves, by starting the real `p24`, what it prints and which code it ends with for calls that need no stack. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { run as processRun } from "../../../core/process.js";
import { VERBS } from "../../../cli/verbs/all.js";
import { temporaryFolder } from "../../support/folder.js";
import { emptyHome } from "../../support/sopsFiles.js";

const P24 = join(__dirname, "../../../cli/p24.mjs");
const ROOT = join(__dirname, "../../..");

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function p24(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [P24, ...args], { cwd, env });
    const out = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (out.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (out.stderr += chunk.toString()));
    child.on("close", (code) => {
      resolve({ code, ...out });
    });
  });
}

const HELP = [
  "p24: secrets in git, every derived place equal to it",
  "npm run p24 -- VERB [OPTIONS]",
  "Exit codes: 0 in order, 2 usage, 3 something to repair in git or the settings, 4 a place differs from git,",
  "5 a place could not be asked or needs a person, 1 a fault of p24 itself.",
];

describe("p24", () => {
  const folder = temporaryFolder();
  const outside = () => join(folder(), "outside");
  const inside = () => join(folder(), "inside");

  before(() => {
    mkdirSync(outside());
    mkdirSync(join(inside(), "deep/er"), { recursive: true });
    writeFileSync(join(inside(), "Pulumi.yaml"), "name: p24-infra\n");
  });

  const run = (args: readonly string[], cwd = ROOT) => p24(args, cwd, emptyHome(folder()));

  it("without a verb prints its help and ends with 2; asked for help, with 0", async () => {
    const [none, ...asked] = await Promise.all([run([]), run(["--help"]), run(["help"])]);
    assert.equal(none.code, 2);
    for (const line of HELP) {
      assert.ok(none.stdout.includes(line), line);
    }
    for (const { name, summary } of VERBS) {
      const line = none.stdout.split("\n").find((one) => one.startsWith(`  ${name}  `));
      assert.equal(line?.slice(`  ${name}`.length).trim(), summary);
    }
    assert.deepEqual(
      asked,
      asked.map(() => ({ code: 0, stdout: none.stdout, stderr: "" })),
    );
  });

  it("does nothing when npm has kept its options, as it does where a shell drops the first --", async () => {
    const npm = (...words: string[]) =>
      processRun("npm", ["run", "--silent", "p24", ...words], {
        cwd: ROOT,
        env: emptyHome(folder()),
        listen: () => undefined,
      });
    for (const words of [
      ["status", "--json"],
      ["init", "--dry-run"],
      ["host", "install", "vps-i1", "--admin", "debian"],
    ]) {
      assert.equal((await npm(...words)).code, 2, words.join(" "));
    }
    assert.equal((await npm("--", "status", "--json")).code, 3, "with it the verb looks for an identity");
    const said = await p24(["init"], ROOT, {
      ...emptyHome(folder()),
      npm_lifecycle_event: "p24",
      npm_config_dry_run: "true",
    });
    assert.match(
      said.stderr,
      /^p24: npm took --dry-run for itself: .* Repair: node cli\/p24\.mjs init … does without npm\n$/,
    );
  });

  it("prints each verb's help: summary, options, an example", async () => {
    const verbs = VERBS;
    const answers = await Promise.all(verbs.map(({ name }) => run([...name.split(" "), "--help"], outside())));
    for (const [index, { name, summary, optionHelp, example }] of verbs.entries()) {
      const lines = [
        `p24 ${name}: ${summary}`,
        "",
        ...optionHelp.map((line) => `  ${line}`),
        "",
        `  example: ${example}`,
      ];
      assert.deepEqual(answers[index], { code: 0, stdout: `${lines.join("\n")}\n`, stderr: "" });
    }
  });

  it("refuses what it does not know with 2 and one line", async () => {
    const usage: readonly [string[], string][] = [
      [["nope"], "there is no such verb. Repair: p24 --help lists them"],
      [["host"], "there is no such verb. Repair: p24 --help lists them"],
      [["host", "--help"], "there is no such verb. Repair: p24 --help lists them"],
      [["host", "remove", "vps-i1"], "there is no such verb. Repair: p24 --help lists them"],
      [
        ["host", "install", "--nope"],
        "host install does not know one of its options. Repair: p24 host install --help lists them",
      ],
      [["status", "--nope"], "status does not know one of its options. Repair: p24 status --help lists them"],
      [["status", "--stack"], "status does not know one of its options. Repair: p24 status --help lists them"],
      [["status", "extra"], "status takes fewer words. Repair: p24 status --help shows them"],
      [["import"], "import needs more words. Repair: p24 import --help shows them"],
      [["exec"], "exec needs more words. Repair: p24 exec --help shows them"],
      [["exec", "--"], "exec needs more words. Repair: p24 exec --help shows them"],
      [["host", "install", "a", "b"], "host install takes fewer words. Repair: p24 host install --help shows them"],
      [["pulumi", "--yes"], "pulumi does not know one of its options. Repair: p24 pulumi --help lists them"],
    ];
    assert.deepEqual(
      await Promise.all(usage.map(([args]) => run(args))),
      usage.map(([, line]) => ({ code: 2, stdout: "", stderr: `p24: ${line}\n` })),
    );
  });

  it("shows what is to be repaired, all of it, and ends with 3", async () => {
    const missing = (file: string) => `${file}: is missing or cannot be read. Repair: git restore ${file}\n`;
    const settings =
      "Pulumi.STACK.yaml: is missing for the stack that was named. Repair: name one that is there with --stack: none is\n";
    const [elsewhere, here, named] = await Promise.all([
      run(["status"], outside()),
      run(["status"], join(inside(), "deep/er")),
      run(["exec", "-s", "dev", "--", "true"], inside()),
    ]);
    const cd = `${outside()}: is not inside the repository. Repair: cd to the clone of p24-infra\n`;
    assert.deepEqual(elsewhere, { code: 3, stdout: "", stderr: cd });
    const files = missing(".sops.yaml") + missing("inventory.yaml");
    assert.deepEqual(here, { code: 3, stdout: "", stderr: settings + files });
    assert.deepEqual(named, { code: 3, stdout: "", stderr: settings + files });
  });
});
