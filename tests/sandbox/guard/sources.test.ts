/**
 * Proves with real git and real sops what happens when sources and their rules are committed: recipients equal to the rule,
 * nobody locked out, and a pending row of the rotation log in the very commit that changes a value, whichever way it is made.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { LOG_FILE, parseLog } from "../../../core/rotation/log.mjs";
import { temporaryFolder } from "../../support/folder.js";
import { ageIdentity, type AgeIdentity } from "../../support/identities.js";
import { Repository } from "../../support/guardRepository.js";
import { useTools } from "../../support/tools.js";

const LOG = `# Log

| Date | Secret | Reason | Rotator | Confirmed in sync | Note |
| ---- | ------ | ------ | ------- | ----------------- | ---- |
| 2026-01-01 | old | x | y | yes | mine |

Words behind it.
`;
const SHARED = "secrets/shared.sops.yaml";
const HOST = "secrets/vps-i1.sops.yaml";
const TODAY = new Date().toISOString().slice(0, 10);

describe("sources in a commit", () => {
  const folder = temporaryFolder();
  let ada: AgeIdentity;
  let eve: AgeIdentity;
  let gha: AgeIdentity;
  let count = 0;
  before(async () => {
    await useTools();
    ada = await ageIdentity();
    eve = await ageIdentity();
    gha = await ageIdentity();
  });

  const rules = (shared: readonly AgeIdentity[], host: readonly AgeIdentity[] = shared) =>
    [
      "keys:",
      `  - &dev_ada ${ada.recipient}`,
      `  - &dev_eve ${eve.recipient}`,
      `  - &gha_runner ${gha.recipient}`,
      "creation_rules:",
      ...[["shared", shared] as const, ["vps-i1", host] as const].flatMap(([name, who]) => [
        `  - path_regex: ^secrets/${name}\\.sops\\.yaml$`,
        "    key_groups:",
        `      - age: [${who.map((one) => ({ [ada.recipient]: "*dev_ada", [eve.recipient]: "*dev_eve", [gha.recipient]: "*gha_runner" })[one.recipient] ?? "").join(", ")}]`,
      ]),
      "",
    ].join("\n");

  function sops(repo: Repository, args: readonly string[], input = ""): void {
    const { status, stderr } = spawnSync("sops", args, { cwd: repo.root, env: repo.env, input, encoding: "utf8" });
    assert.equal(status, 0, stderr);
  }

  function encrypt(repo: Repository, path: string, values: object): void {
    sops(
      repo,
      ["encrypt", "--filename-override", path, "--input-type", "json", "--output-type", "yaml", "--output", path],
      JSON.stringify(values),
    );
  }

  const set = (repo: Repository, path: string, key: string, value: string) =>
    sops(repo, ["set", "--value-stdin", path, `["${key}"]`], JSON.stringify(value));

  /** Two sources, rules and a log, committed. */
  function repository(): Repository {
    count += 1;
    const repo = new Repository(join(folder(), `s${String(count)}`));
    repo.env["SOPS_AGE_KEY"] = ada.identity;
    repo.env["PATH"] = process.env["PATH"];
    repo.write(".sops.yaml", rules([ada, gha]));
    repo.write(LOG_FILE, LOG);
    repo.write("secrets/.keep.md", "");
    encrypt(repo, SHARED, { smtp_password: "one", api_key: "two", both: "three" });
    encrypt(repo, HOST, { both: "four" });
    const first = repo.commit("first");
    assert.equal(first.code, 0, first.said);
    return repo;
  }

  const rows = (repo: Repository, revision = "HEAD") =>
    parseLog(repo.must("show", `${revision}:${LOG_FILE}`))
      .slice(1)
      .map(({ date, secret, rotator, state }) => `${date} ${secret} ${rotator} ${state}`);
  const row = (secret: string) => `${TODAY} ${secret} Ada pending`;

  it("gets no row at the first encryption of a file", () => {
    assert.deepEqual(rows(repository()), []);
  });

  it("gets its pending row in the same commit, which keeps what people wrote", () => {
    const repo = repository();
    set(repo, SHARED, "smtp_password", "new");
    const { code, said } = repo.commit("rotate");
    assert.equal(code, 0, said);
    assert.match(said, /pending row for smtp_password/);
    assert.deepEqual(rows(repo), [row("smtp_password")]);
    assert.equal(repo.must("status", "--porcelain"), "");
    const text = readFileSync(join(repo.root, LOG_FILE), "utf8");
    assert.ok(text.startsWith(LOG.slice(0, LOG.indexOf("\nWords"))) && text.endsWith("Words behind it.\n"), text);
  });

  for (const [title, args] of [
    ["git commit -a", ["commit", "-a", "-q", "-m", "x"]],
    ["git commit -- PATH", ["commit", "-q", "-m", "x", "--", SHARED]],
    ["git commit --include PATH", ["commit", "-q", "-m", "x", "--include", SHARED]],
  ] as const) {
    it(`gets it with ${title}, and the next commit does not take it away`, () => {
      const repo = repository();
      set(repo, SHARED, "api_key", "new");
      repo.must(...args);
      assert.deepEqual(rows(repo), [row("api_key")]);
      assert.equal(repo.must("status", "--porcelain"), "");
      repo.write("other.txt", "x");
      repo.must("add", "other.txt");
      repo.must("commit", "-q", "-m", "next");
      assert.deepEqual(rows(repo), [row("api_key")]);
    });
  }

  it("leaves alone what is changed in the log and not staged", () => {
    const repo = repository();
    repo.write(LOG_FILE, `${LOG}\nA note that is not ready.\n`);
    set(repo, SHARED, "api_key", "new");
    repo.must("add", SHARED);
    repo.must("commit", "-q", "-m", "x");
    assert.doesNotMatch(repo.must("show", `HEAD:${LOG_FILE}`), /not ready/);
    const text = readFileSync(join(repo.root, LOG_FILE), "utf8");
    assert.match(text, /not ready/);
    assert.equal(parseLog(text).length, 2);
    assert.deepEqual(rows(repo), [row("api_key")]);
  });

  it("adds none where the commit brings its row itself, and none when it is amended", () => {
    const repo = repository();
    set(repo, SHARED, "api_key", "new");
    repo.write(LOG_FILE, LOG.replace("\nWords", `| ${TODAY} | api_key | by hand | Eve | PENDING | |\n\nWords`));
    assert.equal(repo.commit("x").code, 0);
    assert.deepEqual(rows(repo), [`${TODAY} api_key Eve pending`]);
    repo.must("commit", "-q", "--amend", "-m", "y");
    assert.equal(rows(repo).length, 1);
  });

  it("names the source where two have the key", () => {
    const repo = repository();
    set(repo, HOST, "both", "new");
    assert.equal(repo.commit("x").code, 0);
    assert.deepEqual(rows(repo), [row("vps-i1/both")]);
  });

  it("gets no row for a new data key, which changes no value", () => {
    const repo = repository();
    sops(repo, ["rotate", "--in-place", SHARED]);
    const { code, said } = repo.commit("x");
    assert.deepEqual([code, said, rows(repo)], [0, "", []]);
  });

  it("says that it cannot tell when the file was decrypted and encrypted anew", () => {
    const repo = repository();
    sops(repo, ["decrypt", "--in-place", SHARED]);
    sops(repo, ["encrypt", "--in-place", SHARED]);
    const { code, said } = repo.commit("x");
    assert.equal(code, 0);
    assert.match(said, /was encrypted anew, so it cannot be told here which values changed/);
    assert.deepEqual(rows(repo), []);
  });

  it("says that there is no log, and commits", () => {
    const repo = repository();
    repo.must("rm", "-q", LOG_FILE);
    repo.commitUnseen("no log");
    set(repo, SHARED, "api_key", "new");
    const { code, said } = repo.commit("x");
    assert.equal(code, 0);
    assert.match(said, /no row was written/);
  });

  it("merged from two branches gets no row twice", () => {
    const repo = repository();
    repo.must("switch", "-q", "-c", "side");
    set(repo, HOST, "both", "side");
    assert.equal(repo.commit("side").code, 0);
    repo.must("switch", "-q", "main");
    repo.write("x.txt", "x");
    repo.commitUnseen("main");
    repo.must("merge", "-q", "--no-edit", "side");
    assert.deepEqual(rows(repo), [row("vps-i1/both")]);
  });

  it("is refused with recipients that are not its rule's", () => {
    const repo = repository();
    sops(repo, ["rotate", "--in-place", "--add-age", eve.recipient, SHARED]);
    const { code, said } = repo.commit("x");
    assert.equal(code, 1);
    assert.match(said, /secrets\/shared\.sops\.yaml: source-recipients: .*Repair: sops updatekeys secrets\/shared/);
  });

  it("is refused in clear, also when sops left it so after a failed edit", () => {
    const repo = repository();
    repo.write(SHARED, "smtp_password: 12345678901234567890\n");
    const { code, said } = repo.commit("x");
    assert.equal(code, 1);
    assert.match(said, /source-not-encrypted/);
    assert.doesNotMatch(said, /12345678/);
  });
});

describe("the rules of the sources in a commit", () => {
  const folder = temporaryFolder();
  let repo: Repository;
  let ada: AgeIdentity;
  let eve: AgeIdentity;
  let gha: AgeIdentity;

  const rules = (...who: readonly string[]) =>
    `keys:\n  - &dev_ada ${ada.recipient}\n  - &dev_eve ${eve.recipient}\n  - &gha_runner ${gha.recipient}\ncreation_rules:\n  - path_regex: ^secrets/shared\\.sops\\.yaml$\n    key_groups:\n      - age: [${who.join(", ")}]\n`;

  before(async () => {
    await useTools();
    ada = await ageIdentity();
    eve = await ageIdentity();
    gha = await ageIdentity();
    repo = new Repository(join(folder(), "rules"));
    repo.env["PATH"] = process.env["PATH"];
    repo.env["SOPS_AGE_KEY"] = ada.identity;
    repo.write(".sops.yaml", rules("*dev_ada", "*gha_runner"));
    repo.write("secrets/.keep.md", "");
    const args = [
      "encrypt",
      "--filename-override",
      SHARED,
      "--input-type",
      "json",
      "--output-type",
      "yaml",
      "--output",
      SHARED,
    ];
    spawnSync("sops", args, { cwd: repo.root, env: repo.env, input: '{"a":"b"}' });
    repo.commitUnseen("first");
  });
  afterEach(() => {
    repo.must("reset", "-q", "--hard");
    repo.env["SOPS_AGE_KEY"] = ada.identity;
  });

  function change(text: string, update: boolean): string {
    repo.write(".sops.yaml", text);
    if (update) {
      const { status } = spawnSync("sops", ["updatekeys", "--yes", SHARED], { cwd: repo.root, env: repo.env });
      assert.equal(status, 0);
    }
    repo.must("add", "--all");
    const { code, said } = repo.git("commit", "-q", "-m", "x");
    if (code === 0) {
      repo.must("reset", "-q", "--hard", "HEAD~1");
    }
    return code === 0 ? `passes ${said}`.trim() : said;
  }

  it("pass with all files updated", () => {
    assert.match(change(rules("*dev_ada", "*dev_eve", "*gha_runner"), true), /^passes/);
  });

  it("are refused while a file has not followed", () => {
    const said = change(rules("*dev_ada", "*dev_eve", "*gha_runner"), false);
    assert.match(said, /shared\.sops\.yaml: source-recipients/);
  });

  it("are refused with one recipient only", () => {
    assert.match(change(rules("*dev_ada"), true), /\.sops\.yaml:6: lock-out: this rule has fewer than two recipients/);
  });

  it("are refused without a developer", () => {
    const said = change(rules("*gha_runner", "age1somebody"), false);
    assert.match(said, /lock-out: this rule has no developer/);
  });

  it("are refused when the one who changes them could not open the result", () => {
    const said = change(rules("*dev_eve", "*gha_runner"), true);
    assert.match(said, /lock-out: this rule was changed so that you could not open its files any more/);
  });

  it("are refused when no identity is found here", () => {
    delete repo.env["SOPS_AGE_KEY"];
    assert.match(change(rules("*dev_ada", "*dev_eve", "*gha_runner"), false), /no age identity was found here/);
  });

  it("know a post-quantum identity", async () => {
    const age = await import("age-encryption");
    const hybrid = await age.generateHybridIdentity();
    const recipient = await age.identityToRecipient(hybrid);
    repo.env["SOPS_AGE_KEY"] = hybrid;
    const text = rules("*dev_ada", "*dev_pq").replace("  - &dev_eve", `  - &dev_pq ${recipient}\n  - &dev_eve`);
    assert.doesNotMatch(change(text, false), /lock-out/);
  });

  it("are refused when they cannot be understood", () => {
    assert.match(change("creation_rules: {}\n", false), /\.sops\.yaml:1: sops-rules/);
  });

  it("are refused when they are deleted while sources stay", () => {
    repo.must("rm", "-q", ".sops.yaml");
    assert.match(repo.git("commit", "-m", "x").said, /sops-rules: is missing/);
  });

  it("may go together with the sources, as the back-out plan has it", () => {
    repo.must("rm", "-q", "-r", ".sops.yaml", "secrets");
    assert.equal(repo.git("commit", "-q", "-m", "x").code, 0);
    repo.must("reset", "-q", "--hard", "HEAD~1");
  });
});
