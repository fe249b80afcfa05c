/**
 * Every message between the page and its workers, and between the workers.
 *
 * Requests carry an id and are each answered once, by an `answer` or an `error` with that id. `Results` says what each
 * request is answered with. Notices carry no id.
 *
 * @typedef {import("../generated/vocabulary.js").EncodingTable} EncodingTable
 * @typedef {import("./errors.js").ErrorData} ErrorData
 * @typedef {import("./jobs.js").Job} Job
 * @typedef {import("./release.js").Wanted} Wanted
 *
 * @typedef {Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array
 *   | BigInt64Array | BigUint64Array} TensorData
 * @typedef {{data: TensorData, dims: number[]}} Tensor
 * @typedef {Record<string, Tensor>} Tensors
 *
 * @typedef {object} Span When something happened, by the sender's clock.
 * @property {number} start_ms Since the epoch, as `performance.timeOrigin + performance.now()` gives it.
 * @property {number} end_ms
 * @typedef {Record<string, Span>} Spans
 */

/**
 * Page to Python worker: start Python, import a pipeline.
 *
 * @typedef {object} OpenPython
 * @property {"open_python"} type
 * @property {string} pipeline
 * @property {string[]} packages Names in the Pyodide lock; what they depend on is loaded with them.
 * @property {string} folder URL of the Pyodide folder, with a slash at its end.
 * @property {Record<string, Wanted>} files The files of that folder, by name.
 * @property {string[]} wheels URLs of more wheels to install.
 * @property {any} [model_port] MessagePort to the ORT worker; transferred. Without it there are windows, and no answers.
 *
 * Page to Python worker: answers for records.
 * @typedef {object} Predict
 * @property {"predict"} type
 * @property {string} records JSON list, in which an image's data is its place among `images`.
 * @property {Uint8Array<ArrayBuffer>[]} images Three bytes a pixel; transferred.
 * @property {number} first_row What the first record's row is called in errors.
 *
 * Page to Python worker: records with their streaming features, as far as they lack them.
 * @typedef {object} Fill
 * @property {"fill"} type
 * @property {string} records JSON list.
 * @property {number} first_row
 *
 * Page to Python worker: take in events.
 * @typedef {object} Observe
 * @property {"observe"} type
 * @property {string} events JSON list of [type, event].
 *
 * Page to Python worker: take in events and ask for records between them, by their times.
 * @typedef {object} Follow
 * @property {"follow"} type
 * @property {string} events JSON list of [type, event].
 * @property {string} records JSON list.
 * @property {boolean} restart Whether to forget all earlier events first.
 *
 * Page to Python worker: what the windows remember, as bytes; put back what they remembered; forget it.
 * @typedef {{type: "save_windows"}} SaveWindows
 * @typedef {{type: "restore_windows", state: Uint8Array}} RestoreWindows
 * @typedef {{type: "restart_windows"}} RestartWindows
 *
 * Page to ORT worker: start ORT, load models.
 * @typedef {object} OpenModel
 * @property {"open_model"} type
 * @property {Wanted[]} models The first answers wherever no segment has one of its own.
 * @property {number[]} routes Which of them answers, by code of the segment field.
 * @property {Wanted} wasm
 * @property {Wanted} module
 * @property {"wasm" | "webgpu"} provider
 * @property {number} threads
 * @property {any} [python_port] MessagePort from the Python worker; transferred. It takes the same requests.
 *
 * Page to ORT worker or Python worker: answer what comes over this port as well.
 * @typedef {object} ServePort
 * @property {"serve_port"} type
 * @property {any} port MessagePort of another worker; transferred.
 *
 * To ORT worker: outputs for feeds.
 * @typedef {object} Run
 * @property {"run"} type
 * @property {Tensors} feeds
 * @property {Int32Array} [segments] The segment field's codes, one a row. Without them the first model answers all.
 *
 * Page to the benchmark's worker, which runs a model in plain JavaScript: load its weights. It takes `Run` as well.
 * @typedef {object} OpenNetwork
 * @property {"open_network"} type
 * @property {Wanted} description `weights.json`.
 * @property {Wanted} weights `weights.bin`.
 * @property {string} output Name of the tensor that the network gives.
 *
 * Page to a worker that measures one model: start ORT by itself, then load the model.
 * @typedef {object} OpenVariant
 * @property {"open_variant"} type
 * @property {Wanted} model
 * @property {Wanted} wasm
 * @property {Wanted} module
 * @property {"wasm" | "webgpu"} provider
 * @property {number} threads
 *
 * Page to such a worker: run once, and keep the feeds for what is timed.
 * @typedef {{type: "feed_variant", feeds: Tensors}} FeedVariant
 *
 * Page to such a worker: time runs on the feeds that it keeps.
 * @typedef {object} TimeVariant
 * @property {"time_variant"} type
 * @property {number} warm_ups Runs before the first sample, not counted.
 * @property {number} samples
 * @property {number} calls Runs a sample, one after the other.
 *
 * Page to such a worker: how much memory ORT has.
 * @typedef {{type: "weigh_variant"}} WeighVariant
 *
 * @typedef {object} Memory The runtime's WebAssembly memory, which never shrinks: what it is now is its peak.
 * @property {number} size_bytes Of the whole memory, which grows in large steps.
 * @property {number} touched_bytes Of its 4 KiB pages that were ever written to.
 *
 * Page to batch worker: what is in a file, and its first rows.
 * @typedef {object} InspectFile
 * @property {"inspect_file"} type
 * @property {any} file A Blob.
 * @property {string} name
 * @property {number} rows Of its beginning.
 *
 * Page to batch worker: keep a new job and its file.
 * @typedef {object} CreateJob
 * @property {"create_job"} type
 * @property {import("./jobs.js").JobFacts} facts
 * @property {any} file A Blob.
 *
 * Page to batch worker: take a job from where it stands to its end. `job` notices tell how far it is.
 * @typedef {object} RunJob
 * @property {"run_job"} type
 * @property {string} job Its id.
 * @property {Ground} ground
 * @property {any} port MessagePort to the worker that answers, ORT's or Python's; transferred.
 *
 * @typedef {object} Ground What of a release answers rows.
 * @property {string} release
 * @property {EncodingTable} encoding
 * @property {string | null} clock
 * @property {string | null} segment
 * @property {import("./release.js").View | null} view
 * @property {Record<string, Wanted> | null} history Files of its folder, by name.
 *
 * Page to batch worker: read no more of the job that runs; what is on its way is still answered and stored.
 * @typedef {{type: "pause_job"}} PauseJob
 *
 * Page to batch worker: how fast a model answers a file's first rows, read and sifted before.
 * @typedef {object} TimeModel
 * @property {"time_model"} type
 * @property {any} file A Blob.
 * @property {string} name
 * @property {import("./matching.js").Mapping} mapping
 * @property {Ground} ground
 * @property {any} port As of `RunJob`, to ORT's worker.
 * @property {number} runs
 *
 * Page to batch worker: of stored jobs.
 * @typedef {{type: "list_jobs"}} ListJobs
 * @typedef {{type: "end_job", job: string, status: "done" | "cancelled"}} EndJob
 * @typedef {{type: "delete_job", job: string}} DeleteJob
 * @typedef {{type: "read_results", job: string, start: number, count: number}} ReadResults
 * @typedef {{type: "read_bad_rows", job: string, start: number, count: number}} ReadBadRows
 * @typedef {{type: "save_results", job: string, format: "csv" | "parquet"}} SaveResults
 * @typedef {{type: "save_bad_rows", job: string}} SaveBadRows
 * @typedef {{type: "take_file", job: string}} TakeFile
 *
 * @typedef {RunJob | TimeModel} BatchWork What takes a while; one after the other.
 * @typedef {InspectFile | CreateJob | PauseJob | ListJobs | EndJob | DeleteJob | ReadResults | ReadBadRows | SaveResults | SaveBadRows
 *   | TakeFile} BatchQuestion What is answered meanwhile.
 * @typedef {BatchWork | BatchQuestion} BatchRequest
 *
 * @typedef {Fill | Observe | Follow | SaveWindows | RestoreWindows | RestartWindows} WindowsRequest
 * @typedef {OpenPython | Predict | WindowsRequest | ServePort} PythonRequest
 * @typedef {OpenModel | Run | ServePort} ModelRequest
 * @typedef {OpenNetwork | Run} NetworkRequest
 * @typedef {OpenVariant | FeedVariant | TimeVariant | WeighVariant} VariantRequest
 * @typedef {PythonRequest | ModelRequest | NetworkRequest | VariantRequest | BatchRequest} Request
 */

/**
 * What a request is answered with.
 *
 * @typedef {object} Results
 * @property {{contract: string, spans: Spans}} open_python The contract as JSON.
 * @property {{answers: string, spans: Spans}} predict JSON list, one answer a record; the spans "prepare" (checks and
 *   features), "run" (the model, on its worker) and "decode".
 * @property {{records: string}} fill JSON list.
 * @property {{intake: string}} observe JSON.
 * @property {{followed: string}} follow JSON: `records`, filled, and `intake`.
 * @property {{state: Uint8Array}} save_windows
 * @property {{}} restore_windows
 * @property {{}} restart_windows
 * @property {{threads: number, provider: "wasm" | "webgpu", spans: Spans}} open_model Threads that really run.
 * @property {{}} serve_port
 * @property {{outputs: Tensors, spans: Spans}} run The span "run".
 * @property {{spans: Spans}} open_network
 * @property {{threads: number, spans: Spans, memory: {runtime: Memory, loaded: Memory}}} open_variant Threads that really run;
 *   the spans "runtime_start" and "model_load"; the memory before and after the model came.
 * @property {{outputs: Tensors}} feed_variant
 * @property {{samples_ms: number[]}} time_variant Means over the runs of each sample.
 * @property {Memory} weigh_variant
 * @property {{format: "csv" | "parquet", rows: number | null, columns: import("./jobs.js").JobFacts["columns"], head: Head}} inspect_file
 * @property {{job: Job}} create_job
 * @property {{job: Job, ended: "done" | "paused" | "full" | "elsewhere"}} run_job
 * @property {{}} pause_job
 * @property {{rows: number, samples_ms: number[]}} time_model
 * @property {{jobs: Job[], elsewhere: string[]}} list_jobs `elsewhere`: ids of those that run in another tab.
 * @property {{job: Job}} end_job
 * @property {{}} delete_job
 * @property {{rows: unknown[][]}} read_results Row number, then the result columns.
 * @property {{rows: import("./jobs.js").BadRow[]}} read_bad_rows
 * @property {{file: any}} save_results A Blob.
 * @property {{file: any}} save_bad_rows A Blob.
 * @property {{file: any}} take_file A Blob: the file that a job reads.
 *
 * @typedef {object} Head The first whole rows of a file, and what is wrong with others among them.
 * @property {number[]} rows
 * @property {Record<string, import("./coded.js").Coded>} columns
 * @property {import("./errors.js").Problem[]} problems
 */

/**
 * What travels to a worker: a request with its id, or the wish to drop one. A dropped request is still answered.
 *
 * @typedef {{type: "cancel", id: number}} Cancel
 * @typedef {Request & {id: number}} Numbered
 * @typedef {Numbered | Cancel} ToWorker
 *
 * What comes back. `progress` tells of a request's downloads and phases; `failed` says that the worker can't go on, so
 * that nothing will be answered any more.
 *
 * @typedef {{type: "answer", id: number, value: any}} Answer
 * @typedef {{type: "error", id: number, error: ErrorData}} Refusal
 * @typedef {{type: "progress", part: string, loaded_bytes: number, total_bytes: number, done: boolean}} ProgressNotice
 * @typedef {{type: "failed", error: ErrorData}} Failure
 * @typedef {{type: "job", job: Job}} JobNotice How far the job is that runs.
 * @typedef {Answer | Refusal | ProgressNotice | JobNotice | Failure} FromWorker
 */

/**
 * Ends a `switch` over messages: the type checker proves that none is left over.
 *
 * @param {never} message
 * @returns {never}
 */
export function unreachable(message) {
  throw new Error(`no such message: ${JSON.stringify(message)}`);
}
