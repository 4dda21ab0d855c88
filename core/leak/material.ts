import { exposureOf } from "../exposure/exposure.js";
import { type Material, materialIn, publicPrints, recipientsIn } from "../seal/exposed.js";
import type { Secret } from "../seal/secret.js";
import type { Known } from "./known.js";
import type { Exposed } from "./report.js";

/** Private material that no source holds, and what to do about it. It has no row: which secret it is, a person has to say. */
export interface Stranger {
  readonly what: string;
  readonly steps: readonly string[];
}

/** What a text shows to be by its form. */
export interface Recognized {
  /** Age identities that .sops.yaml lists or once did. */
  readonly identities: readonly Exposed[];
  readonly strangers: readonly Stranger[];
}

/** Recognizes what no value of the sources explains. `isKnown`: the text holds values of the sources. */
export async function recognize(secret: Secret, known: Known, isKnown: boolean): Promise<Recognized> {
  const recipients = await recipientsIn(secret);
  const named = recipients.map((recipient) => ({ recipient, name: nameOf(recipient, known) }));
  const identities = named.flatMap(({ recipient, name }) =>
    name === undefined ? [] : [identity(name, recipient, known)],
  );
  const unlisted = named.filter(({ name }) => name === undefined).map(({ recipient }) => stranger(recipient));
  const others = materialIn(secret).filter(({ rule }) => rule !== "age-identity" || recipients.length === 0);
  const strangers = isKnown ? [] : await Promise.all(others.map((one) => strangerOf(one, secret)));
  return { identities, strangers: [...unlisted, ...strangers] };
}

function nameOf(recipient: string, { names }: Known): string | undefined {
  return [...names].find(([, ever]) => ever.has(recipient))?.[0];
}

/** An identity of the team: what it opens is exposed with it. */
function identity(name: string, recipient: string, known: Known): Exposed {
  const { exposed } = exposureOf(known.history, new Set([recipient]));
  const files = [...new Set(exposed.map(({ path }) => path))];
  const opens =
    exposed.length === 0
      ? "it opens no present value"
      : `it opens ${String(exposed.length)} present values: ${files
          .map((file) => `${file} (${exposed.flatMap(({ path, key }) => (path === file ? [key] : [])).join(", ")})`)
          .join("; ")}`;
  return {
    secret: `age identity ${name}`,
    tier: 2,
    about: `an identity, in no source itself; ${opens}, and for ever what git's history holds for it`,
    sameValue: [],
    places: [],
    steps: [
      `npm run p24 -- rekey ${name}`,
      `instead, when ${name} is a person who has left: npm run p24 -- offboard ${name}`,
      "then rotate every value named above that was not: npm run p24 -- leak NAME opens its row",
      "close the identity's row in docs/secrets-rotation-log.md by hand: yes, and the time (UTC)",
    ],
    found: [{ where: "what was given", form: `its public part is ${recipient}` }],
  };
}

function stranger(recipient: string): Stranger {
  return {
    what: `an age identity that .sops.yaml never listed; its public part is ${recipient}`,
    steps: ["it opens no source of this repository; whoever uses it for something else makes a new one"],
  };
}

async function strangerOf({ rule, what }: Material, secret: Secret): Promise<Stranger> {
  if (rule !== "private-pem") {
    const steps = [
      "revoke it where it was issued, and make a new one there if it is needed",
      "npm run p24 -- leak NAME opens a row for a credential that inventory.yaml lists as outside of the sources (GH_PAT, say)",
    ];
    return { what, steps };
  }
  const { ssh, app } = await publicPrints(secret);
  const steps = [
    ...(ssh === undefined
      ? []
      : [
          `its public part is ${ssh}: ssh-keygen -lf ~claude-admin/.ssh/authorized_keys and /root/.ssh/authorized_keys on each host show where it lets in`,
          "npm run p24 -- leak VPS_SSH_PRIVATE_KEY, or leak VPS_ROOT_SSH_KEY: what to do, and its row",
        ]),
    ...(app === undefined
      ? []
      : [`is it the App's (its page shows ${app})? npm run p24 -- leak P24_BOT_PRIVATE_KEY: what to do, and its row`]),
    ...(ssh === undefined && app === undefined ? ["find out whose it is, and replace the pair there"] : []),
    "a former sync or signing key: npm run p24 -- rekey sync_ssh_key, rekey payload_signing_key, when the present one may be known, too",
  ];
  return { what, steps };
}
