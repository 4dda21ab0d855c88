/** Proves the rules for names, for example files, for what is shown of a finding, and for the list of what is allowed. */
import assert from "node:assert/strict";

import { Allowed, isAllowable, parseAllowances } from "../../../guard/allow.mjs";
import { asArgument, renderFinding, shownPath } from "../../../guard/finding.mjs";
import { judgePath, kindOfPath } from "../../../guard/judge.mjs";
import { exampleHits } from "../../../guard/rules/examples.mjs";
import { nameHits } from "../../../guard/rules/names.mjs";
import { signs } from "../../support/corpus/material.js";

const FILE = "100644";
const LINK = "120000";
const MODULE = "160000";

describe("the guard's rules for names", () => {
  const cases: readonly [string, string, string[]][] = [
    [".env", FILE, ["env-file"]],
    ["monitoring/.env", FILE, ["env-file"]],
    ["a b/.ENV.local", FILE, ["env-file"]],
    ["prod.env", FILE, ["env-file"]],
    [".envrc", FILE, ["env-file"]],
    [".env.example.bak", FILE, ["env-file"]],
    [".env", LINK, ["env-file"]],
    [".env", MODULE, ["env-file"]],
    [".env.example", FILE, []],
    ["monitoring/prod.env.example", FILE, []],
    ["core/environment.ts", FILE, []],
    ["env/readme.md", FILE, []],
    ["certs/site.p12", FILE, ["container"]],
    ["id_ed25519", FILE, ["container"]],
    ["id_ed25519.pub", FILE, []],
    ["my-token.txt", FILE, ["file-name"]],
    ["keys/public.txt", FILE, ["file-name"]],
    ["Passwords.md", FILE, ["file-name"]],
    ["secrets/api_keys.sops.yaml", FILE, []],
    ["secrets/sub/api_keys.sops.yaml", FILE, ["file-name"]],
    ["secrets/api_keys.yaml", FILE, ["file-name"]],
    ["secrets/notes.md", FILE, []],
    ["secrets/dump.json", FILE, ["source-kind"]],
    ["secrets/shared.sops.yaml", LINK, ["source-kind"]],
    ["secrets/shared.sops.yaml", MODULE, ["source-kind"]],
    ["README.md", FILE, []],
  ];
  for (const [path, mode, expected] of cases) {
    it(`${path} (${mode}): ${expected.join(", ") || "nothing"}`, () => {
      assert.deepEqual(
        nameHits(path, mode).map(({ rule }) => rule),
        expected,
      );
    });
  }

  it("finds a value in a name, and does not show it", () => {
    const value = `ghp_${signs(36)}`;
    const hits = judgePath(`notes/${value}.txt`, FILE);
    assert.ok(hits.some(({ rule }) => rule === "github"));
    const lines = hits.map((hit) => renderFinding({ ...hit, path: `notes/${value}.txt`, blob: "" })).join("\n");
    assert.equal(lines.includes(value.slice(8)), false, lines);
  });

  it("tells kinds of content by path", () => {
    const kinds = ["secrets/a.sops.yaml", ".sops.yaml", ".env.example", "x/go.sum", "a.ts"].map((path) =>
      kindOfPath(path, FILE),
    );
    assert.deepEqual(kinds, ["source", "rules", "example", "lock", "plain"]);
    assert.equal(kindOfPath("secrets/a.sops.yaml", LINK), "plain");
  });
});

describe("the guard's rule for examples", () => {
  const fine = [
    "",
    "# comment",
    "A=",
    "A=''",
    "export A=PLACEHOLDER",
    "A=<your value>",
    "A=your-api-key-here",
    "A=CHANGE_ME",
    "A=xxxxxxxx",
    "A=${B}",
    'A="example"',
    "PORT=8080",
    "DEBUG=true",
    "TZ=Europe/Berlin",
    "URL=http://localhost:3000",
    "LOG_LEVEL=info # or debug",
  ];
  const refused = [
    "A=hunter2",
    `A=${signs(20)}`,
    `A="${signs(12)}"`,
    "SMTP_HOST=mail.provider.net",
    "A=8080123",
    "just words",
    `A=example-${signs(24)}`,
    "A: value",
  ];
  for (const line of fine) {
    it(`lets pass ${JSON.stringify(line)}`, () => {
      assert.deepEqual(exampleHits(`B=\n${line}\r\n`), []);
    });
  }
  for (const line of refused) {
    it(`refuses ${JSON.stringify(line.replace(/[A-Za-z0-9]{12,}/, "…"))}`, () => {
      const hits = exampleHits(`B=\n${line}\n`);
      assert.deepEqual(
        hits.map(({ rule, line: at }) => [rule, at]),
        [["env-example", 2]],
      );
    });
  }
});

describe("a finding", () => {
  it("is one line: where, which rule, what, how to repair", () => {
    const line = renderFinding({
      path: "a b.ts",
      blob: "x",
      rule: "github",
      line: 7,
      what: "holds it",
      repair: "take it out",
    });
    assert.equal(line, "a b.ts:7: github: holds it. Repair: take it out");
    const inHistory = {
      path: "a",
      blob: "x",
      rule: "r",
      name: "smtp_password",
      what: "is",
      repair: "do",
      commit: "0123456789abcdef",
    };
    assert.equal(renderFinding(inHistory), "a (commit 0123456789ab): r: smtp_password is. Repair: do");
  });

  it("does not show a name that is a value", () => {
    const named = { path: "a", blob: "x", rule: "r", what: "is in clear", repair: "do" };
    assert.equal(renderFinding({ ...named, name: `ghp_${signs(36)}` }), "a: r: is in clear. Repair: do");
    assert.equal(renderFinding({ ...named, name: "a value with blanks" }), "a: r: is in clear. Repair: do");
  });

  it("shows paths without what a terminal would obey", () => {
    assert.equal(shownPath("ümläut/文件.ts"), "ümläut/文件.ts");
    assert.equal(shownPath("a\u001b[2Jb\nc"), String.raw`"a\u001b[2Jb\nc"`);
    assert.equal(shownPath("a\u202eb"), String.raw`"a\u202eb"`);
    assert.equal(shownPath('q"u'), String.raw`"q\"u"`);
    assert.equal(asArgument("-rf x"), '"-rf x"');
    assert.equal(asArgument("a/b-c.ts"), "a/b-c.ts");
  });
});

describe("the list of what is allowed", () => {
  const id = "0123456789abcdef0123456789abcdef01234567";

  it("allows one rule for one content", () => {
    const allowed = new Allowed(
      parseAllowances(`# why\n\n${id} github  an example of the vendor's\n${id} slack x\n`).allowances,
    );
    assert.equal(allowed.find({ blob: id, rule: "github" })?.reason, "an example of the vendor's");
    assert.equal(allowed.find({ blob: id, rule: "aws" }), undefined);
    assert.equal(allowed.find({ blob: id.replace("0", "1"), rule: "github" }), undefined);
    assert.deepEqual(
      allowed.unused().map(({ rule }) => rule),
      ["slack"],
    );
  });

  for (const [title, line] of [
    ["no reason", `${id} github`],
    ["a part of an object id", `${id.slice(0, 12)} github because`],
    ["a path", "docs/a.md github because"],
  ] as const) {
    it(`is refused with ${title}`, () => {
      const { allowances, fault } = parseAllowances(`# x\n${line}\n${id} github because\n`);
      assert.equal(fault?.line, 2);
      assert.deepEqual(allowances, []);
    });
  }

  it("is no way to commit a source in clear", () => {
    assert.deepEqual(
      ["source-not-encrypted", "source-recipients", "root-of-trust", "lock-out", "sops-rules"].filter(isAllowable),
      [],
    );
    assert.ok(isAllowable("github") && isAllowable("env-file") && isAllowable("file-name"));
  });
});
