import { open } from "../foreshore.js";

const say = (/** @type {string} */ text) => document.querySelector("#answer")?.replaceChildren(text);
const flight = { date: "2013-10-05", carrier: "DL", origin: "JFK", destination: "LAX" };
const times = { scheduled_departure: "08:30", scheduled_arrival: "11:45" };
try {
  const eta = await open("eta", { onProgress: (fraction) => say(`Loading: ${Math.round(100 * fraction)} %`) });
  const departure = { departure_delay_min: 12, asked_at: "2013-10-05T12:42Z" };
  const answer = await eta.predict({ ...flight, ...times, ...departure });
  say(`Expected to arrive ${Math.round(answer.arrival_delay_min)} minutes late.`);
} catch (error) {
  say(String(error));
}
