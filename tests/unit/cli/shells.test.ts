/** Proves how commands are written for PowerShell and for a POSIX shell; the latter by asking one. Windows is not reached. */
import assert from "node:assert/strict";

import { fed, lastingVariable, variable, variableOf, word } from "../../../cli/shells.js";
import { run } from "../../../core/process.js";

const WINDOWS_FILE = "C:\\Users\\konar\\.age\\gha.key";

describe("a command for the operator's shell", () => {
  const cases: readonly [string, string, string][] = [
    [
      "a file for a program",
      fed(WINDOWS_FILE, "gh secret set AGE_KEY_GHA", "win32"),
      `Get-Content -Raw ${WINDOWS_FILE} | gh secret set AGE_KEY_GHA`,
    ],
    [
      "a file for a program, elsewhere",
      fed("/home/k/gha.key", "gh secret set A", "linux"),
      "gh secret set A < /home/k/gha.key",
    ],
    ["a path with a blank", word("C:\\Users\\Konrad R\\x", "win32"), "'C:\\Users\\Konrad R\\x'"],
    ["a path with an apostrophe", word("C:\\o'b", "win32"), "'C:\\o''b'"],
    ["a variable", variable("A", "b c", "win32"), "$env:A = 'b c'"],
    [
      "what a command prints",
      variableOf("GITHUB_TOKEN", "gh auth token", "win32"),
      "$env:GITHUB_TOKEN = gh auth token",
    ],
    ["what a command prints, elsewhere", variableOf("A", "gh auth token", "linux"), 'export A="$(gh auth token)"'],
    [
      "a variable that stays",
      lastingVariable("SOPS_AGE_KEY_FILE", WINDOWS_FILE, "win32"),
      `[Environment]::SetEnvironmentVariable('SOPS_AGE_KEY_FILE', '${WINDOWS_FILE}', 'User')`,
    ],
  ];
  for (const [title, command, expected] of cases) {
    it(`has ${title}`, () => {
      assert.equal(command, expected);
    });
  }

  it("gives a POSIX shell every path as it is", async () => {
    for (const path of ["/a b/c", "it's", "$HOME", "`x`", "back\\slash", "plain/path-1.key", '"', ""]) {
      const { stdout } = await run("sh", [
        "-c",
        `printf %s ${word(path, "linux")}; ${variable("A", path, "linux")}; printf '|%s' "$A"`,
      ]);
      assert.equal(stdout, `${path}|${path}`);
    }
  });

  it("keeps a variable in a profile whatever its value is", async () => {
    for (const path of ["/a b/c", "it's", "$HOME/x"]) {
      const line = lastingVariable("A", path, "linux").replace(">> ~/.profile", "");
      const { stdout } = await run("sh", ["-c", `eval "$(${line})"; printf %s "$A"`]);
      assert.equal(stdout, path);
    }
  });
});
