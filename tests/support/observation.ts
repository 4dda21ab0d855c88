/** A host that is as it should be, for tests that then change one thing. */
import { HOST_PROGRAM, type HostObservation } from "../../core/observe/host.js";

export const HOST_RECIPIENT = "age1host";

export function healthyHost(changes: Partial<HostObservation> = {}): HostObservation {
  return {
    program: HOST_PROGRAM,
    identity: "ok",
    recipient: HOST_RECIPIENT,
    serial: 7,
    pending: false,
    file: { mode: "600", owner: "root:root" },
    want: { mode: "600", owner: "root:root" },
    own: new Map(),
    foreign: [],
    unread: 0,
    docker: "ok",
    services: [],
    recreate: [],
    ...changes,
  };
}
