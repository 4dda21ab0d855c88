/**
 * Proves when a write is certain: only then is a host not asked before it. A look too many costs a login, one too few would
 * be a write on a guess; so everything that is not known for sure makes a look.
 */
import assert from "node:assert/strict";

import { certainWrites, contentOf, type Remembered } from "../../../core/compare/content.js";
import { samplePrint } from "../../support/secrets.js";

const [A, B] = [samplePrint("a"), samplePrint("b")];

const content = (names: Readonly<Record<string, typeof A>>, target = "monitoring") =>
  contentOf(target, new Map(Object.entries(names)));

describe("all that git wants of a host, in one fingerprint", () => {
  it("is 8 hex digits, in whatever order the names come", () => {
    assert.match(content({ ONE: A, TWO: B }), /^[0-9a-f]{8}$/);
    assert.equal(content({ ONE: A, TWO: B }), content({ TWO: B, ONE: A }));
  });

  const others: readonly [string, string][] = [
    ["another value", content({ ONE: B })],
    ["another name", content({ TWO: A })],
    ["a name more", content({ ONE: A, TWO: B })],
    ["no name", content({})],
    ["another target", content({ ONE: A }, "backup")],
  ];
  for (const [what, other] of others) {
    it(`is another one with ${what}`, () => {
      assert.notEqual(other, content({ ONE: A }));
    });
  }
});

describe("a write is certain", () => {
  const [was, wanted] = [content({ ONE: A }), content({ ONE: B })];
  const last: Remembered = {
    left: { keyId: "k", hosts: { "vps-i1": was, "vps-h1": wanted } },
    serials: new Map([
      ["vps-i1", 7],
      ["vps-h1", 7],
    ]),
  };
  const certain = (changes: Partial<Remembered> = {}, keyId = "k") => [
    ...certainWrites(
      new Map([
        ["vps-i1", wanted],
        ["vps-h1", wanted],
        ["new", wanted],
      ]),
      keyId,
      { ...last, ...changes },
    ),
  ];

  it("of the hosts that the last run left with something else than git wants now, and of no other", () => {
    assert.deepEqual(certain(), ["vps-i1"]);
  });

  const looks: readonly [string, string[]][] = [
    ["no run has left anything yet", certain({ left: undefined })],
    ["what is remembered is under another key", certain({}, "l")],
    ["the engine holds no payload of the host", certain({ serials: new Map() })],
  ];
  for (const [why, hosts] of looks) {
    it(`of none when ${why}`, () => {
      assert.deepEqual(hosts, []);
    });
  }
});
