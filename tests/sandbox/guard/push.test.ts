/**
 * Proves with real git that a push is judged commit by commit: what the pre-commit hook did not see (--no-verify, rebases,
 * cherry-picks, am, what a later commit took out again) does not leave the machine.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { pushedRanges } from "../../../guard/push.mjs";
import { signs } from "../../support/corpus/material.js";
import { temporaryFolder } from "../../support/folder.js";
import { Repository } from "../../support/guardRepository.js";

const plain = () => `ghp_${signs(36)}`;

describe("a push", () => {
  const folder = temporaryFolder();
  let count = 0;

  function repository(): Repository {
    count += 1;
    const repo = new Repository(join(folder(), `p${String(count)}`));
    const remote = join(folder(), `remote${String(count)}`);
    repo.must("init", "-q", "--bare", remote);
    repo.must("remote", "add", "origin", remote);
    repo.write("a.txt", "x");
    repo.commitUnseen("first");
    repo.must("push", "-q", "origin", "main");
    return repo;
  }

  function refused(repo: Repository, args: readonly string[], place: string, commit: string, rule = "github"): void {
    const { code, said } = repo.git("push", "-q", ...args);
    assert.notEqual(code, 0, said);
    assert.match(said, /this push is refused/);
    assert.ok(said.includes(`${place} (commit ${commit.slice(0, 12)}): ${rule}: `), said);
  }

  it("brings nothing that was committed with --no-verify", () => {
    const repo = repository();
    repo.write("b.txt", `\n${plain()}`);
    const bad = repo.commitUnseen("bad");
    refused(repo, ["origin", "main"], "b.txt:2", bad);
  });

  it("brings nothing that a later commit took out again", () => {
    const repo = repository();
    repo.write("b.txt", plain());
    const bad = repo.commitUnseen("bad");
    repo.write("b.txt", "clean");
    repo.commitUnseen("good");
    refused(repo, ["origin", "main"], "b.txt:1", bad);
  });

  it("of a new branch is judged from where the remote ends", () => {
    const repo = repository();
    repo.must("switch", "-q", "-c", "side");
    repo.write("b.txt", plain());
    const bad = repo.commitUnseen("bad");
    refused(repo, ["-u", "origin", "side"], "b.txt:1", bad);
  });

  it("of a tag is judged", () => {
    const repo = repository();
    repo.write("b.txt", plain());
    const bad = repo.commitUnseen("bad");
    repo.must("tag", "v1");
    repo.must("reset", "-q", "--hard", "HEAD~1");
    refused(repo, ["origin", "v1"], "b.txt:1", bad);
  });

  it("of what a merge slipped in is judged", () => {
    const repo = repository();
    repo.must("switch", "-q", "-c", "side");
    repo.write("s.txt", "s");
    repo.commitUnseen("s");
    repo.must("switch", "-q", "main");
    repo.write("m.txt", "m");
    repo.commitUnseen("m");
    repo.must("merge", "-q", "--no-commit", "--no-ff", "side");
    repo.write("m.txt", plain());
    const bad = repo.commitUnseen("merge");
    refused(repo, ["origin", "main"], "m.txt:1", bad);
  });

  it("of a message that holds it is judged", () => {
    const repo = repository();
    repo.write("b.txt", "y");
    const bad = repo.commitUnseen(`fix\n\nused ${plain()}`);
    refused(repo, ["origin", "main"], "(message of the commit):3", bad);
    repo.must("reset", "-q", "--hard", "HEAD~1");
    repo.must("tag", "-a", "v1", "-m", `used ${plain()}`);
    refused(repo, ["origin", "v1"], "(message of a tag):1", repo.must("rev-parse", "v1"));
  });

  it("of an .env file and of a source in clear is judged", () => {
    const repo = repository();
    repo.write("monitoring/.env", "A=1\n");
    const bad = repo.commitUnseen("env");
    repo.write("secrets/x.sops.yaml", "a: b\n");
    const worse = repo.commitUnseen("source");
    refused(repo, ["origin", "main"], "monitoring/.env", bad, "env-file");
    refused(repo, ["origin", "main"], "secrets/x.sops.yaml:1", worse, "source-not-encrypted");
  });

  it("passes with clean commits, a deletion, a force and nothing to do", () => {
    const repo = repository();
    repo.write("b.txt", "fine");
    repo.commitUnseen("good");
    repo.must("push", "-q", "origin", "main", "main:side");
    repo.must("push", "-q", "origin", ":side");
    repo.must("push", "-q", "origin", "main");
    repo.must("commit", "-q", "--amend", "--no-verify", "-m", "other");
    repo.must("push", "-q", "--force", "origin", "main");
  });

  it("passes with what the list in the pushed commit allows", () => {
    const repo = repository();
    repo.write("b.txt", plain());
    repo.commitUnseen("bad");
    repo.write("guard/allow.txt", `${repo.must("rev-parse", "HEAD:b.txt")} github revoked on 2026-11-26\n`);
    repo.commitUnseen("allowed");
    repo.must("push", "-q", "origin", "main");
  });

  it("does not judge again what the remote has", () => {
    const repo = repository();
    repo.write("b.txt", plain());
    repo.commitUnseen("bad");
    repo.must("push", "-q", "--no-verify", "origin", "main");
    repo.write("c.txt", "fine");
    repo.commitUnseen("good");
    repo.must("push", "-q", "origin", "main");
  });

  it("is read as githooks(5) says", () => {
    const [one, two, zero] = ["1", "2", "0"].map((sign) => sign.repeat(40));
    assert.deepEqual(pushedRanges(`refs/heads/a ${one} refs/heads/a ${two}\n`, "origin"), [
      { head: one, there: two, revs: [one, "--not", "--remotes=origin", two] },
    ]);
    assert.deepEqual(pushedRanges(`a ${one} a ${zero}\n(delete) ${zero} b ${two}\n`, "https://x.example/y"), [
      { head: one, there: undefined, revs: [one, "--not"] },
    ]);
  });
});
