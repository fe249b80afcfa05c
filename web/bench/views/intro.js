// What will be compared, before there is anything to show.

import { html } from "lit/html.js";

export function introView() {
  return html`
    <section aria-labelledby="ways-title">
      <h2 id="ways-title">Three ways to the same answer</h2>
      <ul class="ways">
        <li data-engine="javascript">
          <h3>Hand-written JavaScript</h3>
          <p>
            Features and network ported by hand to typed arrays. Nothing to download but weights, and nothing but tests to
            notice when it drifts away from the Python.
          </p>
        </li>
        <li data-engine="onnxruntime">
          <h3>ONNX Runtime Web</h3>
          <p>
            The same hand-written features; the model as WebAssembly with one thread and with several, in every variant, and
            on WebGPU where the browser has it.
          </p>
        </li>
        <li data-engine="foreshore">
          <h3>Foreshore</h3>
          <p>
            What a page gets from the public API: the Python that trained the model checks the input and makes the features,
            or the graph that the build made of that Python and the model, which must answer alike.
          </p>
        </li>
      </ul>
      <p class="aside">
        Measured apart: the download, compiling and starting, the first calls, and calls once all is warm, for one record and
        for several at once. And, where a pipeline has windows, how fast these take in what becomes known.
      </p>
    </section>
  `;
}
