// A dashboard's first minute through the generated types: sign in, who am I, the projects, the overview.
// Run by scripts/check_clients.py with DIAODU_URL, DIAODU_USERNAME, DIAODU_PASSWORD, DIAODU_REGION, DIAODU_YEAR.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`no ${what}`);
  return value;
}

const env = (name: string): string => need(process.env[name], `environment variable ${name}`);
const client = createClient<paths>({ baseUrl: env("DIAODU_URL") });

const signIn = await client.POST("/api/v1/auth/token", {
  body: { grant_type: "password", username: env("DIAODU_USERNAME"), password: env("DIAODU_PASSWORD") },
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
});
const token: string = need(signIn.data, `token: ${JSON.stringify(signIn.error)}`).access_token;
client.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
});

const me = await client.GET("/api/v1/me");
const username: string = need(me.data, `account: ${JSON.stringify(me.error)}`).username;
if (username !== env("DIAODU_USERNAME")) throw new Error(`signed in as ${username}`);

const page = await client.GET("/api/v1/projects", { params: { query: { limit: 3 } } });
const projects = need(page.data, `projects: ${JSON.stringify(page.error)}`).items;
const [first] = projects;
if (first === undefined) throw new Error("no projects");

const one = await client.GET("/api/v1/projects/{project_id}", { params: { path: { project_id: first.id } } });
const name: string = need(one.data, `project: ${JSON.stringify(one.error)}`).name;
if (name !== first.name) throw new Error(`list and project disagree: ${first.name}, ${name}`);

const overview = await client.GET("/api/v1/statistics/overview", {
  params: { query: { region: env("DIAODU_REGION"), year: Number(env("DIAODU_YEAR")) } },
});
need(overview.data, `overview: ${JSON.stringify(overview.error)}`);

const missing = await client.GET("/api/v1/projects/{project_id}", {
  params: { path: { project_id: "00000000-0000-7000-8000-000000000000" } },
});
if (missing.response.status !== 404) throw new Error(`a missing project answers ${missing.response.status}`);
const code: string = need(missing.error, "problem").code;

console.log(`TypeScript client: ${username} sees "${name}" and the overview; a missing project is ${code}`);
