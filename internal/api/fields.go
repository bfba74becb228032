package api

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
)

// Huma has its sentences about fields in variables. Each becomes the id of a
// message and, after a space, what the message speaks of, so that a refusal can
// be written in the reader's language.
func init() {
	validation.MsgUnexpectedProperty = "field-error.unexpected"
	validation.MsgExpectedRequiredProperty = "field-error.missing %s"
	validation.MsgExpectedString = "field-error.text"
	validation.MsgExpectedNumber = "field-error.number"
	validation.MsgExpectedInteger = "field-error.whole-number"
	validation.MsgExpectedBoolean = "field-error.true-false"
	validation.MsgExpectedArray = "field-error.list"
	validation.MsgExpectedObject = "field-error.object"
	validation.MsgExpectedRFC3339Date = "field-error.date"
	validation.MsgExpectedOneOf = "field-error.one-of %s"
	validation.MsgExpectedMinLength = "field-error.min-length %d"
	validation.MsgExpectedMaxLength = "field-error.max-length %d"
	validation.MsgExpectedMinItems = "field-error.min-items %d"
	validation.MsgExpectedMaxItems = "field-error.max-items %d"
	validation.MsgExpectedMinimumNumber = "field-error.minimum %v"
	validation.MsgExpectedMaximumNumber = "field-error.maximum %v"
}

// fieldError says what is wrong with a field. Whatever else a library may say
// of it becomes "not as expected": its words may repeat what was sent.
func fieldError(lang string, d *huma.ErrorDetail) FieldError {
	field := strings.TrimPrefix(strings.TrimPrefix(d.Location, "body."), "path.")
	id, of, _ := strings.Cut(d.Message, " ")
	if !strings.HasPrefix(id, "field-error.") {
		id, of = "field-error.other", ""
	}
	if id == "field-error.missing" {
		field = strings.TrimPrefix(field+"."+of, "body.")
	}
	return FieldError{field, sentence(lang, id, "of", of)}
}
