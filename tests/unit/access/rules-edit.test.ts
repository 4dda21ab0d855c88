/**
 * Proves the edits of .sops.yaml: what is added and what is taken away, that every other byte stays, and that a form which
 * they do not know is refused rather than spoiled.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import fc from "fast-check";

import { withOtherRecipient, withoutRecipient, withRecipient } from "../../../core/access/rulesEdit.js";
import { parseRecipients } from "../../../core/model/recipients.js";
import { faultsOf } from "../../support/faults.js";

const CANNOT = /^\.sops\.yaml: has rules of a form that p24 cannot edit\. Repair: /;

/** A text, and what becomes of it with dev_new in its first rules. */
interface Case {
  readonly title: string;
  readonly before: string;
  readonly after: string;
  readonly chosen?: readonly number[];
}

const KEYS = "keys:\n  - &dev_a age1a\n  - &run age1run\n";
const MORE = "keys:\n  - &dev_a age1a\n  - &dev_new age1new\n  - &run age1run\n";

const ADDED: readonly Case[] = [
  {
    title: "lists in brackets",
    before: `${KEYS}creation_rules:\n  - path_regex: a\n    key_groups:\n      - age: [*dev_a, *run]\n`,
    after: `${MORE}creation_rules:\n  - path_regex: a\n    key_groups:\n      - age: [*dev_a, *dev_new, *run]\n`,
  },
  {
    title: "lists of lines",
    before: `${KEYS}creation_rules:\n  - path_regex: a\n    key_groups:\n      - age:\n          - *dev_a\n          - *run\n`,
    after: `${MORE}creation_rules:\n  - path_regex: a\n    key_groups:\n      - age:\n          - *dev_a\n          - *dev_new\n          - *run\n`,
  },
  {
    title: "a whole rule in braces",
    before: `${KEYS}creation_rules:\n  - { path_regex: a, key_groups: [{ age: [*run, *dev_a] }] }\n`,
    after: `${MORE}creation_rules:\n  - { path_regex: a, key_groups: [{ age: [*run, *dev_a, *dev_new] }] }\n`,
  },
  {
    title: "age beside path_regex",
    before: `${KEYS}creation_rules:\n  - path_regex: a\n    age: [*dev_a, *run]\n`,
    after: `${MORE}creation_rules:\n  - path_regex: a\n    age: [*dev_a, *dev_new, *run]\n`,
  },
  {
    title: "keys in one line",
    before: "keys: [&dev_a age1a, &run age1run]\ncreation_rules:\n  - path_regex: a\n    age: [*dev_a, *run]\n",
    after:
      "keys: [&dev_a age1a, &dev_new age1new, &run age1run]\ncreation_rules:\n  - path_regex: a\n    age: [*dev_a, *dev_new, *run]\n",
  },
  {
    title: "comments, blank lines, quotes, and a list over several lines",
    before: `# Who.\nkeys:\n  # people\n  - &dev_a "age1a" # Anna\n\n  # machines\n  - &run 'age1run'\ncreation_rules:\n  # all\n  - path_regex: a # b\n    key_groups:\n      - age: [\n          *dev_a, # Anna\n          *run,\n        ]\n# end\n`,
    after: `# Who.\nkeys:\n  # people\n  - &dev_a "age1a" # Anna\n  - &dev_new age1new\n\n  # machines\n  - &run 'age1run'\ncreation_rules:\n  # all\n  - path_regex: a # b\n    key_groups:\n      - age: [\n          *dev_a, *dev_new, # Anna\n          *run,\n        ]\n# end\n`,
  },
  {
    title: "one list that several rules share",
    before: `${KEYS}creation_rules:\n  - path_regex: a\n    key_groups: [{ age: &all [*dev_a, *run] }]\n  - path_regex: b\n    key_groups: [{ age: *all }]\n`,
    after: `${MORE}creation_rules:\n  - path_regex: a\n    key_groups: [{ age: &all [*dev_a, *dev_new, *run] }]\n  - path_regex: b\n    key_groups: [{ age: *all }]\n`,
    chosen: [0, 1],
  },
  {
    title: "recipients that a rule does not name by anchors",
    before: `${KEYS}creation_rules:\n  - path_regex: a\n    age: [age1a, age1other]\n`,
    after: `${MORE}creation_rules:\n  - path_regex: a\n    age: [age1a, *dev_new, age1other]\n`,
  },
  {
    title: "other indentation, and no line end at the end",
    before: "keys:\n- &dev_a age1a\ncreation_rules:\n-   path_regex: a\n    age:\n    -   *dev_a",
    after:
      "keys:\n- &dev_a age1a\n- &dev_new age1new\ncreation_rules:\n-   path_regex: a\n    age:\n    -   *dev_a\n    -   *dev_new",
  },
  {
    title: "one rule of two",
    before: `${KEYS}creation_rules:\n  - path_regex: a\n    age: [*dev_a, *run]\n  - path_regex: b\n    age: [*run, *dev_a]\n`,
    after: `${MORE}creation_rules:\n  - path_regex: a\n    age: [*dev_a, *run]\n  - path_regex: b\n    age: [*run, *dev_a, *dev_new]\n`,
    chosen: [1],
  },
];

const crlf = (text: string) => text.replaceAll("\n", "\r\n");
const add = (text: string, chosen: readonly number[] = [0]) =>
  withRecipient(text, "dev_new", "age1new", new Set(chosen));

describe("the edits of .sops.yaml", () => {
  for (const { title, before, after, chosen } of ADDED) {
    it(`add a recipient: ${title}`, () => {
      assert.equal(add(before, chosen), after);
    });

    it(`add it with a checkout's line ends: ${title}`, () => {
      assert.equal(add(crlf(before), chosen), crlf(after));
    });

    it(`take it away again, and leave what was there: ${title}`, () => {
      assert.equal(withoutRecipient(after, "dev_new").trimEnd(), before.trimEnd());
      assert.equal(withoutRecipient(crlf(after), "dev_new").trimEnd(), crlf(before).trimEnd());
    });
  }

  const GONE: readonly (readonly [title: string, before: string, after: string])[] = [
    ["the first of a list in brackets", "[*dev_x, *dev_a, *run]", "[*dev_a, *run]"],
    ["the last one", "[*dev_a, *run, *dev_x]", "[*dev_a, *run]"],
    ["every mention", "[*dev_x, *dev_a, *dev_x, *run, age1x]", "[*dev_a, *run]"],
    [
      "a line of its own with its comment",
      "[\n        *dev_a, # A\n        *dev_x, # X\n        *run # R\n      ]",
      "[\n        *dev_a, # A\n        *run # R\n      ]",
    ],
    [
      "the last line of its own",
      "[\n        *dev_a, # A\n        *run, # R\n        *dev_x # X\n      ]",
      "[\n        *dev_a, # A\n        *run, # R\n      ]",
    ],
  ];
  for (const [title, before, after] of GONE) {
    it(`take a recipient away: ${title}`, () => {
      const text = (keys: string, list: string) =>
        `keys:\n  - &dev_a age1a\n${keys}  - &run age1run\ncreation_rules:\n  - path_regex: a\n    age: ${list}\n`;
      assert.equal(withoutRecipient(text("  - &dev_x age1x # X\n", before), "dev_x"), text("", after));
    });
  }

  it("put another recipient behind a name, and nothing else", () => {
    const text = `${KEYS}creation_rules:\n  - path_regex: a\n    age: [*dev_a, *run] # all\n`;
    assert.equal(withOtherRecipient(text, "run", "age1next"), text.replace("age1run", "age1next"));
    assert.equal(withOtherRecipient(crlf(text), "run", "age1next"), crlf(text).replace("age1run", "age1next"));
  });

  const UNKNOWN: readonly (readonly [title: string, text: string])[] = [
    ["keys that are a map", "keys:\n  dev_a: &dev_a age1a\ncreation_rules:\n  - path_regex: a\n    age: [*dev_a]\n"],
    ["recipients in one text", `${KEYS}creation_rules:\n  - path_regex: a\n    age: age1a,age1run\n`],
    [
      "a list shared with a rule that is not meant",
      `${KEYS}creation_rules:\n  - path_regex: a\n    age: &all [*dev_a, *run]\n  - path_regex: b\n    age: *all\n`,
    ],
    ["no list at all", `${KEYS}creation_rules:\n  - path_regex: a\n    pgp: FBC7B9E2\n`],
    ["an empty list", `${KEYS}creation_rules:\n  - path_regex: a\n    age: []\n`],
    [
      "a name that is an anchor of something else",
      `${KEYS}creation_rules:\n  - path_regex: a\n    age: &dev_new [*dev_a, *run]\n`,
    ],
  ];
  for (const [title, text] of UNKNOWN) {
    it(`refuse what they do not know: ${title}`, () => {
      assert.match(faultsOf(() => add(text)).join("\n"), CANNOT);
    });
  }

  it("refuse to take a recipient away from a text, or to leave a bare one behind", () => {
    const text = `${KEYS}creation_rules:\n  - path_regex: a\n    age: age1a,age1run\n`;
    assert.match(faultsOf(() => withoutRecipient(text, "run")).join("\n"), CANNOT);
    assert.match(faultsOf(() => withOtherRecipient(text, "run", "age1next")).join("\n"), CANNOT);
  });

  it("hold for the repository's own file, by whomever it is filled", async () => {
    const template = await readFile(join(__dirname, "../../../.sops.yaml"), "utf8");
    const text = template.replace(/age1placeholder-(\w+)-(\w+)/g, "age1$1$2");
    const added = add(text, [0, 1, 2, 3]);
    assert.ok(parseRecipients(added).rules.every(({ recipients }) => recipients.has("age1new")));
    assert.equal(withoutRecipient(added, "dev_new"), text);
    const without = withoutRecipient(text, "vps_h1");
    assert.equal(without.includes("vps_h1"), false);
    assert.equal(without.split("\n").length, text.split("\n").length - 1);
  });

  it("come and go in any order and leave every comment, whatever the style", () => {
    const NAMES = ["dev_one", "dev_two", "dev_three"];
    const style = fc.constantFrom("brackets", "lines", "own lines");
    fc.assert(
      fc.property(
        fc.array(style, { minLength: 1, maxLength: 4 }),
        fc.shuffledSubarray(NAMES),
        fc.boolean(),
        (styles, gone, isCrlf) => {
          const rules = styles.map(
            (one, index) =>
              `  # rule ${String(index)}\n  - path_regex: r${String(index)}\n    age:${LISTS[one] ?? ""}\n`,
          );
          const plain = `# top\n${KEYS}creation_rules:\n${rules.join("")}# end\n`;
          const text = isCrlf ? crlf(plain) : plain;
          const all = new Set(styles.keys());
          const full = NAMES.reduce((left, name) => withRecipient(left, name, `age1${name.slice(4)}`, all), text);
          const left = gone.reduce(withoutRecipient, full);
          const stay = NAMES.filter((name) => !gone.includes(name));
          const { byName, rules: said } = parseRecipients(left);
          assert.deepEqual([...byName.keys()].sort(), ["dev_a", "run", ...stay].sort());
          for (const { recipients } of said) {
            assert.deepEqual(
              [...recipients].sort(),
              ["age1a", "age1run", ...stay.map((name) => `age1${name.slice(4)}`)].sort(),
            );
          }
          const comments = (one: string) => one.match(/#.*/g) ?? [];
          assert.deepEqual(comments(left), comments(text));
          assert.equal(gone.length === NAMES.length, left === text);
        },
      ),
    );
  });
});

const LISTS: Readonly<Record<string, string>> = {
  brackets: " [*dev_a, *run] # list",
  lines: "\n      - *dev_a # Anna\n      - *run # machine",
  "own lines": " [\n      *dev_a, # Anna\n      *run, # machine\n    ]",
};
