// The proof that every execution computes what was trained: the report that the build wrote before it released.

import { html, nothing } from "lit/html.js";
import { countText, numberText } from "../format.js";
import { deviationText, proofRows } from "../proof.js";

/** @param {import("../proof.js").Report} report */
export function proofView(report) {
  const { golden, random } = report.records;
  return html`
    <div class="proof" data-testid="proof">
      <h3>The same answers everywhere</h3>
      <p>
        Before this release, ${countText(golden, "recorded case")} and ${countText(random, "random record")} went through every way
        of running this pipeline and were compared with the Python that trained it, on the host. A deviation of more than
        ${deviationText(report.tolerance)} stops the release.
      </p>
      <table>
        <caption class="visually-hidden">How far each execution is from the host's Python</caption>
        <thead>
          <tr>
            <th scope="col">Compared</th>
            <th scope="col">Numbers</th>
            <th scope="col">Largest deviation</th>
          </tr>
        </thead>
        <tbody>
          ${proofRows(report).map(
            ({ execution, what, values, deviation }) => html`<tr>
              <th scope="row">${sentence(execution)} <span class="aside">${what}</span></th>
              <td>${numberText(values)}</td>
              <td>${deviationText(deviation)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
      ${report.graph_reason === null ? nothing : html`<p class="aside">Not compiled to a graph: ${report.graph_reason}</p>`}
    </div>
  `;
}

/** @param {string} text */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
