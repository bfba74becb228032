package credential

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/mr-tron/base58"
	"github.com/piprate/json-gold/ld"
)

//go:embed contexts/credentials-v2.json
var credentialsV2 []byte

//go:embed contexts/open-badges-3.0.3.json
var openBadges []byte

// known gives the contexts of the program and refuses every other.
type known map[string]any

var loader = known{contexts[0].(string): decoded(credentialsV2), contexts[1].(string): decoded(openBadges)}

func decoded(b []byte) (v any) {
	if err := json.Unmarshal(b, &v); err != nil {
		panic(err) // a file of the program
	}
	return v
}

func (l known) LoadDocument(address string) (*ld.RemoteDocument, error) {
	doc, ok := l[address]
	if !ok {
		return nil, ld.NewJsonLdError(ld.LoadingDocumentFailed, "the context "+address+" is not known")
	}
	return &ld.RemoteDocument{DocumentURL: address, Document: doc}, nil
}

// Badge is the credential with its proof, as JSON.
func (k *Key) Badge(a Achievement) ([]byte, error) { return k.prove(k.badge(a), a.IssuedAt) }

// prove adds a proof to a document and writes it.
func (k *Key) prove(document object, created time.Time) ([]byte, error) {
	proof := object{
		"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "created": stamp(created),
		"verificationMethod": method(k.DID()), "proofPurpose": "assertionMethod",
	}
	digest, err := hashed(document, proof)
	if err != nil {
		return nil, err
	}
	proof["proofValue"] = "z" + base58.Encode(ed25519.Sign(k.private, digest))
	document["proof"] = proof
	return json.MarshalIndent(document, "", "  ")
}

// hashed is what an eddsa-rdfc-2022 proof signs (W3C, Data Integrity EdDSA
// Cryptosuites 1.0, §3.2): the hash of the canonical proof without its value,
// then that of the canonical credential without its proof.
func hashed(document, proof object) ([]byte, error) {
	config := object{"@context": document["@context"]}
	for name, value := range proof {
		if name != "proofValue" {
			config[name] = value
		}
	}
	bare := object{}
	for name, value := range document {
		if name != "proof" {
			bare[name] = value
		}
	}
	var out []byte
	for _, part := range []object{config, bare} {
		text, err := canonical(part)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		out = append(out, sum[:]...)
	}
	return out, nil
}

// canonical is RDF Dataset Canonicalization (RDFC-1.0, W3C). A term that no
// context knows would not be signed, so it is refused.
func canonical(doc object) ([]byte, error) {
	// Through JSON, so that the processor sees plain lists and maps.
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		return nil, err
	}
	o := ld.NewJsonLdOptions("")
	o.DocumentLoader, o.Algorithm, o.Format, o.SafeMode = loader, ld.AlgorithmURDNA2015, "application/n-quads", true
	normal, err := ld.NewJsonLdProcessor().Normalize(plain, o)
	if err != nil {
		return nil, fmt.Errorf("credential: %w", err)
	}
	quads, _ := normal.(string)
	if quads == "" {
		return nil, errors.New("credential: it states nothing")
	}
	return []byte(quads), nil
}

// JWT is the same credential as a VC-JWT (W3C, Securing Verifiable Credentials
// using JOSE and COSE, §3.1.1).
func (k *Key) JWT(a Achievement) (string, error) {
	b := k.badge(a)
	b["iss"] = k.DID()
	text, err := json.Marshal(b)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.EdDSA, Key: jose.JSONWebKey{Key: k.private, KeyID: method(k.DID())}},
		(&jose.SignerOptions{}).WithType("vc+jwt").WithContentType("vc"),
	)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(text)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// checkBadge verifies a credential with a Data Integrity proof.
func checkBadge(text []byte) (object, string, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var doc object
	if err := d.Decode(&doc); err != nil || d.More() {
		return nil, "", errors.New("this is no JSON object")
	}
	proof, ok := doc["proof"].(object)
	if !ok || proof["type"] != "DataIntegrityProof" || proof["cryptosuite"] != "eddsa-rdfc-2022" || proof["proofPurpose"] != "assertionMethod" {
		return nil, "", errors.New("there is no proof by eddsa-rdfc-2022")
	}
	by, _ := proof["verificationMethod"].(string)
	value, _ := proof["proofValue"].(string)
	key, err := publicKey(by)
	if err != nil {
		return nil, "", err
	}
	signature, err := base58.Decode(strings.TrimPrefix(value, "z"))
	if err != nil || !strings.HasPrefix(value, "z") {
		return nil, "", errors.New("the signature cannot be read")
	}
	if name := unsigned(doc); name != "" {
		return nil, "", errors.New("the field " + name + " is not one of a credential, so nobody signed it")
	}
	digest, err := hashed(doc, proof)
	if err != nil {
		return nil, "", err
	}
	did, _, _ := strings.Cut(by, "#")
	if !ed25519.Verify(key, digest, signature) || issuerOf(doc) != did {
		return nil, "", errors.New("the signature does not fit")
	}
	return doc, did, nil
}

// fields are those of a credential of Havn. What no context knows falls out of
// the canonical form, so nobody would have signed it.
var fields = []string{
	"@context", "id", "type", "name", "issuer", "url", "validFrom", "validUntil", "credentialSubject", "identifier", "identityType", "identityHash", "hashed",
	"achievement", "description", "inLanguage", "criteria", "narrative",
	"credentialStatus", "statusPurpose", "statusListIndex", "statusListCredential", "encodedList",
	"proof", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue",
}

// unsigned finds a field that is none of fields, anywhere in a document.
func unsigned(v any) string {
	switch v := v.(type) {
	case object:
		for name, value := range v {
			if !slices.Contains(fields, name) {
				return name
			}
			if found := unsigned(value); found != "" {
				return found
			}
		}
	case []any:
		for _, value := range v {
			if found := unsigned(value); found != "" {
				return found
			}
		}
	}
	return ""
}

// checkJWT verifies a credential as a VC-JWT.
func checkJWT(text string) (object, string, error) {
	signed, err := jose.ParseSigned(text, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil || len(signed.Signatures) != 1 {
		return nil, "", errors.New("this is no VC-JWT signed by EdDSA")
	}
	for _, part := range strings.Split(text, ".") { // one text for one token
		if _, err := base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return nil, "", errors.New("the token is not written as it was signed")
		}
	}
	header := signed.Signatures[0].Protected
	if kind, _ := header.ExtraHeaders[jose.HeaderType].(string); kind != "vc+jwt" {
		return nil, "", errors.New("the token is of another type")
	}
	key, err := publicKey(header.KeyID)
	if err != nil {
		return nil, "", err
	}
	payload, err := signed.Verify(key)
	if err != nil {
		return nil, "", errors.New("the signature does not fit")
	}
	var doc object
	if err := json.Unmarshal(payload, &doc); err != nil {
		return nil, "", errors.New("the token holds no JSON object")
	}
	did, _, _ := strings.Cut(header.KeyID, "#")
	if issuerOf(doc) != did {
		return nil, "", errors.New("the signature is another's than the issuer's")
	}
	return doc, did, nil
}

func issuerOf(doc object) string {
	switch issuer := doc["issuer"].(type) {
	case string:
		return issuer
	case object:
		id, _ := issuer["id"].(string)
		return id
	}
	return ""
}
