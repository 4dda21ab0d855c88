/** TLS ends here: the other side of a CONNECT to an emulated host. */
import tls from "node:tls";
import type { Duplex } from "node:stream";
import { normalizeHostname } from "./authority.js";
import type { CertificateAuthority } from "./certificates.js";

/** ALPN in wire form: the stand-ins speak HTTP/1.1 and no h2, whatever else a client offers. */
const HTTP_1_1 = Buffer.from("\x08http/1.1", "latin1");

/** Makes the TLS side of a host. Contexts are made once a host. */
export function createTermination(authority: CertificateAuthority): {
  /**
   * @param ready gets the connection after the handshake
   * @param mismatch called, and the connection cut, when the client names (SNI) another host than it asked the proxy for
   */
  accept(
    socket: Duplex,
    hostname: string,
    ready: (secure: tls.TLSSocket) => void,
    mismatch: (name: string) => void,
  ): tls.TLSSocket;
} {
  const contexts = new Map<string, tls.SecureContext>();
  return {
    accept(socket, hostname, ready, mismatch) {
      let secureContext = contexts.get(hostname);
      if (!secureContext) {
        secureContext = tls.createSecureContext({ ...authority.leaf(hostname), minVersion: "TLSv1.2" });
        contexts.set(hostname, secureContext);
      }
      const secure = new tls.TLSSocket(socket, {
        isServer: true,
        secureContext,
        ALPNProtocols: HTTP_1_1 as never,
      });
      // A client that does not trust the authority, or goes away: its own error message is the useful one.
      secure.on("error", () => secure.destroy());
      secure.once("secure", () => {
        const named = (secure as tls.TLSSocket & { servername?: string | false }).servername;
        if (typeof named === "string" && named !== "" && normalizeHostname(named) !== hostname) {
          mismatch(named);
          secure.destroy();
          return;
        }
        ready(secure);
      });
      return secure;
    },
  };
}
