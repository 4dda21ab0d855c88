/** Apps and their installations. */
import { nodeId } from "../state/ids.js";
import { stamp } from "../state/time.js";
import type { App, Installation, Schema } from "../state/types.js";
import { simpleUser } from "./account.js";

/** An App as `GET /app` shows it to itself. */
export function integration(api: string, app: App, installations: number): Schema<"integration"> {
  return {
    id: app.id,
    client_id: app.clientId,
    slug: app.slug,
    node_id: nodeId("A", app.id),
    owner: simpleUser(api, app.owner),
    name: app.name,
    description: null,
    external_url: `https://github.com/${app.owner.login}`,
    html_url: `https://github.com/apps/${app.slug}`,
    created_at: stamp(app.createdAt),
    updated_at: stamp(app.createdAt),
    permissions: { metadata: "read", ...app.permissions },
    events: [],
    installations_count: installations,
  };
}

/** An installation of an App. */
export function installation(api: string, one: Installation): Schema<"installation"> {
  const settings = one.account.type === "Organization" ? `organizations/${one.account.login}/settings` : "settings";
  return {
    id: one.id,
    client_id: one.app.clientId,
    account: simpleUser(api, one.account),
    repository_selection: one.selection,
    access_tokens_url: `${api}/app/installations/${one.id}/access_tokens`,
    repositories_url: `${api}/installation/repositories`,
    html_url: `https://github.com/${settings}/installations/${one.id}`,
    app_id: one.app.id,
    app_slug: one.app.slug,
    target_id: one.account.id,
    target_type: one.account.type,
    permissions: { metadata: "read", ...one.permissions },
    events: [],
    created_at: stamp(one.createdAt),
    updated_at: stamp(one.createdAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: one.suspended ? simpleUser(api, one.account) : null,
    suspended_at: one.suspended ? stamp(one.createdAt) : null,
  };
}
