/**
 * Who answers: this device, or the site's server.
 *
 * 1. Without the visitor's consent nothing is ever sent to the server.
 * 2. With it, the device still answers whatever it can. The server is asked only where the device can't: where the pipeline could not be
 *    opened here or does not run here. What is wrong with a record is no such reason, nor is a call that was aborted.
 * 3. With the engine "cloud" it is the other way round: the server answers, and the device where that does not, and for half a
 *    minute after that first of all.
 * 4. Whoever answers, each answer says so.
 */

import { abortable } from "../../shared/abort.js";
import { asForeshoreError, ForeshoreError } from "../../shared/errors.js";

/**
 * @typedef {import("./cloud.js").Cloud} Cloud
 * @typedef {import("./engines.js").Engine} Engine
 * @typedef {import("./predictor.js").About} About
 * @typedef {import("../../shared/errors.js").ErrorKind} ErrorKind
 *
 * @typedef {object} Opened A device that can.
 * @property {Engine} engine
 * @property {About} about
 */

/** What a device says that can't: another may well be able to. */
const UNABLE = /** @type {ReadonlySet<ErrorKind>} */ (
  new Set(["unsupported", "network", "artefact", "model", "internal"])
);

/**
 * Whether an error says that this device can't, not that nobody could.
 *
 * @param {ForeshoreError} error
 */
export function saysUnable({ kind }) {
  return UNABLE.has(kind);
}

/**
 * This device as an engine, while it may still be opening, or may turn out to be unable to.
 *
 * @implements {Engine}
 */
export class Device {
  #opening;

  /** @param {Promise<Opened>} opening */
  constructor(opening) {
    this.#opening = opening;
    opening.catch(() => {}); // told to whoever asks
  }

  /** @type {Engine["answers"]} */
  async answers(records, first_row, signal, obstacle) {
    if (obstacle) throw obstacle;
    const { engine, about } = await abortable(this.#opening, signal);
    return { by: about, ...(await engine.answers(records, first_row, signal)) };
  }
}

/**
 * The device, and the server where that can't.
 *
 * @implements {Engine}
 */
export class DeviceFirst {
  #device;
  #cloud;

  /**
   * @param {Engine} device
   * @param {Cloud} cloud
   */
  constructor(device, cloud) {
    this.#device = device;
    this.#cloud = cloud;
  }

  /** @type {Engine["answers"]} */
  async answers(records, first_row, signal, obstacle) {
    try {
      return await this.#device.answers(records, first_row, signal, obstacle);
    } catch (error) {
      const failure = asForeshoreError(error);
      if (signal?.aborted || !saysUnable(failure) || !this.#cloud.consented) throw failure;
      return this.#instead(failure, records, first_row, signal);
    }
  }

  /**
   * @param {ForeshoreError} failure Of the device.
   * @param {readonly unknown[]} records
   * @param {number} first_row
   * @param {AbortSignal} [signal]
   * @returns {ReturnType<Engine["answers"]>}
   */
  async #instead(failure, records, first_row, signal) {
    this.#cloud.check(records, first_row);
    try {
      const { kind, message } = failure;
      const { by, ...answered } = await this.#cloud.predict(records, signal);
      return { ...answered, by: { ...by, device_error: { kind, message } } };
    } catch (error) {
      if (signal?.aborted) throw asForeshoreError(error);
      throw neither(failure, error);
    }
  }
}

/**
 * The server, and the device where that does not answer.
 *
 * @implements {Engine}
 */
export class CloudFirst {
  #device;
  #cloud;
  #deviceFirst;

  /**
   * @param {Engine} device
   * @param {Cloud} cloud
   */
  constructor(device, cloud) {
    this.#device = device;
    this.#cloud = cloud;
    this.#deviceFirst = new DeviceFirst(device, cloud);
  }

  /** @type {Engine["answers"]} */
  async answers(records, first_row, signal, obstacle) {
    this.#cloud.check(records, first_row);
    const cloud = this.#cloud.consented && !this.#cloud.rests && records.length > 0;
    if (!cloud) return this.#deviceFirst.answers(records, first_row, signal, obstacle);
    try {
      return await this.#cloud.predict(records, signal);
    } catch (error) {
      if (signal?.aborted) throw asForeshoreError(error);
      return this.#onDevice(error, records, first_row, signal, obstacle);
    }
  }

  /**
   * @param {unknown} reason The server's.
   * @param {Parameters<Engine["answers"]>} asked
   * @returns {ReturnType<Engine["answers"]>}
   */
  async #onDevice(reason, ...asked) {
    try {
      return await this.#device.answers(...asked);
    } catch (error) {
      const failure = asForeshoreError(error);
      throw saysUnable(failure) ? neither(failure, reason) : failure;
    }
  }
}

/**
 * What is told where nobody answers: the device's error, and the server's reason.
 *
 * @param {ForeshoreError} failure
 * @param {unknown} reason
 */
export function neither(failure, reason) {
  const told = `${failure.message}; nor did this site's server answer (${asForeshoreError(reason).message})`;
  return new ForeshoreError(failure.kind, told, { cause: failure });
}
