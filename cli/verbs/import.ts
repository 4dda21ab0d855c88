import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

import { FaultsError } from "../../core/fault.js";
import { readDotenvFile } from "../../core/sources/dotenvFile.js";
import { importInto } from "../../core/sources/import.js";
import { EXIT, type Verb } from "../verb.js";

const STDIN = "standard input";

/** Takes values that stand in clear somewhere over into a source. */
export const importVerb: Verb = {
  name: "import",
  summary: "take variables of a .env file (or KEY=VALUE lines on standard input) over into secrets/SOURCE.sops.yaml",
  example:
    "ssh root@vps-i1 cat /opt/monitoring/.env | npm run --silent p24 -- import vps-i1 --only LEGACY_API_KEY,SLACK_URL",
  words: [1, 2],
  options: { only: { type: "string" }, replace: { type: "boolean" } },
  optionHelp: [
    "SOURCE [FILE]     shared, github-actions or a host's name; without FILE, or with -, standard input",
    "--only NAME,…     these variables of the file, not all",
    "--replace         overwrite keys that have another value in git",
  ],
  async run({ options, rest, root, env, print }) {
    const [source = "", file = "-"] = rest;
    const where = file === "-" ? STDIN : file;
    const only =
      typeof options["only"] === "string" ? options["only"].split(",").map((name) => name.trim()) : undefined;
    const read = readDotenvFile(await readAll(file), where);
    const replace = options["replace"] === true;
    const { path, added, replaced, unchanged } = await importInto({
      root,
      source,
      file: read,
      where,
      only,
      replace,
      env,
    });
    print(`${path}: ${said("added", added)}, ${said("replaced", replaced)}, ${said("unchanged", unchanged)}`);
    print(`Next: git commit ${path}, then npm run preview.`);
    if (where !== STDIN) {
      print(`${file} still holds the values in clear. Delete it when it is no longer needed.`);
    }
    return EXIT.ok;
  },
};

async function readAll(file: string): Promise<string> {
  if (file === "-") {
    return text(process.stdin);
  }
  return readFile(file, "utf8").catch(() => {
    throw new FaultsError([{ where: file, what: "is missing or cannot be read", repair: "p24 import SOURCE FILE" }]);
  });
}

function said(what: string, names: readonly string[]): string {
  return names.length === 0 ? `none ${what}` : `${String(names.length)} ${what} (${names.join(", ")})`;
}
