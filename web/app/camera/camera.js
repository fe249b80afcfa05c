// The visitor's camera: its picture for the page, its frames as pixels.

import { createPaper } from "../photo/reading.js";
import { noCameraHere, refused } from "./refused.js";

/** @typedef {import("../photo/reading.js").Image} Image */

/**
 * @typedef {object} Camera
 * @property {HTMLVideoElement} video
 * @property {() => Promise<void>} nextFrame
 * @property {() => Image} grab the frame that is shown
 * @property {() => void} close
 */

const WANTED = { video: { width: { ideal: 640 }, height: { ideal: 480 } }, audio: false };

/**
 * Asks for the camera: the browser asks the visitor.
 *
 * @param {() => void} onGone it was running, and has stopped by itself
 * @returns {Promise<Camera>}
 * @throws {import("../refusal.js").Refusal}
 */
export async function openCamera(onGone) {
  if (navigator.mediaDevices === undefined) throw noCameraHere();
  const stream = await navigator.mediaDevices.getUserMedia(WANTED).catch((reason) => {
    throw refused(reason);
  });
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  try {
    const video = await playing(stream);
    for (const track of stream.getTracks()) track.addEventListener("ended", onGone);
    return { video, nextFrame: () => nextFrame(video), grab: grabber(video), close };
  } catch (reason) {
    close();
    throw refused(reason);
  }
}

/** @param {MediaStream} stream */
async function playing(stream) {
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, srcObject: stream });
  video.setAttribute("aria-label", "The picture of your camera, mirrored");
  await video.play();
  return video;
}

/**
 * @param {HTMLVideoElement} video
 * @returns {Promise<void>}
 */
function nextFrame(video) {
  return new Promise((resolve) => {
    if (video.requestVideoFrameCallback === undefined) requestAnimationFrame(() => resolve());
    else video.requestVideoFrameCallback(() => resolve());
  });
}

/** @param {HTMLVideoElement} video */
function grabber(video) {
  let paper = createPaper(1, 1);
  return () => {
    const { videoWidth: width, videoHeight: height } = video;
    if (paper.canvas.width !== width || paper.canvas.height !== height) paper = createPaper(width, height);
    paper.context.drawImage(video, 0, 0);
    return paper.context.getImageData(0, 0, width, height);
  };
}
