import pulumi from "@pulumi/eslint-plugin";
import tseslint from "typescript-eslint";

const openers = {
  paths: [
    { name: "../seal/secret.js", importNames: ["open"], message: "Only core/seal/ opens a secret." },
    { name: "../core/seal/secret.js", importNames: ["open"], message: "Only core/seal/ opens a secret." },
    { name: "../../core/seal/secret.js", importNames: ["open"], message: "Only core/seal/ opens a secret." },
    { name: "./core/seal/secret.js", importNames: ["open"], message: "Only core/seal/ opens a secret." },
  ],
};

export default tseslint.config(
  { ignores: ["node_modules/", ".sandbox/", ".build/", "toolchain/go/"] },
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    plugins: { "@pulumi": pulumi },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "no-restricted-imports": ["error", openers],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-extraneous-class": "off",
      // For what is loaded when it is used. `import()` is for packages: it knows nothing of the TypeScript loader.
      "@typescript-eslint/no-require-imports": ["error", { allow: ["^\\.\\.?/"] }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
    },
  },
  {
    // Answers of the emulated APIs are read as plain JSON there; a wrong shape fails the test that reads it.
    files: ["tests/**/*.ts"],
    rules: {
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
  { files: ["**/*.mjs"], ...tseslint.configs.disableTypeChecked },
  { files: ["core/report/page/script.js"], extends: [...tseslint.configs.strict] },
);
