/**
 * Proves that a secret does not come out by the ways in which values come out by accident. A debugger and a heap dump
 * still see it; who calls `open` is proved in tests/unit/repository.test.ts.
 */
import assert from "node:assert/strict";
import { format, inspect } from "node:util";
import { serialize } from "node:v8";

import { byteLength, matches, Secret } from "../../../core/seal/secret.js";
import { canary, leaked } from "../../support/canary.js";

const VALUE = canary();
const secret = new Secret(VALUE);

/** What `step` gives or throws, as text with every property. */
function outcome(step: () => unknown): string {
  try {
    return inspect(step(), { depth: Infinity, showHidden: true });
  } catch (error) {
    return inspect(error, { depth: Infinity, showHidden: true });
  }
}

describe("a secret", () => {
  const ways: readonly [string, () => unknown][] = [
    ["String()", () => String(secret)],
    ["a template literal", () => `<${secret as unknown as string}>`],
    ["concatenation", () => "<" + (secret as unknown as string)],
    ["a number's conversion", () => Number(secret)],
    ["a comparison", () => (secret as unknown as string) < "z"],
    ["a property's name", () => ({ [secret as unknown as string]: 1 })],
    ["join", () => [secret].join()],
    ["an error's message", () => new Error(secret as unknown as string)],
    ["JSON.stringify", () => JSON.stringify(secret)],
    ["JSON.stringify of what holds it", () => JSON.stringify({ deep: [{ secret }] })],
    ["toLocaleString", () => secret.toLocaleString()],
    ["encodeURIComponent", () => encodeURIComponent(secret as unknown as string)],
    ["Buffer.from", () => Buffer.from(secret as unknown as string)],
    ["util.format %s", () => format("%s", secret)],
    ["util.format %d", () => format("%d", secret)],
    ["util.format %j", () => format("%j", secret)],
  ];
  for (const [title, step] of ways) {
    it(`is refused by ${title}`, () => {
      assert.throws(step, TypeError);
      assert.deepEqual(leaked(outcome(step), [VALUE]), []);
    });
  }

  const quiet: readonly [string, () => unknown][] = [
    ["inspect", () => inspect(secret)],
    ["inspect of what holds it", () => inspect({ a: new Map([["b", [secret]]]) }, { depth: Infinity })],
    ["inspect without its own form", () => inspect(secret, { customInspect: false, showHidden: true })],
    ["util.format %o", () => format("%o %O", secret, secret)],
    ["util.format without a place", () => format("x", secret)],
    ["its properties", () => [Object.entries(secret), Reflect.ownKeys(secret)]],
    ["Object.assign", () => Object.assign({}, secret)],
    ["structuredClone", () => structuredClone({ secret })],
    ["v8.serialize", () => serialize(secret).toString("latin1")],
    ["its length", () => [(secret as unknown as string).length]],
    ["an error's cause", () => new Error("x", { cause: secret })],
    ["an assertion that fails", () => assert.deepEqual({ secret }, { secret: new Secret("another") })],
    ["an assertion on equality", () => assert.equal(secret, "x")],
  ];
  for (const [title, step] of quiet) {
    it(`does not show by ${title}`, () => {
      const text = outcome(step);
      assert.deepEqual(leaked(text, [VALUE]), []);
      assert.equal(text.includes(String(VALUE.length)), false);
    });
  }

  it("prints as [secret]", () => {
    assert.equal(inspect({ secret }), "{ secret: [secret] }");
  });

  it("cannot be changed", () => {
    assert.throws(() => Object.assign(secret, { value: 1 }), TypeError);
  });

  it("is only what the constructor made", () => {
    const forged = Object.create(Secret.prototype) as Secret;
    assert.throws(() => matches(forged, ".*"), { message: "not a secret of this process" });
  });

  const forms: readonly [string, string, boolean][] = [
    ["abc", "abc", true],
    ["abc", "b", false],
    ["abc", "a|abc", true],
    ["abc", "a|b", false],
    ["a\nc", "a.c", true],
    ["abc\n", "abc", false],
    ["🔑", ".", true],
    ["", "", true],
  ];
  for (const [value, pattern, expected] of forms) {
    it(`${JSON.stringify(value)} ${expected ? "is" : "is not"} wholly /${pattern}/`, () => {
      assert.equal(matches(new Secret(value), pattern), expected);
    });
  }

  it("has its length in bytes, for limits", () => {
    assert.equal(byteLength(new Secret("aé🔑")), 7);
  });
});
