/** After which calls of `p24 pulumi` the world is reported, and after which of them no confirmation is enough. */
import assert from "node:assert/strict";

import { changesTheWorld, isWhole } from "../../../cli/verbs/pulumi.js";

describe("p24 pulumi reports the world", () => {
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

  for (const args of ["up", "up --yes --skip-preview", "update -s dev", "up --refresh"]) {
    it(`as it was confirmed: ${args}`, () => assert.equal(isWhole(args.split(" ")), true));
  }
  for (const args of [
    "preview",
    "up --target urn:x",
    "up --target=urn:x",
    "up -t urn:x",
    "up -yft urn:x",
    "up --exclude urn:x",
    "up --target-replace urn:x",
    "up --plan FILE",
  ]) {
    it(`only as it is seen again: ${args}`, () => assert.equal(isWhole(args.split(" ")), false));
  }
});
