/** Proves which steps get a variable that leaves its job's `env`: all but those that are known not to read it. */
import assert from "node:assert/strict";

import { isQuiet, mayRead } from "../../../core/workflows/reads.js";
import { readWorkflow } from "../../../core/workflows/workflow.js";

function reads(step: string): boolean {
  const text = `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n${step.replace(/^/gm, "      ")}\n`;
  const workflow = readWorkflow({ path: "a.yml", text });
  const [first] = workflow.jobs[0]?.steps ?? [];
  assert.ok(first !== undefined);
  return mayRead(workflow, first, "GH_TOKEN");
}

describe("a step", () => {
  const reading: readonly [string, string][] = [
    ["that names the variable", "- run: echo $GH_TOKEN"],
    ["that names it in braces", '- run: |\n    echo "${GH_TOKEN:?}"'],
    ["of PowerShell that names it", "- run: echo $env:GH_TOKEN\n  shell: pwsh"],
    ["that takes it for an input", "- uses: actions/checkout@v4\n  with:\n    token: ${{ env.GH_TOKEN }}"],
    ["that takes all variables", "- run: echo ${{ toJSON(env) }}"],
    ["that computes a variable's name", "- run: echo ${{ env[matrix.name] }}"],
    ["that names one by another", '- run: echo "${!name}"'],
    ["with a program of its own", "- run: ./deploy.sh"],
    ["with gh", "- run: gh issue list"],
    ["with gh behind something quiet", "- run: |\n    echo hello\n    cat x | gh issue create -F -"],
    ["with gh in a condition", "- run: if gh auth status; then echo yes; fi"],
    ["with gh in a string of the shell", '- run: echo "$(gh api user)"'],
    ["with gh behind an assignment", "- run: GH_DEBUG=1 gh api user"],
    ["that prints the environment", "- run: env"],
    ["that prints all of the shell's", "- run: set"],
    ["in another language", "- run: print(1)\n  shell: python"],
    ["with somebody's action", "- uses: someone/deploy@v1"],
    ["with the repository's own action", "- uses: ./.github/actions/deploy"],
  ];
  for (const [title, step] of reading) {
    it(`${title} may read it`, () => {
      assert.equal(reads(step), true);
    });
  }

  const quiet: readonly [string, string][] = [
    ["with actions/checkout", "- uses: actions/checkout@v4"],
    ["that uses a secret of that name", "- uses: actions/checkout@v4\n  with:\n    token: ${{ secrets.GH_TOKEN }}"],
    ["that makes an App's token", "- uses: actions/create-github-app-token@v2"],
    ["with actions/cache/restore", "- uses: actions/cache/restore@v4\n  with:\n    path: x"],
    ["that only prints", '- run: echo "a; gh b | c"'],
    ["that has another name in it", "- run: echo $MY_GH_TOKEN $GH_TOKEN_2"],
    [
      "of quiet commands",
      "- run: |\n    set -euo pipefail\n    X=1\n    mkdir -p a && cd a\n    # gh is not started\n",
    ],
    ["that calls a web page", '- run: if [ "$A" = b ]; then curl -fsS https://example.com \\\n    -o x; fi'],
  ];
  for (const [title, step] of quiet) {
    it(`${title} does not read it`, () => {
      assert.equal(reads(step), false);
    });
  }

  it("with an empty script is quiet", () => {
    assert.ok(isQuiet(""));
  });
});
