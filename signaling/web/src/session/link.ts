/** A secret begins with a JSON object in Base64, and ends with the 86 characters of an Ed25519 signature (RFC 7515, RFC 8037). */
const SECRET = /eyJ[\w-]*\.[\w-]+\.[\w-]{86}/;
/** A mail program encodes a link, and one that rewrites links encodes it again. */
const MAX_ENCODINGS = 3;
/** What nobody sees: white space, soft hyphens, zero-width spaces, marks of direction; and the sign of a quoted line. */
const UNSEEN = /[\s>\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
/** The end of a line that a mail in quoted-printable breaks. */
const SOFT_LINE_END = /=\r?\n/g;

/**
 * The secret of an invitation in the fragment of an address, whatever mail programs and people have put around it: a full
 * stop, brackets, quotes, line ends, percent-encoding. The server reads a text in the same way.
 */
export function findSecret(fragment: string): string | null {
  let text = fragment;
  for (let round = 0; round < MAX_ENCODINGS; round += 1) text = percentDecoded(text);
  return text.replace(SOFT_LINE_END, "").replace(UNSEEN, "").match(SECRET)?.[0] ?? null;
}

/** What is no encoding of UTF-8 stays as it is. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (octets) => {
    try {
      return decodeURIComponent(octets);
    } catch {
      return octets;
    }
  });
}
