import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";

import { readDotenv } from "../../../sandbox/docker/dotenv.js";

const PROGRAM = readFileSync(join(__dirname, "../../../host/p24-host"), "utf8");
const SCANNER = /^scanner='\n([^']*)'$/m.exec(PROGRAM)?.[1] ?? "";
/** A run of the property looks at up to forty texts: one shell starts awk for all of them, which is much quicker. */
const RUNS = Number(process.env["P24_RUNS"] ?? 12);
const SEED = Number(process.env["P24_SEED"] ?? Math.floor(Math.random() * 0x7fffffff));

const AWKS = [["/usr/bin/mawk"], ["/usr/bin/gawk"], ["/usr/bin/original-awk"], ["/usr/bin/busybox", "awk"]].filter(
  ([path]) => existsSync(path ?? ""),
);

/** What a text is made of: everything that moves the border of an assignment, and a few names of ours. */
const PIECES = [
  ..."OURS=|MINE=|OURS='|MINE=\"|export OURS=|OTHER=|OTHER='|OTHER=\"|x.y-z[0]: |SECRET|value".split("|"),
  ..."' \" \\ \\' \\\" \\\\ = : # $ $$ \\n [ a 0 é 漢 żółw= \u0000".split(" "),
  ...[
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    " ",
    " #",
    "\t",
    "\v",
    "export ",
    "export\t",
    "\u00a0",
    "\u0085",
    "\u2003",
    "\ufeff",
    "BARE\n",
    "A B=c\n",
  ],
];
const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join(""));
const anyBytes = fc
  .tuple(text, fc.uint8Array({ maxLength: 4 }), text)
  .map(([before, bytes, after]) => Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]));

/** The scanner of host/p24-host against a port of Compose's own reader. */
for (const [awk = "", ...options] of AWKS) {
  describe(`host program: the scanner of .env files, with ${[awk, ...options].join(" ")}`, () => {
    const dir = mkdtempSync(join(tmpdir(), "p24-scanner-"));
    const names = join(dir, "names");
    writeFileSync(names, "OURS\nMINE\n");
    after(() => {
      rmSync(dir, { recursive: true });
    });

    function scanAll(give: "own" | "names" | "strict", contents: readonly (string | Buffer)[]): string[] {
      const files = contents.map((_, at) => join(dir, String(at)));
      contents.forEach((content, at) => {
        writeFileSync(files[at] ?? "", content);
      });
      const loop = `for file in ${files.map((_, at) => String(at)).join(" ")}; do "$@" "$file" >"$file.out" || exit 1; done`;
      const args = ["-c", loop, "sh", awk, ...options, SCANNER, "pass=own", names, "pass=env", `give=${give}`];
      execFileSync("/bin/sh", args, { env: { LC_ALL: "C" }, cwd: dir });
      return files.map((file) => readFileSync(`${file}.out`, "utf8"));
    }

    const scan = (give: "own" | "names" | "strict", content: string) => scanAll(give, [content])[0] ?? "";
    // busybox' awk drops NUL bytes. No process starts with a .env that has one.
    const readable = (source: string) => (awk.endsWith("busybox") ? source.replaceAll("\0", "") : source);
    const batches = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 40, size: "max" });
    const parameters = { numRuns: RUNS, seed: SEED };

    it(`gives the assignments that Compose reads, to the letter; P24_SEED=${String(SEED)}`, function () {
      this.timeout(300_000);
      const check = (source: string, answer: Answer) => {
        const { statements, error } = readDotenv(source);
        // What Compose reads and we do not look through: names outside ASCII, blanks of Unicode, a blank inside a name.
        const ascii = /^\ufeff?[\0-\x7f]*$/.test(source) && statements.every(({ name }) => /^[\][\w.-]*$/.test(name));
        const wanted = ownStatements(source);
        assert.deepEqual(answer.own, ascii ? wanted : wanted.slice(0, answer.own.length));
        assert.ok(error === undefined || answer.unread > 0, "what cannot be read is counted");
        if (ascii && error === undefined) {
          const foreign = statements.map(({ name }) => name).filter((name) => name !== "" && !isOurs(name));
          assert.deepEqual(answer.names, foreign);
        }
      };
      fc.assert(
        fc.property(batches(text.map(readable)), (sources) => {
          scanAll("own", sources).forEach((answer, at) => {
            check(sources[at] ?? "", readAnswer(answer));
          });
        }),
        parameters,
      );
    });

    it(`gives nothing else, whatever the bytes are; P24_SEED=${String(SEED)}`, function () {
      this.timeout(300_000);
      fc.assert(
        fc.property(
          batches(anyBytes.map((bytes) => Buffer.from(readable(bytes.toString("latin1")), "latin1"))),
          (sources) => {
            scanAll("own", sources).forEach((answer, at) => {
              const { own } = readAnswer(answer);
              assert.deepEqual(own, ownStatements(sources[at]?.toString("utf8") ?? "").slice(0, own.length));
            });
          },
        ),
        parameters,
      );
    });

    it(`names every assignment, also behind what cannot be read; P24_SEED=${String(SEED)}`, function () {
      this.timeout(300_000);
      fc.assert(
        fc.property(batches(text.map(readable)), (sources) => {
          scanAll("names", sources).forEach((answer, at) => {
            const said = answer.split("\n");
            for (const { name } of readDotenv(sources[at] ?? "").statements) {
              assert.ok(name === "" || said.includes(name) || said.includes("?"), JSON.stringify([name, sources[at]]));
            }
          });
        }),
        parameters,
      );
      assert.equal(scan("names", "OURS='\nHIDDEN=1\n  export ALSO = 2\n# NOT=3\n"), "OURS\nHIDDEN\nALSO\n");
      assert.equal(scan("names", "some garbage\nOURS='\nNO=1\n' HIDDEN=1\nżółw=2\n"), "OURS\nHIDDEN\n?\n");
    });

    it("strict says when anything could not be read", () => {
      assert.equal(scan("strict", "A=1\nB='2'\n# x\n\n"), "A\nB\n");
      for (const text of ["A=1\nBARE\n", "A='1\n", "A=1\nx y\n", "=1\n"]) {
        assert.match(scan("strict", text), /^\?$/m);
      }
    });

    it("a value of many lines and a long line take no time", () => {
      const long = `OURS='${"x".repeat(700_000)}'\nMINE="${'line \\" \n'.repeat(60_000)}"\n`;
      const before = Date.now();
      assert.deepEqual(
        readAnswer(scan("own", long)).own.map(({ length }) => length),
        [700_007, 60_000 * 9 + 7],
      );
      assert.ok(Date.now() - before < 5000);
    });
  });
}

interface Answer {
  /** The raw text of every assignment of ours. */
  readonly own: string[];
  readonly names: string[];
  readonly unread: number;
}

function readAnswer(answer: string): Answer {
  const own: string[] = [];
  const names: string[] = [];
  let unread = 0;
  for (const line of answer.split("\n")) {
    if (line.startsWith("own ")) {
      own.push("");
    } else if (line.startsWith("|")) {
      const before = own.pop() ?? "";
      own.push(before === "" ? line.slice(1) : `${before}\n${line.slice(1)}`);
    } else if (line.startsWith("name ")) {
      names.push(line.slice(5));
    } else if (line.startsWith("unread ")) {
      unread = Number(line.slice(7));
    }
  }
  return { own, names, unread };
}

function isOurs(name: string): boolean {
  return name === "OURS" || name === "MINE";
}

function ownStatements(source: string): string[] {
  return readDotenv(source)
    .statements.filter(({ name }) => isOurs(name))
    .map(({ start, end }) => source.slice(start, end));
}

describe("host program: the scanner of .env files", () => {
  it("was tried with an awk", () => {
    assert.ok(SCANNER.length > 500);
    assert.ok(AWKS.length > 0);
  });
});
