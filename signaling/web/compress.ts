import type { Plugin } from "vite";

/** Adds a `.gz` of every file to the build, so that the server compresses nothing while it runs. */
export function compress(): Plugin {
  return {
    name: "compress",
    generateBundle: {
      order: "post",
      async handler(_, bundle) {
        for (const file of Object.values(bundle)) {
          const text = file.type === "chunk" ? file.code : file.source;
          this.emitFile({ type: "asset", fileName: `${file.fileName}.gz`, source: await gzip(text) });
        }
      },
    },
  };
}

async function gzip(text: string | Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([text as BlobPart]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
