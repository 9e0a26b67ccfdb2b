/** The few words that the loader itself says, in Parley's languages. What the chat says comes with the chat. */

/**
 * By language: open, close, unread (with its number where # stands), what cannot be loaded, and the way out of it
 * (where it is not named, it is called as opening is).
 * @type {Record<string, string>}
 */
const TABLE = {
  en: "Open chat|Close chat|# unread|Chat can’t load here|Open in a new tab",
  ar: "فتح الدردشة|إغلاق الدردشة|# غير مقروءة|غير متاحة هنا",
  de: "Chat öffnen|Chat schließen|# ungelesen|Hier nicht verfügbar",
  es: "Abrir el chat|Cerrar el chat|# sin leer|No disponible aquí",
  fr: "Ouvrir le chat|Fermer le chat|# non lus|Indisponible ici",
  ja: "チャットを開く|チャットを閉じる|未読 # 件|ここでは使えません",
  pt: "Abrir o chat|Fechar o chat|# não lidas|Indisponível aqui",
  zh: "打开聊天|关闭聊天|# 条未读|此处不可用",
};

/** @param {string} tag @returns {string[]} only one, an empty one, in a language that is not in the table */
export const wordsIn = (tag) => (TABLE[tag.slice(0, 2)] || "").split("|");
