/** Proves of core/bundle.cjs that a bundle never runs but what the sources say now, and that a start needs none. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");

describe("a bundle", function () {
  this.timeout(60_000);
  let root: string;
  const bundles = () => join(root, "node_modules/.cache/p24/bundles");
  const write = (file: string, text: string) => {
    writeFileSync(join(root, file), text);
  };
  const start = (...options: string[]) =>
    execFileSync(process.execPath, [...options, "--require", "./core/loader.cjs", "--eval", 'require("./index.ts")'], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "p24-bundle-"));
    for (const folder of ["core", "node_modules/said", "node_modules/@pulumi/pulumi/cmd/run"]) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    for (const file of ["loader.cjs", "bundle.cjs", "bundler.cjs", "sdk.cjs"]) {
      copyFileSync(join(ROOT, "core", file), join(root, "core", file));
    }
    for (const name of ["esbuild", "tsx"]) {
      symlinkSync(join(ROOT, "node_modules", name), join(root, "node_modules", name), "junction");
    }
    // The least of an SDK: it knows of what it was told, and starts a program.
    write("node_modules/@pulumi/pulumi/package.json", '{ "name": "@pulumi/pulumi", "main": "index.js" }');
    write("node_modules/@pulumi/pulumi/index.js", 'exports.told = "nothing";');
    write(
      "node_modules/@pulumi/pulumi/cmd/run/index.js",
      'require("../../index").told = "by the engine"; require(process.argv[2]);',
    );
    write("node_modules/said/package.json", '{ "name": "said", "main": "index.js" }');
    write("node_modules/said/index.js", 'exports.said = "first package";');
    write("core/own.ts", 'export const own: string = "first source";');
    write(
      "index.ts",
      `import * as pulumi from "@pulumi/pulumi";
       import { here } from "./core/here.mjs";
       import { own } from "./core/own.js";
       import { said } from "said";
       const late = () => require("./core/late.js") as { late: string };
       console.log([own, said, late().late, pulumi.told, here && __dirname === ${JSON.stringify(root)}].join(", "));`,
    );
    write("core/late.ts", 'export const late = "late";');
    write("core/here.mjs", 'export const here = import.meta.url.endsWith("/core/here.mjs");');
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it("is made once, with its code, and says what the sources say", () => {
    const said = "first source, first package, late, nothing, true\n";
    assert.equal(start(), said);
    const made = readdirSync(bundles());
    assert.equal(made.length, 3, made.join());
    assert.equal(start(), said);
    assert.deepEqual(readdirSync(bundles()), made);
  });

  it("is made anew when a source or a package has changed, and the former one goes", () => {
    start();
    write("core/own.ts", 'export const own: string = "other source";');
    assert.equal(start(), "other source, first package, late, nothing, true\n");
    write("node_modules/said/index.js", 'exports.said = "later package";');
    assert.equal(start(), "other source, later package, late, nothing, true\n");
    write("core/late.ts", 'export const late = "later";');
    assert.equal(start(), "other source, later package, later, nothing, true\n");
    assert.equal(readdirSync(bundles()).length, 3);
  });

  for (const letters of ["§9", "Grüße", "►", "😀"]) {
    it(`keeps letters of all alphabets: ${letters}`, () => {
      write(
        "core/own.ts",
        `const text = ${JSON.stringify(letters)}; const raw = String.raw\`${letters}\`;
         export const own = String(/^${letters}$/.test(text) && text === raw && text.length === ${String(letters.length)});`,
      );
      assert.deepEqual([start(), start()], Array(2).fill("true, first package, late, nothing, true\n"));
    });
  }

  it("is made anew when a part of it is gone or cut off", () => {
    start();
    const [text = "", code = ""] = readdirSync(bundles()).filter((file) => file.startsWith("program-"));
    write(join("node_modules/.cache/p24/bundles", code), "cut off");
    assert.equal(start(), "first source, first package, late, nothing, true\n");
    rmSync(join(bundles(), text));
    assert.equal(start(), "first source, first package, late, nothing, true\n");
    write("node_modules/.cache/p24/bundles/program.json", '{"ro');
    assert.equal(start(), "first source, first package, late, nothing, true\n");
  });

  it("is done without where none can be kept", () => {
    write("node_modules/.cache", "a file in the way");
    assert.equal(start(), "first source, first package, late, nothing, true\n");
  });

  it("has the SDK that starts it, whoever asks for it", () => {
    const said = "first source, first package, late, by the engine, true\n";
    const sdk = "node_modules/@pulumi/pulumi/cmd/run/index.js";
    const asEngine = () =>
      execFileSync(process.execPath, ["--require", "./core/loader.cjs", sdk, join(root, "index.ts")], {
        cwd: root,
        encoding: "utf8",
      });
    assert.deepEqual([asEngine(), asEngine()], [said, said]);
    const other = 'require("./index.ts"); console.log(require("@pulumi/pulumi").told)';
    const args = ["--require", "./core/loader.cjs", "--eval"];
    const run = (code: string) => execFileSync(process.execPath, [...args, code], { cwd: root, encoding: "utf8" });
    assert.equal(run(other), "first source, first package, late, nothing, true\nnothing\n");
    const loaded = 'require("@pulumi/pulumi").told = "before";';
    assert.equal(run(`${loaded} require("./index.ts")`), "first source, first package, late, before, true\n");
  });

  it("is not made beside packages that are another checkout's", () => {
    renameSync(join(root, "node_modules"), join(root, "theirs"));
    symlinkSync(join(root, "theirs"), join(root, "node_modules"), "junction");
    assert.equal(start(), "first source, first package, late, nothing, true\n");
    assert.ok(!readdirSync(join(root, "theirs")).includes(".cache"));
  });

  it("is made without the environment, where credentials stand", () => {
    write(
      "core/bundler.cjs",
      `require("node:fs").writeFileSync("environment", JSON.stringify(process.env)); process.exit(1);`,
    );
    execFileSync(process.execPath, ["--require", "./core/loader.cjs", "--eval", 'require("./index.ts")'], {
      cwd: root,
      env: { ...process.env, PULUMI_CONFIG_PASSPHRASE: "canary" },
    });
    const seen = Object.keys(JSON.parse(readFileSync(join(root, "environment"), "utf8")) as object);
    assert.deepEqual(
      seen.filter((name) => !["PATH", "SystemRoot", "TEMP"].includes(name)),
      [],
    );
  });

  it("is not used with source maps, and a source that cannot be read is named as ever", () => {
    assert.equal(start("--enable-source-maps"), "first source, first package, late, nothing, true\n");
    assert.ok(!readdirSync(join(root, "node_modules")).includes(".cache"));
    write("core/own.ts", "export const own = ;");
    assert.throws(() => start(), /own\.ts/);
  });
});
