/** Proves what is read of a Compose file: values in it, variables from outside of it, its env files. */
import assert from "node:assert/strict";

import { readComposeFile } from "../../../core/audit/compose.js";
import { renderFault } from "../../../core/fault.js";
import { expectedPrints, printsOf } from "../../support/secrets.js";
import { faultsOf } from "../../support/faults.js";

describe("a Compose file", () => {
  const cases: readonly [string, string, Record<string, string>, string[], string[]?][] = [
    [
      "a map of values",
      "services: { a: { environment: { TZ: UTC, PORT: 80, FLAG: true } } }",
      { TZ: "UTC", PORT: "80", FLAG: "true" },
      [],
    ],
    ["a list", 'services:\n  a:\n    environment:\n      - "A=b=c"\n      - B\n', { A: "b=c" }, ["B 5 ?"]],
    [
      "a name without a value comes from Compose's environment",
      "services:\n  a:\n    environment:\n      A:\n",
      {},
      ["A 4 ?"],
    ],
    ["interpolated", "services:\n  a:\n    environment:\n      A: x${B}y\n      C: $D\n", {}, ["B 4", "D 5"]],
    [
      "anywhere",
      "services:\n  a:\n    image: r:${TAG:-latest}\n    command: [sh, '${X:?must be}', $$NOT]\n",
      {},
      ["TAG 3 ?", "X 4"],
    ],
    ["a default that has one", "a: ${A:-${B}}\n", {}, ["A 1 ?", "B 1"]],
    ["a dollar sign is no reference", "services: { a: { environment: { A: $$x } } }", { A: "$$x" }, []],
    [
      "env files, in all forms",
      "services:\n  a: { env_file: .env }\n  b: { env_file: [x.env, { path: y.env }] }\n",
      {},
      [],
      [".env", "x.env", "y.env"],
    ],
    [
      "anchors, and the line ends of Windows",
      "x-env: &env\r\n  environment: { A: b }\r\nservices:\r\n  a:\r\n    <<: *env\r\n    image: ${I}\r\n",
      { A: "b" },
      ["I 6"],
    ],
    ["none", "", {}, []],
  ];
  for (const [title, text, literals, uses, envFiles = []] of cases) {
    it(title, () => {
      const read = readComposeFile(text, "compose.yaml");
      assert.deepEqual(printsOf(read.literals), expectedPrints(literals));
      assert.deepEqual(
        read.uses.map(({ name, line, hasDefault }) => `${name} ${String(line)}${hasDefault ? " ?" : ""}`),
        uses,
      );
      assert.deepEqual(read.envFiles, envFiles);
    });
  }

  it("names that no variable has are said by their lines, and not repeated", () => {
    const text =
      'services:\n  a:\n    environment:\n      - a value alone\n      - "A|B\\e[31m=x"\n      - C=d\n' +
      '  b:\n    environment:\n      "x\\n## y": z\n      E: f\n';
    const { literals, uses, faults } = readComposeFile(text, "compose.yaml");
    assert.deepEqual([[...literals.keys()], uses], [["C", "E"], []]);
    const said = "has a name below environment that no variable has. Repair: write NAME: value, or - NAME=value";
    assert.deepEqual(
      faults.map(renderFault),
      [4, 5, 9].map((line) => `compose.yaml:${String(line)}: ${said}`),
    );
  });

  it("that is no YAML is said by its line, without what stands there", () => {
    assert.deepEqual(
      faultsOf(() => readComposeFile("a: b\n\tc: secret\n", "m/compose.yaml")),
      ["m/compose.yaml:2: is not valid YAML. Repair: docker compose config shows why"],
    );
  });
});
