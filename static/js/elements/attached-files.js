/** The files of a question that was asked: pictures in boxes of one size, so that nothing moves when they come. */

import { html, nothing } from "../../vendor/lit.js";
import { attachmentPath } from "../api.js";
import { say } from "../say.js";
import { aboutFile, isPicture } from "../state/attached.js";
import { fileIcon } from "./icons.js";

/** @import {Attachment} from "../objects.js" */

/** @param {readonly Attachment[]} files */
export function attachedFiles(files) {
  if (!files.length) return nothing;
  return html`<ul class="files" aria-label=${say("Files of this message")}>${files.map((file) => html`<li>${isPicture(file) ? picture(file) : chip(file)}</li>`)}</ul>`;
}

/** @param {Attachment} file */
function picture({ id, name }) {
  return html`<a class="file-picture" href=${attachmentPath(id)} target="_blank" rel="noopener" title=${name}>
    <img src=${attachmentPath(id)} alt=${name} loading="lazy" decoding="async" />
  </a>`;
}

/** @param {Attachment} file */
function chip(file) {
  const { id, name } = file;
  return html`<a class="file-chip" href=${attachmentPath(id)} download=${name} title=${name}>
    ${fileIcon}<span class="file-words"><span class="file-name" dir="auto">${name}</span><span class="file-about">${aboutFile(file)}</span></span>
  </a>`;
}
