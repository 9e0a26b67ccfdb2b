/** What the present connection has been told: which answers it follows, which requests it carried. Pure. */

/** @import {ClientFrame} from "../frames.js" */
/** @import {Place} from "./answers.js" */

/**
 * @typedef {object} Link a new connection begins empty
 * @property {ReadonlySet<string>} following answers whose deltas come by themselves
 * @property {ReadonlySet<string>} refused answers that are not followed again over this connection
 * @property {ReadonlySet<string>} sent ids of requests, and `stop:<answer>`
 * @property {ReadonlySet<string>} catching `<part> <answer>`: followed again because some was missing, until it comes
 * @property {readonly string[]} chosen ends of branches that were chosen here and that the server has not told everybody yet
 * @property {string | null} elsewhere the end of a branch that another tab went to while an answer is being written here
 */

/** @type {Link} */
export const NEW_LINK = { following: new Set(), refused: new Set(), sent: new Set(), catching: new Set(), chosen: [], elsewhere: null };

/**
 * @param {Link} link
 * @param {ClientFrame} frame
 * @returns {Link}
 */
export function afterSending(link, frame) {
  if (frame.type === "follow") return withFollowing(link, frame.answer);
  if (frame.type === "unfollow") return letGo(link, frame.answer);
  return { ...link, sent: new Set(link.sent).add(frame.type === "stop" ? `stop:${frame.answer}` : frame.id) };
}

/**
 * @param {Link} link
 * @param {string} answer
 * @returns {Link}
 */
export function withFollowing(link, answer) {
  return { ...link, following: new Set(link.following).add(answer) };
}

/**
 * What the server says of a branch that was chosen here, or did not take.
 * @param {Link} link
 * @param {string | null} leaf
 * @returns {Link}
 */
export function toldOfChoice(link, leaf) {
  const at = leaf === null ? -1 : link.chosen.indexOf(leaf);
  return at < 0 ? link : { ...link, chosen: link.chosen.toSpliced(at, 1) };
}

/**
 * No longer followed, and free to be followed again.
 * @param {Link} link
 * @param {string} answer
 * @returns {Link}
 */
export function letGo(link, answer) {
  if (!link.following.has(answer)) return link;
  const following = new Set(link.following);
  following.delete(answer);
  return { ...link, following };
}

/**
 * No longer followed, and not again over this connection.
 * @param {Link} link
 * @param {string} answer
 * @returns {Link}
 */
export function refuse(link, answer) {
  return { ...letGo(link, answer), refused: new Set(link.refused).add(answer) };
}

/**
 * Lets go of answers that miss some text, so that they are followed again from our own offset.
 *
 * Once is enough: deltas of the old following may still be on their way, and each would look like another gap.
 * Should the text not come at all, the page's check for silence over HTTP finds out.
 * @param {Link} link
 * @param {readonly Place[]} gaps where something is missing
 * @param {readonly Place[]} [grown] what goes on as it should
 * @returns {Link}
 */
export function afterGaps(link, gaps, grown = []) {
  let now = link;
  const catching = new Set(link.catching);
  for (const place of grown) catching.delete(keyOf(place));
  for (const place of gaps) {
    if (!catching.has(keyOf(place))) now = letGo(now, place.answer);
    catching.add(keyOf(place));
  }
  return { ...now, catching };
}

/** @param {Place} place */
const keyOf = ({ answer, part }) => `${part} ${answer}`;
