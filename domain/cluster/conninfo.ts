/** `primary_conninfo` and its like, as they may be shown: everything but the passwords (HA61). */

/** `keyword = value`, where a value may be quoted. https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING */
const PAIR = /(\w+)(\s*=\s*)('(?:[^'\\]|\\.)*'?|(?:[^\s'\\]|\\.)*)/g;
const SECRET_KEYWORDS = ['password', 'sslpassword', 'oauth_client_secret'];

export function withoutPasswords(conninfo: string): string {
  if (/^\s*postgres(ql)?:\/\//.test(conninfo)) return conninfo.replace(/(\/\/[^/@:]*):[^@/]*@/, '$1:***@').replaceAll(/([?&](?:password|sslpassword|oauth_client_secret)=)[^&]*/g, '$1***');
  return conninfo.replaceAll(PAIR, (whole, keyword: string, equals: string) => (SECRET_KEYWORDS.includes(keyword.toLowerCase()) ? `${keyword}${equals}***` : whole));
}

/** Where it dials, from the first host and port it names. */
export function dialledBy(conninfo: string): { readonly host: string; readonly port: number } {
  const values = new Map([...conninfo.matchAll(PAIR)].map(([, keyword = '', , value = '']) => [keyword.toLowerCase(), value.replace(/^'|'$/g, '').replaceAll(/\\(.)/g, '$1')]));
  const first = (keyword: string): string => (values.get(keyword) ?? '').split(',')[0]!;
  return { host: first('host') || first('hostaddr'), port: Number(first('port') || 5432) };
}
