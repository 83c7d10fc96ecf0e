/** Serves the chat page: three files of this folder and nothing from anywhere else. */
import { Hono } from "hono";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "page");
const POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'";

export function chatPage(): Hono {
  const app = new Hono();
  const files = { "/": "index.html", "/chat.css": "chat.css", "/chat.js": "chat.js" };
  for (const [path, file] of Object.entries(files)) {
    app.get(path, () =>
      new Response(Bun.file(join(FOLDER, file)), {
        headers: { "cache-control": "no-store", "content-security-policy": POLICY },
      }));
  }
  return app;
}
