package mongo

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/x/mongo/driver/topology"

	"havn/internal/store"
)

// Codes of the server, from src/mongo/base/error_codes.yml.
const (
	codeTooLarge    = 10334
	codeKeyTooLong  = 17280
	codeOutOfDisk   = 14031
	codeIndexExists = 85 // other options under the same name
	codeIndexKeys   = 86 // other fields under the same name
)

// translate gives the driver's errors the store's names. It is for reads, and
// for writes that are known to have failed.
func translate(err error) error {
	var server mongo.ServerError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, mongo.ErrNoDocuments):
		return store.ErrNotFound
	case errors.Is(err, mongo.ErrClientDisconnected):
		return store.ErrClosed
	case errors.Is(err, context.Canceled):
		return err
	case unreachable(err), mongo.IsNetworkError(err), mongo.IsTimeout(err):
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	case !errors.As(err, &server):
		return err
	case mongo.IsDuplicateKeyError(err):
		return taken(err)
	case server.HasErrorCode(codeTooLarge), server.HasErrorCode(codeKeyTooLong):
		return fmt.Errorf("too large: %w", store.ErrInvalid)
	case server.HasErrorCode(codeOutOfDisk):
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	}
	return err
}

// duplicate matches "E11000 duplicate key error collection: havn.people index:
// email dup key: { : \"…\" }", whose end, with the value, is not passed on.
var duplicate = regexp.MustCompile(`collection: [^ .]+\.(\S+) index: (\S+)`)

func taken(err error) error {
	m := duplicate.FindStringSubmatch(err.Error())
	switch {
	case m == nil:
		return store.ErrTaken
	case m[2] == "_id_":
		return store.ErrExists
	}
	return &store.TakenError{Collection: m[1], Index: m[2]}
}

// unreachable tells that no primary was found, so that nothing was sent.
func unreachable(err error) bool {
	return errors.As(err, new(topology.ServerSelectionError))
}

// unsettled tells that a write may have happened although it failed: the
// answer was lost, or the primary could not say that a majority has it.
func unsettled(err error) bool {
	if err == nil || unreachable(err) || errors.Is(err, mongo.ErrClientDisconnected) {
		return false
	}
	if mongo.IsNetworkError(err) || mongo.IsTimeout(err) || errors.Is(err, context.Canceled) {
		return true
	}
	var we mongo.WriteException
	if errors.As(err, &we) && we.WriteConcernError != nil {
		return true
	}
	var server mongo.ServerError
	return errors.As(err, &server) && server.HasErrorLabel("RetryableWriteError")
}

// unknown is the error of a write whose outcome could not be settled.
func unknown(err error) error { return fmt.Errorf("%w: %w", store.ErrUnknown, err) }
