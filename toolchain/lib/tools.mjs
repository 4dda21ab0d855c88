import { fileURLToPath } from "node:url";

/** The folder with one Go module per tool that can be built. */
export const MODULES = fileURLToPath(new URL("../go/", import.meta.url));

/** @type {import("../setup.mjs").Tool[]} in order of build time, the longest first */
export const TOOLS = [
  {
    // The engine finds a language host only next to its own real file once PULUMI_IGNORE_AMBIENT_PLUGINS is set, so the
    // two are one tool. Below 3.259 nothing was tested, and some versions break on S3-compatible stores.
    name: "pulumi",
    version: "3.259.0",
    programs: ["pulumi", "pulumi-language-nodejs"],
    path: {
      args: ["version"],
      min: "3.259.0",
      below: "4.0.0",
      env: { PULUMI_SKIP_UPDATE_CHECK: "1" },
    },
    download: "https://github.com/pulumi/pulumi/releases/download/",
    builds: [
      {
        module: "pulumi",
        version: "3.259.0",
        packages: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
        link: "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0",
      },
      {
        // The last module version that contains the host. Engines no longer tell it runtime.options of Pulumi.yaml, so a
        // starter of ours, which the engine takes for the host, does (go/pulumi-language-nodejs/main.go).
        module: "pulumi-language-nodejs",
        version: "3.65.1",
        packages: {
          "pulumi-language-nodejs": ".",
          "pulumi-language-nodejs-host": "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
        },
      },
    ],
  },
  {
    name: "sops",
    version: "3.13.3",
    programs: ["sops"],
    path: { args: ["--version"], min: "3.11.0", below: "4.0.0", env: { SOPS_DISABLE_VERSION_CHECK: "1" } },
    download: "https://github.com/getsops/sops/releases/download/",
    builds: [{ module: "sops", version: "3.13.3", packages: { sops: "github.com/getsops/sops/v3/cmd/sops" } }],
  },
  {
    name: "pulumi-resource-github",
    version: "6.15.0",
    programs: ["pulumi-resource-github"],
    plugin: true,
    download: "https://get.pulumi.com/releases/plugins/",
    builds: [{ module: "pulumi-resource-github", version: "6.15.0", packages: { "pulumi-resource-github": "." } }],
  },
  {
    name: "age", // below 1.3 there are no post-quantum identities
    version: "1.3.2",
    programs: ["age", "age-keygen"],
    path: { args: ["--version"], min: "1.3.0", below: "2.0.0" },
    download: "https://github.com/FiloSottile/age/releases/download/",
    builds: [
      {
        module: "age",
        version: "1.3.2",
        packages: { age: "filippo.io/age/cmd/age", "age-keygen": "filippo.io/age/cmd/age-keygen" },
        link: "-X main.Version=v1.3.2",
      },
    ],
  },
  {
    name: "docker-compose",
    version: "2.40.3",
    programs: ["docker-compose"],
    optional: true,
    path: { args: ["version", "--short"], min: "2.40.0", below: "3.0.0" },
    download: "https://github.com/docker/compose/releases/download/",
    builds: [
      {
        module: "docker-compose",
        version: "2.40.3",
        packages: { "docker-compose": "github.com/docker/compose/v2/cmd" },
        link: "-X github.com/docker/compose/v2/internal.Version=v2.40.3",
      },
    ],
  },
  {
    name: "gitleaks",
    version: "8.28.0",
    programs: ["gitleaks"],
    optional: true,
    path: { args: ["version"], min: "8.28.0", below: "9.0.0" },
    download: "https://github.com/gitleaks/gitleaks/releases/download/",
    builds: [
      {
        module: "gitleaks",
        version: "8.28.0",
        packages: { gitleaks: "github.com/zricethezav/gitleaks/v8" },
        link: "-X github.com/zricethezav/gitleaks/v8/cmd.Version=8.28.0",
      },
    ],
  },
  {
    name: "actionlint",
    version: "1.7.12",
    programs: ["actionlint"],
    optional: true,
    path: { args: ["-version"], min: "1.7.12", below: "2.0.0" },
    download: "https://github.com/rhysd/actionlint/releases/download/",
    builds: [
      {
        module: "actionlint",
        version: "1.7.12",
        packages: { actionlint: "github.com/rhysd/actionlint/cmd/actionlint" },
        link: "-X github.com/rhysd/actionlint.version=1.7.12",
      },
    ],
  },
  {
    name: "compose-dotenv", // ours: how Compose reads a .env file, for property tests
    version: "2.13.0",
    programs: ["compose-dotenv"],
    optional: true,
    builds: [{ module: "compose-dotenv", version: "2.13.0", packages: { "compose-dotenv": "." } }],
  },
];
