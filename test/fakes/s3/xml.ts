/** Replies in S3's XML. */

const NAMES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

export const escapeXml = (text: string): string => {
  return text.replace(/[&<>"]/g, (char) => NAMES[char] ?? char);
};

export const element = (name: string, text: string | number | boolean): string => {
  return `<${name}>${escapeXml(String(text))}</${name}>`;
};

export const document = (root: string, inner: string): string => {
  return `${HEAD}<${root} xmlns="${NAMESPACE}">${inner}</${root}>`;
};

export const errorDocument = (code: string, message: string): string => {
  return `${HEAD}<Error>${element("Code", code)}${element("Message", message)}</Error>`;
};

/** Text of the first element of a small document. */
export const textOf = (xml: string, name: string): string | undefined => {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
};
