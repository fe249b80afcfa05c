// Why something that was given is not taken, or a device not had, in words for the visitor. No DOM.

/** Nothing is wrong with the page: what it was given won't do, or it was not given it. */
export class Refusal extends Error {
  /**
   * @param {string} title what is wrong
   * @param {string} advice what to do
   */
  constructor(title, advice) {
    super(`${title} ${advice}`);
    this.name = "Refusal";
    this.title = title;
    this.advice = advice;
  }
}
