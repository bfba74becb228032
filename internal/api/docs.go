package api

import (
	_ "embed"
	"html/template"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
)

//go:embed docs.html
var docsHTML string

var docsPage = template.Must(template.New("docs").Parse(docsHTML))

// docs is the OpenAPI document as a page for people: every operation with what
// it takes and gives. It is made from the document, so it cannot differ from it.
func (a *API) docs(h huma.API) fiber.Handler {
	return func(c *fiber.Ctx) error {
		type operation struct {
			Method, Path, Summary string
			Open                  bool
			Params, Body, Answer  []string
			Errors                []string
		}
		var list []operation
		api := h.OpenAPI()
		for path, item := range api.Paths {
			for method, o := range map[string]*huma.Operation{"GET": item.Get, "PUT": item.Put, "POST": item.Post, "PATCH": item.Patch, "DELETE": item.Delete} {
				if o == nil {
					continue
				}
				row := operation{Method: method, Path: path, Summary: o.Summary, Open: len(o.Security) == 0}
				for _, p := range o.Parameters {
					row.Params = append(row.Params, p.Name+" ("+p.In+")")
				}
				if o.RequestBody != nil {
					for _, m := range o.RequestBody.Content {
						row.Body = fields(api, m.Schema)
					}
				}
				for status, r := range o.Responses {
					if strings.HasPrefix(status, "2") {
						for _, m := range r.Content {
							row.Answer = fields(api, m.Schema)
						}
					} else {
						row.Errors = append(row.Errors, status)
					}
				}
				slices.Sort(row.Errors)
				list = append(list, row)
			}
		}
		slices.SortFunc(list, func(a, b operation) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
		c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
		return docsPage.Execute(c, map[string]any{"Version": a.Version, "Operations": list})
	}
}

// fields names the fields of an object's schema.
func fields(api *huma.OpenAPI, s *huma.Schema) []string {
	if s == nil {
		return nil
	}
	if s.Ref != "" {
		s = api.Components.Schemas.SchemaFromRef(s.Ref)
	}
	var out []string
	for name := range s.Properties {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
