/** Proves which keys can become names, and which names a place reserves. */
import assert from "node:assert/strict";

import { isReservedAtGithub, isReservedOnHosts, keyProblem, variableName } from "../../../core/model/names.js";

describe("a key of a source", () => {
  const cases: readonly [string, string | undefined][] = [
    ["pdf_service_api_key", "PDF_SERVICE_API_KEY"],
    ["Already_UPPER", "ALREADY_UPPER"],
    ["_private", "_PRIVATE"],
    ["a1", "A1"],
    ["1a", undefined],
    ["a-b", undefined],
    ["a.b", undefined],
    ["a b", undefined],
    ["größe", undefined],
    ["ſ", undefined],
    ["a\n", undefined],
    ["", undefined],
  ];
  for (const [key, name] of cases) {
    it(`${JSON.stringify(key)} ${name === undefined ? "cannot be a variable" : `becomes ${name}`}`, () => {
      assert.equal(variableName(key), name);
    });
  }
});

describe("a new key", () => {
  const cannot = "cannot be a key: use lower-case letters, digits and underscores, not starting with a digit";
  const cases: readonly [string, string | undefined][] = [
    ["smtp_password", undefined],
    ["unencrypted_thing", undefined],
    ["sopsy", undefined],
    ["Smtp_password", cannot],
    ["1a", cannot],
    ["a-b", cannot],
    ["", cannot],
    ["sops", "is where sops keeps its metadata"],
    ["a_unencrypted", "would not be encrypted: sops leaves such a key's value in clear"],
  ];
  for (const [key, problem] of cases) {
    it(`${JSON.stringify(key)} ${problem ?? "is taken"}`, () => {
      assert.equal(keyProblem(key), problem);
    });
  }
});

describe("a name is reserved", () => {
  const cases: readonly [string, boolean, boolean][] = [
    ["COMPOSE_FILE", true, false],
    ["COMPOSE_", true, false],
    ["COMPOSER_HOME", false, false],
    ["DOCKER_HOST", true, false],
    ["LD_PRELOAD", true, false],
    ["PATH", true, false],
    ["PATHS", false, false],
    ["MY_PATH", false, false],
    ["HOME", true, false],
    ["SHELL", true, false],
    ["IFS", true, false],
    ["ENV", true, false],
    ["BASH_ENV", true, false],
    ["GITHUB_SHA", false, true],
    ["GITHUBBER", false, false],
    ["SMTP_PASSWORD", false, false],
  ];
  for (const [name, onHosts, atGithub] of cases) {
    it(`${name}: ${onHosts ? "on hosts" : atGithub ? "at GitHub" : "nowhere"}`, () => {
      assert.deepEqual([isReservedOnHosts(name), isReservedAtGithub(name)], [onHosts, atGithub]);
    });
  }
});
