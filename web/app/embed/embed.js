import { open } from "../foreshore.js";

const eta = await open("eta");
const answer = await eta.predict({
  date: "2013-10-05",
  carrier: "DL",
  origin: "JFK",
  destination: "LAX",
  scheduled_departure: "08:30",
  scheduled_arrival: "11:45",
  departure_delay_min: null,
});
document.body.textContent = `${Math.round(answer.arrival_delay_min)} minutes late`;
