/** Identities of hosts and clients that exist only while the tests run. */
import ssh2 from "ssh2";

/** A fresh ed25519 pair. ssh2 1.17.0 writes about one pair in 256 so that it cannot be read again: try until it can. */
function ed25519(lock?: { cipher: "aes256-ctr"; passphrase: string; rounds: number }): {
  private: string;
  public: string;
} {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519", lock);
    const unreadable = [ssh2.utils.parseKey(pair.private, lock?.passphrase), ssh2.utils.parseKey(pair.public)].some(
      (key) => key instanceof Error,
    );
    if (!unreadable) return pair;
  }
}

/** Identities that exist only while the tests run. */
export const identities = {
  host: ed25519(),
  hostRsa: ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 }),
  impostor: ed25519(),
  client: ed25519(),
  clientLocked: ed25519({ cipher: "aes256-ctr", passphrase: "open", rounds: 4 }),
  stranger: ed25519(),
};
export const testPassword = "of the test";
