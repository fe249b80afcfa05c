import assert from "node:assert/strict";
import { test } from "node:test";
import { Files } from "../../../../web/worker/files.js";
import { platform, serve, wantedOf } from "../shared/site.js";

test("bytes of all files are told together", async (context) => {
  const site = await serve(context, (request, response) => response.end(request.url === "/a" ? "aaaa" : "bb"));
  /** @type {[number, number][]} */
  const told = [];
  const files = new Files(platform, (loaded, total) => told.push([loaded, total]));
  await Promise.all([files.get(wantedOf("aaaa", `${site}a`)), files.get(wantedOf("bb", `${site}b`))]);
  assert.deepEqual(told.at(-1), [6, 6]);
  assert.ok(told.every(([loaded, total]) => loaded <= total));
});

test("a file asked for twice is downloaded once, until it is let go", async (context) => {
  let asked = 0;
  const site = await serve(context, (_request, response) => {
    asked += 1;
    response.end("aaaa");
  });
  const files = new Files(platform, () => {});
  const wanted = wantedOf("aaaa", `${site}a`);
  const [once, twice] = await Promise.all([files.get(wanted), files.get(wanted)]);
  assert.equal(once, twice);
  files.forget();
  await files.get(wanted);
  assert.equal(asked, 2);
});
