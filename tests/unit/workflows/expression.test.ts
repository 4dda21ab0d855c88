/** Proves which parts of a scalar's source text are uses of a context, and where exactly they stand. */
import assert from "node:assert/strict";

import { contextUses, type Quoting } from "../../../core/workflows/expression.js";

function found(source: string, quoting: Quoting = "plain", bare = false): (readonly [string | undefined, string])[] {
  return contextUses(source, quoting, "secrets", bare).map(
    ({ name, start, end }) => [name, source.slice(start, end)] as const,
  );
}

describe("uses of a context", () => {
  const single: readonly [string, string, string][] = [
    ["with a dot", "${{ secrets.GH_PAT }}", "secrets.GH_PAT"],
    ["without blanks", "${{secrets.GH_PAT}}", "secrets.GH_PAT"],
    ["with many blanks", "${{   secrets.GH_PAT\t}}", "secrets.GH_PAT"],
    ["with blanks around the dot", "${{ secrets . GH_PAT }}", "secrets . GH_PAT"],
    ["over two lines", "${{\n  secrets.GH_PAT\n}}", "secrets.GH_PAT"],
    ["in brackets", "${{ secrets['GH_PAT'] }}", "secrets['GH_PAT']"],
    ["in brackets with blanks", "${{ secrets [ 'GH_PAT' ] }}", "secrets [ 'GH_PAT' ]"],
    ["in brackets with double quotes", '${{ secrets["GH_PAT"] }}', 'secrets["GH_PAT"]'],
    ["in another case", "${{ Secrets.gh_pat }}", "Secrets.gh_pat"],
    ["inside of text", "token ${{ secrets.GH_PAT }} and more", "secrets.GH_PAT"],
    ["inside of a call", "${{ format('x {0}', secrets.GH_PAT) }}", "secrets.GH_PAT"],
    ["before an operator", "${{ secrets.GH_PAT || github.token }}", "secrets.GH_PAT"],
    ["behind an operator", "${{ inputs.token||secrets.GH_PAT }}", "secrets.GH_PAT"],
    ["behind a string with braces", "${{ format('}} {0}', secrets.GH_PAT) }}", "secrets.GH_PAT"],
    ["behind a string with an apostrophe", "${{ format('it''s {0}', secrets.GH_PAT) }}", "secrets.GH_PAT"],
    ["in an expression that is not closed", "${{ secrets.GH_PAT", "secrets.GH_PAT"],
  ];
  for (const [title, source, expected] of single) {
    it(`are found ${title}`, () => {
      assert.deepEqual(found(source), [["GH_PAT", expected]]);
    });
  }

  it("are found in quoted scalars, where apostrophes and quotes look otherwise", () => {
    assert.deepEqual(found("'${{ secrets[''GH_PAT''] }}'", "single"), [["GH_PAT", "secrets[''GH_PAT'']"]]);
    assert.deepEqual(found("'${{ format(''it''''s {0}'', secrets.A) }}'", "single"), [["A", "secrets.A"]]);
    assert.deepEqual(found('"${{ secrets[\\"GH_PAT\\"] }}"', "double"), [["GH_PAT", 'secrets[\\"GH_PAT\\"]']]);
    assert.deepEqual(found("\"${{ secrets['GH_PAT'] }}\"", "double"), [["GH_PAT", "secrets['GH_PAT']"]]);
  });

  it("are found all of them", () => {
    assert.deepEqual(found("${{ secrets.A }}-${{ secrets.B || secrets.C }}"), [
      ["A", "secrets.A"],
      ["B", "secrets.B"],
      ["C", "secrets.C"],
    ]);
  });

  it("have no name when it is computed, or all are taken", () => {
    for (const source of [
      "${{ secrets[matrix.name] }}",
      "${{ secrets[format('GH_{0}', 'PAT')] }}",
      "${{ toJSON(secrets) }}",
      "${{ secrets.* }}",
      "${{ secrets['GH_PAT' }}",
    ]) {
      assert.deepEqual(found(source), [[undefined, "secrets"]], source);
    }
  });

  it("do not end the search where they cannot be read", () => {
    assert.deepEqual(found("${{ secrets[inputs.x] || secrets.A }}"), [
      [undefined, "secrets"],
      ["A", "secrets.A"],
    ]);
  });

  for (const source of [
    "secrets.GH_PAT",
    "echo secrets.GH_PAT # ${{ github.ref }}",
    "${{ 'secrets.GH_PAT' }}",
    "${{ env.secrets.GH_PAT }}",
    "${{ github.event . secrets }}",
    "${{ my_secrets.GH_PAT }}",
    "${{ secrets2.GH_PAT }}",
    "${{ vars.GH_PAT }}",
    "${{ github.ref }} secrets.GH_PAT",
  ]) {
    it(`are none in ${source}`, () => {
      assert.deepEqual(found(source), []);
    });
  }

  it("are found without braces only where all of it is an expression", () => {
    assert.deepEqual(found("secrets.GH_PAT != ''", "plain", true), [["GH_PAT", "secrets.GH_PAT"]]);
    assert.deepEqual(found("${{ secrets.GH_PAT }} && x", "plain", true), [["GH_PAT", "secrets.GH_PAT"]]);
  });
});
