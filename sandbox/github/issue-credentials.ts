/** Giving out credentials, made at run time and told to the caller only. */
import {
  classicValue,
  fineGrainedValue,
  serverValue,
  type Credentials,
  type IssuedCredential,
} from "./access/credentials.js";
import { required } from "./seed.js";
import type { State } from "./state/state.js";
import { stamp } from "./state/time.js";
import type { Installation, Permissions } from "./state/types.js";

const HOUR_MS = 60 * 60 * 1000;

/** A credential to use: `value` is what goes after `Bearer `. */
export interface Credential {
  value: string;
  /** Whom the API takes the caller for (`viewer.login`). */
  login: string;
  /** As GitHub writes times; absent: it does not expire. */
  expiresAt?: string;
}

function given(credential: IssuedCredential, login: string): Credential {
  const { value, expiresAt } = credential;
  return { value, login, ...(expiresAt === undefined ? {} : { expiresAt: stamp(new Date(expiresAt)) }) };
}

/** A personal token of the old kind (`ghp_…`). Scopes: `repo` unless told. */
export function issueClassic(
  state: State,
  credentials: Credentials,
  login: string,
  scopes: string[] = ["repo"],
): Credential {
  const user = state.ensureAccount(login, "User");
  return given(credentials.add({ kind: "classic", value: classicValue(), revoked: false, user, scopes }), user.login);
}

/** A fine-grained personal token (`github_pat_…`) for some repositories of one owner. */
export function issueFineGrained(
  state: State,
  credentials: Credentials,
  asked: { login: string; owner: string; repositories: string[]; permissions: Permissions },
): Credential {
  const user = state.ensureAccount(asked.login, "User");
  const repositories = new Set(asked.repositories.map((name) => required(state, asked.owner, name).id));
  const { permissions } = asked;
  return given(
    credentials.add({
      kind: "fine-grained",
      value: fineGrainedValue(),
      revoked: false,
      user,
      repositories,
      permissions,
    }),
    user.login,
  );
}

/** An installation's token (`ghs_…`, about 520 characters), for an hour. Narrower than the installation when told. */
export function issueInstallation(
  state: State,
  credentials: Credentials,
  from: Installation,
  narrowed: { repositories?: string[]; permissions?: Permissions } = {},
): Credential {
  const only = narrowed.repositories?.map((name) => required(state, from.account.login, name).id);
  const issued = credentials.add({
    kind: "installation",
    value: serverValue(from.app.id),
    revoked: false,
    expiresAt: state.milliseconds() + HOUR_MS,
    installation: from,
    permissions: narrowed.permissions ?? from.permissions,
    ...(only ? { repositories: new Set(only) } : {}),
  });
  return given(issued, from.app.bot.login);
}

/** A job's own GITHUB_TOKEN: starts with `ghs_` too, acts as `github-actions[bot]`, reaches one repository, never its secrets. */
export function issueWorkflow(
  state: State,
  credentials: Credentials,
  owner: string,
  repo: string,
  permissions: Omit<Permissions, "secrets" | "administration" | "actions_variables"> = { contents: "read" },
): Credential {
  const bot = state.ensureAccount("github-actions[bot]", "Bot", 41_898_282);
  const repository = required(state, owner, repo);
  const issued = credentials.add({
    kind: "workflow",
    value: serverValue(15_368),
    revoked: false,
    expiresAt: state.milliseconds() + HOUR_MS,
    repository,
    permissions,
    bot,
  });
  return given(issued, bot.login);
}
