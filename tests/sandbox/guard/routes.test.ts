/**
 * Proves with real git that no route gets a plain secret into a commit past the hook: what is judged is what is staged,
 * whatever it is called, wherever it comes from and whatever lies in the folder. What hooks do not see (cherry-picks,
 * rebases, --no-verify) is caught by the push: push.test.ts.
 */
import assert from "node:assert/strict";
import { chmodSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { signs } from "../../support/corpus/material.js";
import { temporaryFolder } from "../../support/folder.js";
import { Repository } from "../../support/guardRepository.js";

const plain = () => `ghp_${signs(36)}`;
const SOURCE = "secrets/test.sops.yaml";

describe("routes into a commit", () => {
  const folder = temporaryFolder();
  let count = 0;
  const cases = { positive: 0, negative: 0 };

  /** A repository with one commit: a file and the rules of the template. */
  function repository(): Repository {
    count += 1;
    const made = new Repository(join(folder(), `r${String(count)}`));
    made.write("README.md", "# x\n");
    made.write(".sops.yaml", "keys:\n  - &dev_a age1a\n  - &gha age1g\ncreation_rules:\n  - age: [*dev_a, *gha]\n");
    made.commitUnseen("first");
    return made;
  }

  function refused({ code, said }: { code: number; said: string }, rule: string, place: string, value?: string): void {
    cases.positive += 1;
    assert.equal(code, 1, said);
    assert.ok(said.includes(`${place}: `), said);
    assert.ok(said.includes(`${rule}: `), said);
    assert.match(said, /this commit is refused/);
    if (value !== undefined) {
      assert.equal(said.includes(value), false, "the value is shown");
    }
  }

  function passes({ code, said }: { code: number; said: string }): void {
    cases.negative += 1;
    assert.equal(code, 0, said);
    assert.equal(said, "");
  }

  const names = [
    "plain.txt",
    "with blanks in it.txt",
    "quo\"ted 'n' $x `y`.txt",
    "ümläut/文件.md",
    "line\nend.txt",
    "-rf",
    ":(top)x",
    "back\\slash",
    "deep/er/and/deeper.yaml",
  ];
  for (const name of names) {
    it(`a new file called ${JSON.stringify(name)}`, () => {
      const repo = repository();
      const value = plain();
      repo.write(name, `one\ntwo\nx = ${value}\n`);
      const shown = /[\n"\\]/.test(name) ? JSON.stringify(name) : name;
      refused(repo.commit("x"), "github", `${shown}:3`, value);
      repo.write(name, "one\ntwo\n");
      passes(repo.commit("x"));
    });
  }

  it("the first commit of a repository", () => {
    const repo = new Repository(join(folder(), "empty"));
    repo.write("a.txt", plain());
    refused(repo.commit("x"), "github", "a.txt:1");
    repo.write("a.txt", "fine\n");
    passes(repo.commit("x"));
  });

  it("git commit -- PATH of a source in clear, as the spec has it", () => {
    const repo = repository();
    repo.write(SOURCE, "smtp_password: hunter2-and-more\n");
    repo.must("add", SOURCE);
    refused(repo.git("commit", "-m", "x", "--", SOURCE), "source-not-encrypted", `${SOURCE}:1`, "hunter2");
    repo.write(SOURCE, "# TEMPLATE\nsmtp_password: PLACEHOLDER\n");
    passes(repo.git("commit", "-q", "-m", "x", "--", SOURCE));
  });

  it("git commit -a, and git commit PATH", () => {
    const repo = repository();
    repo.write("README.md", `${plain()}\n`);
    refused(repo.git("commit", "-a", "-m", "x"), "github", "README.md:1");
    refused(repo.git("commit", "-m", "x", "README.md"), "github", "README.md:1");
    refused(repo.git("commit", "--include", "-m", "x", "README.md"), "github", "README.md:1");
  });

  it("what is staged and already gone from the folder", () => {
    const repo = repository();
    repo.write("a.txt", plain());
    repo.must("add", "a.txt");
    repo.write("a.txt", "clean\n");
    refused(repo.git("commit", "-m", "x"), "github", "a.txt:1");
  });

  it("what lies in the folder and is not staged does not matter", () => {
    const repo = repository();
    repo.write("a.txt", "clean\n");
    repo.must("add", "a.txt");
    repo.write("a.txt", plain());
    repo.write("b.txt", plain());
    passes(repo.git("commit", "-q", "-m", "x"));
  });

  it("a rename to a name that is refused", () => {
    const repo = repository();
    repo.write("a.txt", "A=1\n".repeat(50));
    repo.commitUnseen("x");
    repo.must("mv", "a.txt", "prod.env");
    refused(repo.git("commit", "-m", "x"), "env-file", "prod.env");
  });

  it("a rename of a plain file into secrets/", () => {
    const repo = repository();
    repo.write("a.yaml", "smtp_password: value\n");
    repo.commitUnseen("x");
    repo.write("secrets/x.md", "");
    repo.must("mv", "a.yaml", "secrets/a.yaml");
    refused(repo.git("commit", "-m", "x"), "source-not-encrypted", "secrets/a.yaml:1");
  });

  it("a rename with a change that brings it", () => {
    const repo = repository();
    repo.write("a.txt", "line\n".repeat(100));
    repo.commitUnseen("x");
    repo.must("mv", "a.txt", "b.txt");
    repo.write("b.txt", `${"line\n".repeat(100)}${plain()}\n`);
    refused(repo.git("commit", "-a", "-m", "x"), "github", "b.txt:101");
  });

  it("a copy of a file that got in unseen", () => {
    const repo = repository();
    repo.write("a.txt", plain());
    repo.commitUnseen("x");
    repo.write("copy.txt", "x");
    renameSync(join(repo.root, "a.txt"), join(repo.root, "copy.txt"));
    repo.must("checkout", "--", "a.txt");
    refused(repo.commit("x"), "github", "copy.txt:1");
  });

  it("a changed mode of a file that got in unseen", () => {
    const repo = repository();
    repo.write("run.sh", `${plain()}\n`);
    repo.commitUnseen("x");
    chmodSync(join(repo.root, "run.sh"), 0o755);
    refused(repo.commit("x"), "github", "run.sh:1");
  });

  it("a link whose target is a value, and a link in place of a source", () => {
    const repo = repository();
    symlinkSync(plain(), join(repo.root, "link"));
    refused(repo.commit("x"), "github", "link:1");
    repo.must("rm", "-q", "--cached", "link");
    repo.must("clean", "-fdq");
    repo.write("secrets/x.md", "");
    symlinkSync("/elsewhere", join(repo.root, SOURCE));
    refused(repo.commit("x"), "source-kind", SOURCE);
  });

  it("a link that becomes a file", () => {
    const repo = repository();
    symlinkSync("x", join(repo.root, "b"));
    repo.commitUnseen("x");
    renameSync(join(repo.root, "b"), join(repo.root, "c"));
    repo.write("b", plain());
    refused(repo.commit("x"), "github", "b:1");
  });

  it("a submodule is judged by its name alone", () => {
    const repo = repository();
    const id = repo.must("rev-parse", "HEAD");
    repo.must("update-index", "--add", "--cacheinfo", `160000,${id},modules/fine`);
    passes(repo.git("commit", "-q", "-m", "x"));
    repo.must("update-index", "--add", "--cacheinfo", `160000,${id},secrets/x.sops.yaml`);
    refused(repo.git("commit", "-m", "x"), "source-kind", "secrets/x.sops.yaml");
  });

  it("parts of a file, staged by hunks", () => {
    const repo = repository();
    repo.write("a.txt", "one\ntwo\n");
    repo.commitUnseen("x");
    const value = plain();
    repo.write("a.txt", `one\ntwo\n${value}\n`);
    const patch = repo.must("diff");
    repo.write("a.txt", "one\ntwo\nthree\n");
    repo.write("patch", `${patch}\n`);
    repo.must("apply", "--cached", "patch");
    refused(repo.git("commit", "-m", "x"), "github", "a.txt:3", value);
  });

  it("an amended commit", () => {
    const repo = repository();
    repo.write("a.txt", plain());
    repo.must("add", "a.txt");
    refused(repo.git("commit", "--amend", "-m", "x"), "github", "a.txt:1");
  });

  it("a merge that git makes, and one that somebody finishes", () => {
    const repo = repository();
    repo.must("switch", "-q", "-c", "side");
    repo.write("side.txt", plain());
    repo.write("README.md", "# side\n");
    repo.commitUnseen("unseen");
    repo.must("switch", "-q", "main");
    repo.write("main.txt", "x");
    repo.commitUnseen("y");
    refused(repo.git("merge", "--no-edit", "side"), "github", "side.txt:1");
    repo.must("merge", "--abort");
    repo.write("README.md", "# main\n");
    repo.commitUnseen("z");
    repo.git("merge", "--no-edit", "side");
    repo.write("README.md", "# both\n");
    refused(repo.commit("merged"), "github", "side.txt:1");
  });

  it("a revert that brings it back", () => {
    const repo = repository();
    repo.write("a.txt", plain());
    repo.commitUnseen("in");
    repo.must("rm", "-q", "a.txt");
    repo.commitUnseen("out");
    repo.must("revert", "--no-commit", "HEAD");
    refused(repo.git("commit", "-m", "x"), "github", "a.txt:1");
  });

  it("whatever the user's settings of git are", () => {
    const repo = repository();
    for (const [name, value] of [
      ["diff.renames", "copies"],
      ["diff.noprefix", "true"],
      ["diff.relative", "true"],
      ["diff.external", "/bin/true"],
      ["diff.ignoreSubmodules", "all"],
      ["color.ui", "always"],
      ["core.quotePath", "true"],
      ["core.autocrlf", "true"],
      ["core.abbrev", "5"],
      ["i18n.commitEncoding", "ISO-8859-1"],
    ] as const) {
      repo.must("config", name, value);
    }
    repo.write("sub/ä.txt", plain());
    refused(repo.commit("x"), "github", "sub/ä.txt:1");
  });

  it("from another folder, and from a linked worktree", () => {
    const repo = repository();
    repo.write("sub/a.txt", plain());
    repo.must("add", "--all");
    refused(repo.git("-C", "sub", "commit", "-m", "x", "."), "github", "sub/a.txt:1");
    const other = join(folder(), "tree");
    repo.must("worktree", "add", "-q", other);
    repo.write("../tree/b.txt", plain());
    repo.must("-C", other, "add", "b.txt");
    refused(repo.git("-C", other, "commit", "-m", "x"), "github", "b.txt:1");
  });

  it("object ids of 64 digits", () => {
    const repo = repository();
    const other = join(folder(), "sha256");
    repo.must("init", "-q", "--object-format=sha256", other);
    repo.must("-C", other, "config", "core.hooksPath", repo.must("config", "core.hooksPath"));
    repo.write("../sha256/a.txt", plain());
    repo.must("-C", other, "add", "a.txt");
    refused(repo.git("-C", other, "commit", "-m", "x"), "github", "a.txt:1");
  });

  it("a binary file, and a source that is no text", () => {
    const repo = repository();
    repo.write("a.bin", Buffer.concat([Buffer.alloc(5000, 0xfe), Buffer.from(`\0${plain()}\0`), Buffer.alloc(9000)]));
    refused(repo.commit("x"), "github", "a.bin:1");
    repo.must("rm", "-q", "--cached", "a.bin");
    repo.must("clean", "-fdq");
    repo.write(SOURCE, Buffer.from([0xff, 0xfe, 0, 1, 2, 3]));
    refused(repo.commit("x"), "source-form", `${SOURCE}:1`);
  });

  it("what is allowed by content, rule and reason, and nothing else", () => {
    const repo = repository();
    const value = plain();
    repo.write("a.txt", value);
    const answer = repo.commit("x");
    refused(answer, "github", "a.txt:1", value);
    const line = /^ {2}([0-9a-f]{40} github) REASON$/m.exec(answer.said)?.[1] ?? "";
    repo.write("guard/allow.txt", `${line}\n`);
    refused(repo.commit("x"), "allow-list", "guard/allow.txt:1");
    repo.write("guard/allow.txt", `${line} an example of the vendor's\n`);
    passes(repo.commit("x"));
    repo.write("a.txt", `${value}x`);
    refused(repo.commit("x"), "github", "a.txt:1", value);
  });

  it("a list of what is allowed that lies in the folder only allows nothing", () => {
    const repo = repository();
    repo.write("a.txt", plain());
    repo.must("add", "a.txt");
    const id = repo.must("rev-parse", ":a.txt");
    repo.write("guard/allow.txt", `${id} github because\n`);
    refused(repo.git("commit", "-m", "x"), "github", "a.txt:1");
  });

  it("lets a deletion of it pass", () => {
    const repo = repository();
    repo.write("a.txt", plain());
    repo.write(".env", "A=1");
    repo.commitUnseen("in");
    repo.must("rm", "-q", "a.txt", ".env");
    passes(repo.git("commit", "-q", "-m", "out"));
  });

  it("refuses when it cannot judge, and says so", () => {
    const repo = repository();
    repo.write("a.txt", "x");
    repo.must("add", "a.txt");
    const id = repo.must("rev-parse", ":a.txt");
    renameSync(join(repo.root, ".git/objects", id.slice(0, 2)), join(repo.root, ".git/objects", "gone"));
    const { code, said } = repo.git("commit", "-m", "x");
    assert.notEqual(code, 0);
    assert.match(said, /could not be judged \(a staged content cannot be read\), so it is refused/);
  });

  after(() => {
    console.log(
      `      routes: ${String(cases.positive)} positive, 0 missed; ${String(cases.negative)} negative, 0 false alarms`,
    );
  });
});
