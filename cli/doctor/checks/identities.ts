import { defaultFile, type IdentityPlace, identityPlaces } from "../../../core/sources/identities.js";
import { decryptSource } from "../../../core/sources/decrypt.js";
import { sourceNames } from "../../../core/sources/import.js";
import { sourcePath } from "../../../core/model/sources.js";
import { FaultsError } from "../../../core/fault.js";
import { word } from "../../shells.js";
import { readRules } from "../../init/rules.js";
import { bad, type Check, type Finding, ok, type Patient } from "../check.js";

/** The age identities of this machine: who may read them, whose they are, and which sources they really open. */
export const identities: Check = {
  area: "identities",
  async look({ root, env }) {
    const places = await identityPlaces(env);
    if (places.length === 0) {
      return [
        bad(
          "fault",
          "no age identity was found on this machine",
          `npm run p24 -- init makes one; sops looks at SOPS_AGE_KEY_FILE and ${defaultFile(env)}`,
        ),
      ];
    }
    const { byName } = await readRules(root);
    return [...places.flatMap((place) => [...modeOf(place), ownerOf(place, byName)]), ...(await opened({ root, env }))];
  },
};

/** Windows says by access lists who may read a file; a user's profile is the user's own. */
function modeOf({ file, mode }: IdentityPlace): Finding[] {
  return file !== undefined && mode !== undefined && (mode & 0o077) !== 0
    ? [bad("fault", `${file} can be read by others (mode ${mode.toString(8)})`, `chmod 600 ${word(file)}`)]
    : [];
}

function ownerOf({ where, file, recipients }: IdentityPlace, byName: ReadonlyMap<string, string>): Finding {
  const shown = file === undefined || file === where ? where : `${where} (${file})`;
  if (recipients.length === 0) {
    return bad("warn", `${shown} holds no age identity`, "correct the variable or the file");
  }
  const names = recipients.map((recipient) => [...byName].find(([, known]) => known === recipient)?.[0]);
  const known = names.flatMap((name) => name ?? []);
  return known.length === 0
    ? bad(
        "warn",
        `${shown}: none of its identities is a recipient of .sops.yaml`,
        `somebody who can open the sources: npm run p24 -- onboard dev_NAME ${recipients[0] ?? ""}`,
      )
    : ok(`${shown}: ${known.join(", ")}`);
}

/** What an identity opens is asked of sops, not of the recipients' list. */
async function opened({ root, env }: Pick<Patient, "root" | "env">): Promise<Finding[]> {
  const names = await sourceNames(root);
  const results = await Promise.all(
    names.map(async (name) => {
      try {
        await decryptSource(root, sourcePath(name), env);
        return undefined;
      } catch (error) {
        if (!(error instanceof FaultsError)) {
          throw error;
        }
        return { name, faults: error.faults };
      }
    }),
  );
  const closed = results.filter((result) => result !== undefined);
  const open = names.filter((name) => !closed.some((one) => one.name === name));
  return [
    ...(open.length > 0
      ? [ok(`${String(open.length)} of ${String(names.length)} sources open: ${open.join(", ")}`)]
      : []),
    ...closed.flatMap(({ faults }) =>
      faults.map(({ where, what, repair }) => bad("fault", `${where}: ${what}`, repair)),
    ),
  ];
}
