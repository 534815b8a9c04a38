import { defineConfig } from "vitest/config";
import { compress } from "./compress.ts";

/** The server sends `dist/` with the policy `default-src 'self'`, so nothing may be inlined into the page. */
export default defineConfig({
  // Relative, because a proxy may serve the page below a path of its own.
  base: "./",
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  plugins: [compress()],
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } } },
  test: { include: ["tests/**/*.test.ts"] },
});
