// A phone's photo by the stock tus client: cut off half-way, the server started anew, then resumed where it stood.
// Run twice by scripts/check_clients.py: DIAODU_PHASE=begin prints the upload's address, DIAODU_PHASE=resume takes it.
import { readFile } from "node:fs/promises";
import { Upload } from "tus-js-client";

const env = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`no environment variable ${name}`);
  return value;
};

const file = await readFile(env("DIAODU_PHOTO"));
const begin = env("DIAODU_PHASE") === "begin";
let firstOffset = -1;

await new Promise<void>((resolve, reject) => {
  const upload = new Upload(file, {
    ...(begin ? { endpoint: `${env("DIAODU_URL")}/api/v1/uploads` } : { uploadUrl: env("DIAODU_UPLOAD") }),
    chunkSize: 64 * 1024,
    headers: { Authorization: `Bearer ${env("DIAODU_TOKEN")}` },
    metadata: { filename: "施工现场.jpg", photo_id: env("DIAODU_PHOTO_ID") },
    retryDelays: [0, 200, 1000],
    onError: reject,
    onSuccess: () => {
      if (begin) reject(new Error("it was to be cut off half-way"));
      else resolve();
    },
    onProgress: (sent) => {
      if (firstOffset < 0) firstOffset = sent;
    },
    onChunkComplete: (_size, accepted) => {
      if (begin && accepted >= file.length / 2) {
        void upload.abort();
        console.log(upload.url);
        resolve();
      }
    },
  });
  upload.start();
});

if (!begin) {
  if (firstOffset < file.length / 2) throw new Error(`resumed at ${firstOffset} of ${file.length}`);
  const answer = await fetch(`${env("DIAODU_URL")}/api/v1/photos/${env("DIAODU_PHOTO_ID")}`, {
    headers: { Authorization: `Bearer ${env("DIAODU_TOKEN")}` },
  });
  const photo = (await answer.json()) as { state: string; size: number };
  if (photo.state !== "ready" || photo.size !== file.length) throw new Error(JSON.stringify(photo));
  console.log(`tus-js-client: resumed at ${firstOffset} of ${file.length} bytes, the photo is ${photo.state}`);
}
