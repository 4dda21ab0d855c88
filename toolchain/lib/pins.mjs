/**
 * Checksums of the official archives, per tool and `platform-arch` of Node. README.md says where each comes from.
 *
 * A platform that is not listed has no published checksum that we could find: its download is skipped with that reason,
 * and the tool is built. Never add a line without a source. `file` is relative to the tool's download base.
 *
 * @type {Record<string, Record<string, { file: string, sha256?: string, sha512?: string }>>}
 */
export const PINS = {
  pulumi: {
    "linux-x64": {
      file: "v3.259.0/pulumi-v3.259.0-linux-x64.tar.gz",
      sha256: "94ba357acac23d01474084c4b00098dc0f7bc70ce13f34c777459254a5f718e5",
    },
    "linux-arm64": {
      file: "v3.259.0/pulumi-v3.259.0-linux-arm64.tar.gz",
      sha256: "edc8327463a72160bb36cf82cf5062da9c8a244290a706d9980988e7bf486853",
    },
    "darwin-x64": {
      file: "v3.259.0/pulumi-v3.259.0-darwin-x64.tar.gz",
      sha256: "eaca4c3b8277bfa3ab061fa3b270d1c66358a0b2e613da8c5587a04b7226c534",
    },
    "darwin-arm64": {
      file: "v3.259.0/pulumi-v3.259.0-darwin-arm64.tar.gz",
      sha256: "57c27f179e527e2cf9f62b841a448af72a020e44b2fb4ee0d9bd85556c00c864",
    },
    "win32-x64": {
      file: "v3.259.0/pulumi-v3.259.0-windows-x64.zip",
      sha512:
        "7a49068c2a10110c5887135d43d7ab02b8b23c95af15a3b0f35104fced8366da" +
        "c48ed33da6f2a4da55f74d960f894dbe6d6c75ea0cdf95ff3fa2991a2474dca6",
    },
  },
  "pulumi-resource-github": {
    "linux-x64": {
      file: "pulumi-resource-github-v6.15.0-linux-amd64.tar.gz",
      sha256: "52c99833ab7c5ee567a0ec06731038aee436be4d5dabd0b717aacda1e39bee7f",
    },
  },
  sops: {
    "linux-x64": {
      file: "v3.13.3/sops-v3.13.3.linux.amd64",
      sha256: "e5bec3346a873ae91d871550f3e698c1aad962aff462a080e40f25fde17fef6b",
    },
    "linux-arm64": {
      file: "v3.13.3/sops-v3.13.3.linux.arm64",
      sha256: "53b0abacd38ef1b12a66d6c100956691b9cefce018d91f81e73ddf7438b94d77",
    },
    "darwin-x64": {
      file: "v3.13.3/sops-v3.13.3.darwin.amd64",
      sha256: "42162d5cef10b74fcf80a045a70e658d7ce6e63d6ea1be6f347e44015714468d",
    },
    "darwin-arm64": {
      file: "v3.13.3/sops-v3.13.3.darwin.arm64",
      sha256: "b97c0d434aab577dc40310e8d22ff9e45eef4c80638ab978daae9b4681c59286",
    },
    "win32-x64": {
      file: "v3.13.3/sops-v3.13.3.amd64.exe",
      sha256: "a4a9a398858fe8b2ef72d9686d930bf7c5cece9be74ad83ac3b53cfdd70e6b1c",
    },
    "win32-arm64": {
      file: "v3.13.3/sops-v3.13.3.arm64.exe",
      sha256: "7f936a0d08edbeba3eb8f50bad1fe71eba83a140a80dfd17051f3bdb4facb08a",
    },
  },
  age: {
    "linux-x64": {
      file: "v1.3.2/age-v1.3.2-linux-amd64.tar.gz",
      sha256: "cbe24006683f8eb669266162894b9a522a1af52f2665fbc63a4bb032ed26ac10",
    },
    "linux-arm64": {
      file: "v1.3.2/age-v1.3.2-linux-arm64.tar.gz",
      sha256: "6b8dc4333c53a5a57c9e5834e3a48f92605d7154014cd07269ff3327db5d37f4",
    },
    "darwin-x64": {
      file: "v1.3.2/age-v1.3.2-darwin-amd64.tar.gz",
      sha256: "1d1e4bc66e1427edad7739ae7616157de0e79db8b6d2a1497d7d9925fb06a539",
    },
    "darwin-arm64": {
      file: "v1.3.2/age-v1.3.2-darwin-arm64.tar.gz",
      sha256: "e2020b073c44f692685a24d6abc378817eb81ffaaf49fd0531ef8565f767f2f5",
    },
    "win32-x64": {
      file: "v1.3.2/age-v1.3.2-windows-amd64.zip",
      sha256: "f48d8f8f9ebe903ab5027ed067652f2cc1db94bc206976430133b905dcd8e8c7",
    },
  },
  "docker-compose": {
    "linux-x64": {
      file: "v2.40.3/docker-compose-linux-x86_64",
      sha256: "dba9d98e1ba5bfe11d88c99b9bd32fc4a0624a30fafe68eea34d61a3e42fd372",
    },
    "linux-arm64": {
      file: "v2.40.3/docker-compose-linux-aarch64",
      sha256: "d26373b19e89160546d15407516cc59f453030d9bc5b43ba7faf16f7b4980137",
    },
    "darwin-x64": {
      file: "v2.40.3/docker-compose-darwin-x86_64",
      sha256: "53528ecff0182546d92d7cc3f50dc78f9b387c3da68b4a3fd0cf2c48dab77133",
    },
    "darwin-arm64": {
      file: "v2.40.3/docker-compose-darwin-aarch64",
      sha256: "8cd7eb5f95bacb536cc407111662e2c205d67d9abfea5dcb8400be8418db60d1",
    },
    "win32-x64": {
      file: "v2.40.3/docker-compose-windows-x86_64.exe",
      sha256: "4c864dd7f879dd40366e087e68a8a02cbcf018be0128867b13369898e67e1532",
    },
  },
  gitleaks: {
    "linux-x64": {
      file: "v8.28.0/gitleaks_8.28.0_linux_x64.tar.gz",
      sha256: "a65b5253807a68ac0cafa4414031fd740aeb55f54fb7e55f386acb52e6a840eb",
    },
    "linux-arm64": {
      file: "v8.28.0/gitleaks_8.28.0_linux_arm64.tar.gz",
      sha256: "eff65261156100e5d94a6b3dec313d532fddfe19ae1590bf7a2b4f2699128356",
    },
    "darwin-x64": {
      file: "v8.28.0/gitleaks_8.28.0_darwin_x64.tar.gz",
      sha256: "edf5a507008b0d2ef4959575772772770586409c1f6f74dabf19cbe7ec341ced",
    },
    "darwin-arm64": {
      file: "v8.28.0/gitleaks_8.28.0_darwin_arm64.tar.gz",
      sha256: "d942f3ad147250c9edbaab3fed9e482f98d3b59ba10ae97b8d75647e3ade492c",
    },
    "win32-x64": {
      file: "v8.28.0/gitleaks_8.28.0_windows_x64.zip",
      sha256: "da6458e8864af553807de1c46a7a8eac0880bd6b99ba56288e87e86a45af884f",
    },
  },
  actionlint: {
    "linux-x64": {
      file: "v1.7.12/actionlint_1.7.12_linux_amd64.tar.gz",
      sha256: "8aca8db96f1b94770f1b0d72b6dddcb1ebb8123cb3712530b08cc387b349a3d8",
    },
    "linux-arm64": {
      file: "v1.7.12/actionlint_1.7.12_linux_arm64.tar.gz",
      sha256: "325e971b6ba9bfa504672e29be93c24981eeb1c07576d730e9f7c8805afff0c6",
    },
    "darwin-x64": {
      file: "v1.7.12/actionlint_1.7.12_darwin_amd64.tar.gz",
      sha256: "5b44c3bc2255115c9b69e30efc0fecdf498fdb63c5d58e17084fd5f16324c644",
    },
    "darwin-arm64": {
      file: "v1.7.12/actionlint_1.7.12_darwin_arm64.tar.gz",
      sha256: "aba9ced2dee8d27fecca3dc7feb1a7f9a52caefa1eb46f3271ea66b6e0e6953f",
    },
    "win32-x64": {
      file: "v1.7.12/actionlint_1.7.12_windows_amd64.zip",
      sha256: "6e7241b51e6817ea6a047693d8e6fed13b31819c9a0dd6c5a726e1592d22f6e9",
    },
    "win32-arm64": {
      file: "v1.7.12/actionlint_1.7.12_windows_arm64.zip",
      sha256: "cadcf7ea4efe3a68728893813643cebe1185e5b1d4be5b96245f65c9a4d5ea41",
    },
  },
};
