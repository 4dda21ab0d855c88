/** After which calls of `p24 pulumi` the world is looked at again. */
import assert from "node:assert/strict";

import { changesTheWorld } from "../../../cli/verbs/pulumi.js";

describe("p24 pulumi looks at the world", () => {
  for (const args of [
    "up",
    "update --yes",
    "-s dev up",
    "--stack dev up --yes",
    "--stack=dev up",
    "--non-interactive up",
  ]) {
    it(`after ${args}`, () => assert.equal(changesTheWorld(args.split(" ")), true));
  }
  for (const args of ["preview", "destroy", "stack export", "up --help", "up -h", "-s up preview", "config set up 1"]) {
    it(`not after ${args}`, () => assert.equal(changesTheWorld(args.split(" ")), false));
  }
});
