package api_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/gate"
	"havn/internal/locale"
	"havn/locales"
)

func mounted(t *testing.T) (*fiber.App, map[string]any) {
	t.Helper()
	words, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	app := fiber.New()
	h := (&api.API{Locale: words, Gate: &gate.Gate{}, Version: "test"}).Mount(app)
	text, err := json.Marshal(h.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return app, doc
}

func TestTheDocumentNamesEveryRouteAndNoOther(t *testing.T) {
	app, doc := mounted(t)
	if v, _ := doc["openapi"].(string); !strings.HasPrefix(v, "3.1") {
		t.Errorf("OpenAPI %q", v)
	}
	documented := map[string]bool{}
	for path, item := range doc["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			documented[strings.ToUpper(method)+" "+path] = true
		}
	}
	param := regexp.MustCompile(`:([a-z]+)`)
	served := map[string]bool{}
	for _, stack := range app.Stack() {
		for _, r := range stack {
			p := param.ReplaceAllString(r.Path, "{$1}")
			if r.Method == "HEAD" || strings.Contains(p, "openapi") || strings.HasSuffix(p, "/docs") {
				continue
			}
			served[r.Method+" "+p] = true
		}
	}
	for route := range served {
		if !documented[route] {
			t.Errorf("served but not documented: %s", route)
		}
	}
	for route := range documented {
		if !served[route] {
			t.Errorf("documented but not served: %s", route)
		}
	}
	if len(documented) < 20 {
		t.Errorf("only %d operations", len(documented))
	}
}

func TestEveryReferenceInTheDocumentLeadsSomewhere(t *testing.T) {
	_, doc := mounted(t)
	schemas := doc["components"].(map[string]any)["schemas"].(map[string]any)
	text, _ := json.Marshal(doc)
	refs := regexp.MustCompile(`"#/components/schemas/([A-Za-z]+)"`).FindAllSubmatch(text, -1)
	if len(refs) == 0 {
		t.Fatal("no references")
	}
	for _, m := range refs {
		if _, ok := schemas[string(m[1])]; !ok {
			t.Errorf("no schema %s", m[1])
		}
	}
}
