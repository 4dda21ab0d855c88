/** Proves how the commands of a document are found and taken apart; tests/sandbox/docs runs them. */
import assert from "node:assert/strict";

import { readDocument, wordsOf } from "../support/runnableDocs.js";

const PAGE = [
  "# Page",
  "Some `p24 status` in a sentence.",
  "<!-- value -->",
  "",
  "```sh",
  'npm run p24 -- add a --issuer "PDF service"',
  "",
  "npm run p24 -- status   # exit code 4",
  "```",
  "",
  "1. in a list",
  "   <!-- world: host-down vps-h1 -->",
  "   ```sh",
  "   npm run up",
  "   ```",
  "<!-- by hand: no machine -->",
  "```text",
  "ssh root@host",
  "```",
  "```",
  "a drawing",
  "```",
].join("\n");

describe("a document that is run", () => {
  it("is its commands and what happens between them, in order", () => {
    const status = { line: 8, words: ["npm", "run", "p24", "--", "status"], code: 4, wantsValue: true };
    const add = ["npm", "run", "p24", "--", "add", "a", "--issuer", "PDF service"];
    assert.deepEqual(readDocument(PAGE), {
      steps: [
        { line: 6, words: add, code: 0, wantsValue: true },
        status,
        { line: 12, action: "host-down", words: ["vps-h1"] },
        { line: 14, words: ["npm", "run", "up"], code: 0, wantsValue: false },
      ],
      byHand: [
        { line: 17, reason: "by hand: no machine" },
        { line: 20, reason: undefined },
      ],
    });
    assert.deepEqual(readDocument(PAGE.replaceAll("\n", "\r\n")), readDocument(PAGE));
  });

  it("has words that both shells take apart alike", () => {
    assert.deepEqual(wordsOf(`git commit -m "fix(secrets): x" -- 'a b' c --f="%h %s"`), [
      ...["git", "commit", "-m", "fix(secrets): x", "--", "a b", "c", "--f=%h %s"],
    ]);
  });
});
