/** Deployments and their statuses. */
import { nodeId } from "../state/ids.js";
import { stamp } from "../state/time.js";
import type { Deployment, Repository, Schema } from "../state/types.js";
import { simpleUser } from "./account.js";

const address = (api: string, repository: Repository): string =>
  `${api}/repos/${repository.owner.login}/${repository.name}`;

/** A deployment; who made it is in `creator`. */
export function deployment(api: string, repository: Repository, one: Deployment): Schema<"deployment"> {
  const url = `${address(api, repository)}/deployments/${one.id}`;
  return {
    url,
    id: one.id,
    node_id: nodeId("DE", one.id),
    sha: one.sha,
    ref: one.ref,
    task: "deploy",
    payload: {},
    original_environment: one.environment,
    environment: one.environment,
    description: null,
    creator: simpleUser(api, one.creator),
    created_at: stamp(one.createdAt),
    updated_at: stamp(one.statuses[0]?.createdAt ?? one.createdAt),
    statuses_url: `${url}/statuses`,
    repository_url: address(api, repository),
    transient_environment: false,
    production_environment: one.environment.toLowerCase() === "production",
  };
}

/** A status of a deployment. */
export function deploymentStatus(
  api: string,
  repository: Repository,
  one: Deployment,
  status: Deployment["statuses"][number],
): Schema<"deployment-status"> {
  const parent = `${address(api, repository)}/deployments/${one.id}`;
  return {
    url: `${parent}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId("DES", status.id),
    state: status.state,
    creator: simpleUser(api, one.creator),
    description: "",
    environment: one.environment,
    environment_url: status.url,
    target_url: status.url,
    log_url: status.url,
    created_at: stamp(status.createdAt),
    updated_at: stamp(status.createdAt),
    deployment_url: parent,
    repository_url: address(api, repository),
  };
}
