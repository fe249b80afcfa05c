/** The page at /api/: asks a released pipeline as any program would, by its description in OpenAPI. */

/**
 * @typedef {object} Schema
 * @property {Record<string, {title?: string, description?: string}>} properties
 * @property {string[]} required
 *
 * @typedef {object} Operation
 * @property {string} summary
 * @property {string} description
 * @property {{content: {"application/json": {example: unknown}}}} requestBody
 * @property {{schema: {enum: string[], default: string}}[]} parameters
 *
 * @typedef {object} Description
 * @property {Record<string, {post?: Operation}>} paths
 * @property {{schemas: Record<string, Schema>, securitySchemes?: object}} components
 *
 * @typedef {{message: string, problems?: {message: string}[]}} Failure
 */

const PREDICT = /^\/api\/pipelines\/([^/]+)\/predict$/;

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 */
function element(id, type) {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} ${id}`);
}

const form = element("form", HTMLFormElement);
const pipeline = element("pipeline", HTMLSelectElement);
const variant = element("variant", HTMLSelectElement);
const records = element("records", HTMLTextAreaElement);
const key = element("key", HTMLInputElement);
const ask = element("ask", HTMLButtonElement);

/** @param {string} text */
function fail(text) {
  const failure = element("failure", HTMLParagraphElement);
  failure.textContent = text;
  failure.hidden = false;
}

/**
 * @param {string} tag
 * @param {string} text
 */
function made(tag, text) {
  const node = document.createElement(tag);
  node.textContent = text;
  return node;
}

/**
 * @param {string} value
 * @param {boolean} chosen
 */
function option(value, chosen) {
  return new Option(value, value, chosen, chosen);
}

/**
 * @param {Schema} schema
 * @returns {HTMLElement[]}
 */
function fieldRows(schema) {
  return Object.entries(schema.properties).map(([name, { description }]) => {
    const row = document.createElement("tr");
    row.append(made("td", name), made("td", description ?? ""));
    return row;
  });
}

/**
 * Show what a pipeline takes, with its example.
 *
 * @param {Description} description
 * @param {string} name
 */
function choose(description, name) {
  const operation = /** @type {Operation} */ (description.paths[`/api/pipelines/${name}/predict`]?.post);
  const { enum: variants, default: usual } = operation.parameters[0].schema;
  variant.replaceChildren(...variants.map((each) => option(each, each === usual)));
  element("about", HTMLParagraphElement).textContent = operation.description;
  element("fields", HTMLTableSectionElement).replaceChildren(...fieldRows(description.components.schemas[name]));
  records.value = JSON.stringify(operation.requestBody.content["application/json"].example, null, 2);
}

/** Where the chosen pipeline is asked. */
function address() {
  const url = new URL(`pipelines/${pipeline.value}/predict`, document.baseURI);
  url.searchParams.set("variant", variant.value);
  return url;
}

/** @param {URL} url */
function command(url) {
  const quoted = (/** @type {string} */ text) => `'${text.replaceAll("'", "'\\''")}'`;
  const header = key.value ? " --header 'Authorization: Bearer KEY'" : "";
  return `curl ${quoted(url.href)}${header} --json ${quoted(records.value)}`;
}

/**
 * @param {string} status
 * @param {string} answer
 * @param {Failure["problems"]} problems
 */
function show(status, answer, problems) {
  element("status", HTMLParagraphElement).textContent = status;
  element("answer", HTMLPreElement).textContent = answer;
  element("problems", HTMLUListElement).replaceChildren(...(problems ?? []).map(({ message }) => made("li", message)));
  element("curl", HTMLPreElement).textContent = command(address());
  element("result", HTMLElement).hidden = false;
}

/** @param {Event} event */
async function predict(event) {
  event.preventDefault();
  ask.disabled = true;
  try {
    /** @type {Record<string, string>} */
    const headers = { "Content-Type": "application/json" };
    if (key.value) headers.Authorization = `Bearer ${key.value}`;
    const response = await fetch(address(), { method: "POST", headers, body: records.value });
    const answer = await response.json();
    const failure = /** @type {Failure} */ (answer);
    const status = response.ok ? "Answer" : `Refused (${response.status}): ${failure.message}`;
    show(status, JSON.stringify(answer, null, 2), failure.problems);
  } catch (error) {
    show(`The server could not be asked: ${error}`, "", []);
  } finally {
    ask.disabled = false;
  }
}

async function start() {
  const response = await fetch("openapi.json");
  if (!response.ok) throw new Error(/** @type {Failure} */ (await response.json()).message);
  const description = /** @type {Description} */ (await response.json());
  const names = Object.keys(description.paths).flatMap((path) => PREDICT.exec(path)?.[1] ?? []);
  if (!names.length) throw new Error("this site has no release with pipelines");
  pipeline.replaceChildren(...names.map((name, place) => option(name, place === 0)));
  pipeline.addEventListener("change", () => choose(description, pipeline.value));
  element("key-field", HTMLLabelElement).hidden = !description.components.securitySchemes;
  choose(description, names[0]);
  form.addEventListener("submit", predict);
  form.hidden = false;
}

start().catch((error) => fail(`There is nothing to ask: ${error.message}`));
