/**
 * Proves that the small YAML reader agrees with the `yaml` package: whatever it accepts, it reads as that package does with
 * every scalar a string. What it does not know it refuses, also where that package would accept it.
 */
import assert from "node:assert/strict";

import fc from "fast-check";
import { parseDocument } from "yaml";

import { NotUnderstood, parseYaml } from "../../../guard/read/yaml.mjs";

type Node = ReturnType<typeof parseYaml>;

/** Plain data, with aliases resolved. */
function plain(node: Node, anchors = new Map<string, Node>()): unknown {
  if (node.kind !== "alias" && node.anchor !== undefined) {
    anchors.set(node.anchor, node);
  }
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "alias": {
      const target = anchors.get(node.name);
      assert.ok(target !== undefined);
      return plain(target, anchors);
    }
    case "list":
      return node.items.map((item) => plain(item, anchors));
    case "map":
      return Object.fromEntries(node.pairs.map(({ key, value }) => [key, plain(value, anchors)]));
  }
}

function reference(text: string): { readonly ok: boolean; readonly value?: unknown } {
  const document = parseDocument(text, { schema: "failsafe" });
  if (document.errors.length > 0) {
    return { ok: false };
  }
  const value: unknown = document.contents === null ? {} : document.toJS({ maxAliasCount: 1000 });
  return { ok: true, value: strings(value) };
}

/** An empty value is null even where every scalar is a string. */
function strings(value: unknown): unknown {
  if (value === null) {
    return "";
  }
  if (Array.isArray(value)) {
    return value.map(strings);
  }
  return typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, strings(inner)]))
    : value;
}

const SOPS = `a: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]
#ENC[AES256_GCM,data:x,iv:y,tag:z,type:comment]
"b": 'it''s' # said
sops:
    age:
        - recipient: age1one
          enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==
            -----END AGE ENCRYPTED FILE-----
        - recipient: age1two
          enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            -----END AGE ENCRYPTED FILE-----
    lastmodified: "2026-01-01T00:00:00Z"
    pgp: []
    version: 3.13.3
`;

const RULES = `keys:
  - &one age1one
  - &all [*one, "age1two"]
creation_rules:
  - path_regex: ^secrets/(a|b)\\.sops\\.yaml$
    key_groups:
      - age: [*one, age1three]
  - path_regex: x
    age: >-
      age1one,
      age1two
  - key_groups: [{ age: *all }]
  -  age:
     - *one
`;

describe("the hook's YAML reader", () => {
  for (const [title, text] of [
    ["what sops writes", SOPS],
    ["what sops writes, with Windows' line ends", SOPS.replaceAll("\n", "\r\n")],
    [".sops.yaml", RULES],
    ["an empty file", ""],
    ["comments only", "# a\n\n  # b\n"],
    ["a list at its key's indentation", "a:\n- b\n- c: d\n  e: f\n"],
    ["no line end at the end", "a: b"],
  ] as const) {
    it(`reads ${title} as the yaml package does`, () => {
      assert.deepEqual(plain(parseYaml(text)), reference(text).value);
    });
  }

  for (const [title, text, line] of [
    ["a tab", "a:\n\tb: c\n", 2],
    ["a second document", "a: b\n---\nc: d\n", 2],
    ["a tag", "a: !!str b\n", 1],
    ["a value over several lines", "a: b\n  c\n", 2],
    ["a key twice", "a: b\na: c\n", 2],
    ["a question mark", "? a\n: b\n", 1],
    ["a merge of maps", "a: &x {b: c}\n<<: *x\n", 2],
    ["a flow map over several lines", "a: {\n  b: c }\n", 1],
    ["a list in a list", "- - a\n", 1],
    ["a mapping behind a mapping", "a: b: c\n", 1],
    ["bad indentation", "a:\n    b: c\n  d: e\n", 3],
    ["a quotation that does not end", 'a: "b\n', 1],
    ["an escape that nobody writes", 'a: "\\x41"\n', 1],
    ["a control character", "a: b\u0007\n", 1],
  ] as const) {
    it(`refuses ${title}, and names the line`, () => {
      assert.throws(
        () => parseYaml(text),
        (error) => error instanceof NotUnderstood && error.line === line,
      );
    });
  }

  it("agrees with the yaml package on whatever it accepts", () => {
    const word = fc.constantFrom(
      "a",
      "b_c",
      "d-e",
      "age1x",
      "2026",
      "null",
      "true",
      "~",
      "x y",
      "é",
      "a#b",
      "a:b",
      "ENC[A,b:c]",
    );
    const scalar = fc.oneof(
      word,
      word.map((text) => JSON.stringify(text)),
      word.map((text) => `'${text}'`),
      fc.constantFrom(
        "",
        "''",
        '""',
        "|",
        ">-",
        "[a, *x]",
        "{ a: b }",
        "&x y",
        "*x",
        "- a",
        "a # b",
        "#",
        "!t u",
        "[a",
        "b]",
      ),
    );
    const line = fc
      .tuple(fc.constantFrom("", "  ", "    ", "        "), fc.constantFrom("", "- ", "#"), fc.option(word), scalar)
      .map(([indent, dash, key, value]) => `${indent}${dash}${key === null ? "" : `${key}: `}${value}`);
    const broken = fc
      .tuple(
        fc.constantFrom(SOPS, RULES),
        fc.nat(),
        fc.constantFrom(" ", "\n", "#", ":", "- ", "'", '"', "\t", "&a ", "[", "x", ""),
        fc.nat(3),
      )
      .map(([text, at, sign, cut]) => {
        const place = at % text.length;
        return text.slice(0, place) + sign + text.slice(place + cut);
      });
    let accepted = 0;
    const texts = fc.oneof(
      fc.array(line, { maxLength: 8 }).map((lines) => lines.join("\n")),
      broken,
    );
    fc.assert(
      fc.property(texts, (text) => {
        let node: Node;
        try {
          node = parseYaml(text);
        } catch (error) {
          assert.ok(error instanceof NotUnderstood);
          return;
        }
        const expected = reference(text);
        assert.ok(expected.ok, JSON.stringify(text));
        assert.deepEqual(plain(node), expected.value, JSON.stringify(text));
        accepted += 1;
      }),
      { numRuns: 3000 },
    );
    assert.ok(accepted > 150, `only ${String(accepted)} were accepted`);
  });
});
