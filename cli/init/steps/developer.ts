import { FaultsError } from "../../../core/fault.js";
import type { Recipients } from "../../../core/model/recipients.js";
import {
  defaultFile,
  identityFile,
  identityPlaces,
  makeIdentity,
  personalFile,
} from "../../../core/sources/identities.js";
import { lastingVariable } from "../../shells.js";
import { isUnfilled, readRules, writeRecipient } from "../rules.js";
import { done, type Look, needs, type Site, type Step, toDo } from "../step.js";

/** The developer's age identity, and its public part in .sops.yaml (the spec's steps 1 and 5). */
export const developer: Step = {
  name: "developer",
  async look(site) {
    const rules = await readRules(site.root);
    const mine = await ownRecipients(site);
    const developers = [...rules.byName].filter(([name]) => name.startsWith("dev_"));
    const known = developers.find(([, recipient]) => mine.includes(recipient));
    if (known !== undefined && (site.wishes.developer ?? known[0]) === known[0]) {
      return found(site, known);
    }
    const name = site.wishes.developer ?? onlyUnfilled(rules, developers);
    if (name === undefined || !rules.byName.has(name) || !isUnfilled(rules, name)) {
      return stranger(rules, developers, mine, name);
    }
    const [recipient, ...others] = mine;
    if (others.length > 0) {
      return needs(
        "several age identities are found here; which of them is yours?",
        "npm run p24 -- init --identity FILE",
      );
    }
    const file = site.env["SOPS_AGE_KEY_FILE"] ?? defaultFile(site.env);
    const what =
      recipient === undefined ? `makes an age identity in ${file}` : `takes the age identity that is found here`;
    return toDo(`${what}, and puts its public part behind &${name}`, async () => {
      await writeRecipient(site.root, name, recipient ?? (await make(file)));
    });
  },
};

/** sops's own places; a file that a flag names counts alone, for it says which of several is meant. */
async function ownRecipients({ env, wishes }: Site): Promise<string[]> {
  const places = wishes.identity === undefined ? await identityPlaces(env) : [await identityFile(wishes.identity)];
  return [...new Set(places.flatMap(({ recipients }) => recipients))];
}

function onlyUnfilled(rules: Recipients, developers: readonly [string, string][]): string | undefined {
  const unfilled = developers.filter(([name]) => isUnfilled(rules, name));
  return unfilled.length === 1 ? unfilled[0]?.[0] : undefined;
}

/** A file that is there and holds no identity is somebody's: it is not overwritten. */
async function make(file: string): Promise<string> {
  if ((await identityFile(file)).file !== undefined) {
    const what = "is there and holds no age identity";
    throw new FaultsError([{ where: file, what, repair: "move it away, or name another file with --identity" }]);
  }
  return makeIdentity(file);
}

/** Whether plain sops will find it, too: every rotation is a `sops edit`. */
async function found({ env, identityFile: file }: Site, [name, recipient]: [string, string]): Promise<Look> {
  const places = await identityPlaces(env);
  const place = places.find(({ recipients }) => recipients.includes(recipient));
  if (file !== undefined && place?.file === file) {
    const what = `&${name} is the identity in ${file}, where sops does not look by itself`;
    return { state: "yours", what, how: [`${lastingVariable("SOPS_AGE_KEY_FILE", file)}    then open a new terminal`] };
  }
  return done(`&${name} is the identity in ${place?.file ?? place?.where ?? "this environment"}`);
}

function stranger(
  rules: Recipients,
  developers: readonly [string, string][],
  mine: readonly string[],
  name: string | undefined,
): Look {
  const unfilled = developers.filter(([one]) => isUnfilled(rules, one)).map(([one]) => one);
  if (unfilled.length > 0 && name === undefined) {
    return needs(`which developer are you: ${unfilled.join(", ")}?`, "npm run p24 -- init --developer NAME");
  }
  const recipient = mine[0] ?? "age1… (make an identity first: age-keygen -o FILE)";
  return needs(
    "none of .sops.yaml's developers is your identity",
    `somebody who can open the sources: npm run p24 -- onboard ${name ?? "dev_NAME"} ${recipient}`,
  );
}

/** Where the spec puts a developer's identity, when it is there and nothing tells sops about another. */
export async function specIdentity(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const file = personalFile(env);
  const { recipients } = await identityFile(file);
  return recipients.length > 0 && (await identityPlaces(env)).every((place) => place.recipients.length === 0)
    ? file
    : undefined;
}
