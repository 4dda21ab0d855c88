/** Proves how faults are gathered and rendered: all of them, one line each, and nothing of what caused them. */
import assert from "node:assert/strict";

import { type Fault, FaultList, FaultsError, renderFault } from "../../core/fault.js";

const ONE: Fault = { where: "a.yaml", name: "k", what: "is odd", repair: "edit it" };
const TWO: Fault = { where: "host h", what: "is off", repair: "start it" };

describe("faults", () => {
  it("are one line each: where, name, what, repair", () => {
    assert.equal(renderFault(ONE), "a.yaml: k: is odd. Repair: edit it");
    assert.equal(renderFault(TWO), "host h: is off. Repair: start it");
    const error = new FaultsError([ONE, TWO]);
    assert.equal(error.message, `${renderFault(ONE)}\n${renderFault(TWO)}`);
    assert.deepEqual([error.name, error.faults, error.cause], ["FaultsError", [ONE, TWO], undefined]);
  });

  it("are gathered over several steps", async () => {
    const list = new FaultList();
    assert.equal(
      list.collect(() => 1),
      1,
    );
    assert.equal(await list.collectAsync(Promise.resolve(2)), 2);
    list.throwIfAny();
    const fail = () => {
      throw new FaultsError([ONE]);
    };
    list.collect(fail);
    list.add(TWO);
    assert.throws(
      () => {
        list.throwIfAny();
      },
      new FaultsError([ONE, TWO]),
    );
  });

  it("stand in the order in which their steps were begun, whichever ends first", async () => {
    const list = new FaultList();
    let failSlow: (error: Error) => void = () => undefined;
    const slow = list.collectAsync(new Promise((_, reject) => (failSlow = reject)));
    await list.collectAsync(Promise.reject(new FaultsError([TWO])));
    failSlow(new FaultsError([ONE]));
    await slow;
    assert.throws(
      () => {
        list.throwIfAny();
      },
      new FaultsError([ONE, TWO]),
    );
  });

  it("do not hide errors of another kind", async () => {
    const list = new FaultList();
    const other = new TypeError("other");
    assert.throws(
      () =>
        list.collect(() => {
          throw other;
        }),
      other,
    );
    await assert.rejects(list.collectAsync(Promise.reject(other)), other);
    list.throwIfAny();
  });
});
